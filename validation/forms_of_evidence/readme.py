"""The tables of the README, made from the CSV files beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd

_BLOCK = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", flags=re.DOTALL)
ASKED = ["counts", "percentages", "odds_ratio", "chi_squared", "finding"]
SYMBOLS = {"mu": "μ", "tau": "τ", "theta_new": "θ new"}


def written(text: str, folder: Path) -> str:
    """The README with each block between `<!-- table: name -->` and `<!-- end -->` made anew."""
    forms = pd.read_csv(folder / "forms.csv")
    recovery = pd.read_csv(folder / "recovery.csv")
    asked = forms["form"].isin(ASKED)
    tables: dict[str, Callable[[], list[list[str]]]] = {
        "forms": lambda: _forms(forms[asked]),
        "reasons": lambda: _reasons(forms),
        "information": lambda: _information(forms),
        "findings": lambda: _recovery(recovery[~_joint(recovery)]),
        "joint": lambda: _recovery(recovery[_joint(recovery)]),
    }
    return _BLOCK.sub(lambda m: m[1] + _markdown(tables[m[2]]()) + m[3], text)


def _joint(recovery: pd.DataFrame) -> pd.Series:
    return recovery["simulation"].str.startswith("joint")


def _forms(forms: pd.DataFrame) -> list[list[str]]:
    """Every statistic of every quantity."""
    names = ["mean", "sd", "q2_5", "q5", "q50", "q95", "q97_5"]
    heads = ["form", "trials", "", "mean", "SD", "2.5%", "5%", "50%", "95%", "97.5%"]
    rows = [
        [_words(row["form"]), str(row["trials"]), SYMBOLS[row["quantity"]]]
        + [_signed(row[name]) for name in names]
        for _, row in forms.iterrows()
    ]
    return [heads, *rows]


def _reasons(forms: pd.DataFrame) -> list[list[str]]:
    """Means and SDs of all forms, and how far each mean of mu is from that of the counts."""
    mu, tau = (forms[forms["quantity"] == q].set_index("form") for q in ("mu", "tau"))
    rows = [
        [
            _words(form),
            str(mu["trials"][form]),
            f"{_signed(mu['mean'][form])} ({mu['sd'][form]:.3f})",
            f"{_signed(tau['mean'][form])} ({tau['sd'][form]:.3f})",
            _signed(mu["mean"][form] - mu["mean"]["counts"]),
        ]
        for form in mu.index
    ]
    return [["form", "trials", "μ mean (SD)", "τ mean (SD)", "μ less that of counts"], *rows]


def _information(forms: pd.DataFrame) -> list[list[str]]:
    """Share of the information that findings keep: the ratio of posterior variances."""
    sd = forms.pivot(index="quantity", columns="form", values="sd")
    rows = [
        [symbol, f"{sd['counts'][q]:.3f}", f"{sd['finding'][q]:.3f}", f"{_kept(sd, q):.0%}"]
        for q, symbol in SYMBOLS.items()
    ]
    return [["", "SD, counts", "SD, findings", "information kept"], *rows]


def _kept(sd: pd.DataFrame, quantity: str) -> float:
    return float((sd["counts"][quantity] / sd["finding"][quantity]) ** 2)


def _recovery(recovery: pd.DataFrame) -> list[list[str]]:
    """Coverage with its bounds, and bias with its error."""
    rows = [
        [
            _words(row["simulation"]),
            SYMBOLS.get(row["quantity"], _words(row["quantity"])),
            "prior" if pd.isna(row["truth"]) else f"{row['truth']:g}",
            str(row["data_sets"]),
            f"{row['coverage']:.1%}",
            f"{row['least']:.1%} to {row['most']:.1%}",
            f"{_signed(row['bias'])} ± {row['bias_error']:.3f}",
            f"{row['sd']:.3f}",
            str(row["divergences"]),
        ]
        for _, row in recovery.iterrows()
    ]
    heads = ["studies", "", "truth", "data sets", "coverage of 90%", "by chance"]
    return [[*heads, "bias ± error", "mean SD", "divergences"], *rows]


def _words(name: str) -> str:
    return name.replace("_", " ")


def _signed(value: float) -> str:
    return f"{value:.3f}".replace("-", "−")


def _markdown(rows: list[list[str]]) -> str:
    heads, *body = rows
    lines = [heads, ["---"] * len(heads), *body]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
