"""The tables of the README, made from the CSV files beside it."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
from cases import cases
from simulated_reviews import settings

HERE = Path(__file__).resolve().parent
_BLOCK = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", flags=re.DOTALL)
SYMBOLS = {"mu": "μ", "tau": "τ", "omega": "ω"}


def write() -> None:
    """Write the README with its tables made anew."""
    readme = HERE / "README.md"
    readme.write_text(written(readme.read_text(encoding="utf-8")), encoding="utf-8")


def written(text: str) -> str:
    """A text with each block between `<!-- table: name -->` and `<!-- end -->` made anew."""
    made = {"cases": _cases, "recovery": _recovery}
    return _BLOCK.sub(lambda m: m[1] + _markdown(made[m[2]]()) + m[3], text)


def _cases() -> list[list[str]]:
    """Answers before and after."""
    before, after = (pd.read_csv(HERE / f"{n}.csv").set_index("case") for n in ("before", "after"))
    heads = ["case", "before", "P(more)", "after", "P(more)"]
    rows = []
    for case in cases():
        cells = [case.words]
        for table in (before, after):
            row = table.loc[case.name]
            sampled = " (sampled)" if row["engine"] == "nuts" else ""
            odds = f"{row['odds_ratio']:.2f} ({row['low']:.2f} to {row['high']:.2f}){sampled}"
            if pd.notna(row["weight"]):
                odds += f"; {row['significant']:.0f} significant, weight {row['weight']:.2f}"
            cells += [odds, f"{row['p_more']:.2f}"]
        rows.append(cells)
    return [heads, *rows]


def _recovery() -> list[list[str]]:
    """Coverage and bias before and after."""
    names = ["setting", "quantity"]
    before, after = (
        pd.read_csv(HERE / f"recovery_{n}.csv").set_index(names) for n in ("before", "after")
    )
    words = {s.name: s.words for s in settings()}
    heads = ["studies", "", "truth", "coverage before", "after", "bias before", "after"]
    rows = []
    for at, row in after.iterrows():
        told = before.loc[at] if at in before.index else None
        rows.append(
            [words[at[0]], SYMBOLS[at[1]], f"{row['truth']:g}".replace("-", "−")]
            + [f"{r['coverage']:.3f}" if r is not None else "" for r in (told, row)]
            + [_bias(r) if r is not None else "" for r in (told, row)]
        )
    return [heads, *rows]


def _bias(row: pd.Series) -> str:
    return f"{row['bias']:+.3f} ± {row['bias_error']:.3f}".replace("-", "−")


def _markdown(rows: list[list[str]]) -> str:
    heads, *body = rows
    lines = [heads, ["---"] * len(heads), *body]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
