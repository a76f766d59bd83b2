"""Write the tables of this folder and put them into its README.

`forms.csv`: the 13 BCG trials reported in each form, and the posterior of each.
`recovery.csv`: coverage and bias where truth is known. From the root of the repository:
``PYTHONPATH=src .venv/bin/python validation/forms_of_evidence/compare.py``; with ``forms`` or
``recovery`` behind it, only that table.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
from forms import (
    UNROUNDED,
    Trial,
    chi_squared,
    counts,
    finding,
    odds_ratio,
    odds_ratio_of_many_events,
    percentages,
    reported_as,
    with_control_share,
    z_of_log_odds_ratio,
)
from known_truth import recovered, summary
from pipeline import Evidence, posterior, reported, with_alternative
from readme import written
from simulations import simulations

HERE = Path(__file__).parent
REVIEW, OUTCOME = "bcg_vaccine", "tuberculosis"


def in_form(form: Callable[[Trial], list[dict]]) -> Evidence:
    """The 13 trials in one form."""
    return reported(REVIEW, OUTCOME, lambda record: reported_as(record, form))


# What is asked first, then what takes the differences apart.
FORMS: dict[str, Callable[[], Evidence]] = {
    "counts": lambda: in_form(counts),
    "percentages": lambda: in_form(percentages),
    "odds_ratio": lambda: in_form(odds_ratio),
    "chi_squared": lambda: in_form(chi_squared),
    "finding": lambda: in_form(finding),
    "percentages_lowest": lambda: with_alternative(in_form(percentages), "lowest"),
    "percentages_highest": lambda: with_alternative(in_form(percentages), "highest"),
    "odds_ratio_unrounded": lambda: in_form(partial(odds_ratio, decimals=UNROUNDED)),
    "odds_ratio_of_many_events": lambda: in_form(odds_ratio_of_many_events),
    "z": lambda: in_form(z_of_log_odds_ratio),
    "z_with_control_share": lambda: in_form(with_control_share(z_of_log_odds_ratio)),
    "chi_squared_with_control_share": lambda: in_form(with_control_share(chi_squared)),
}


def form_table(names: list[str]) -> pd.DataFrame:
    """Posterior of the overall model in each form, and the trials that had a term."""
    parts = {}
    for name in names:
        found = FORMS[name]()
        figures = posterior(found)
        figures.insert(0, "trials", found.terms["study_id"].nunique())
        parts[name] = figures
    return pd.concat(parts, names=["form"]).reset_index()


def recovery_table() -> pd.DataFrame:
    """Coverage and bias in every simulation."""
    parts = {name: summary(recovered(one)) for name, one in simulations().items()}
    return pd.concat(parts, names=["simulation"]).reset_index(level=0)


def main(parts: list[str]) -> None:
    """Write the tables that are named, or both, then the README."""
    tables = {"forms": lambda: form_table(list(FORMS)), "recovery": recovery_table}
    for name in parts or tables:
        tables[name]().round(6).to_csv(HERE / f"{name}.csv", index=False)
    readme = HERE / "README.md"
    readme.write_text(written(readme.read_text(encoding="utf-8"), HERE), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
