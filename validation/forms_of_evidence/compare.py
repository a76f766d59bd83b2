"""Write the tables of this folder and put them into its README.

`forms.csv`: the 13 BCG trials reported in each form, and the posterior of each.
`recovery.csv`: coverage and bias where truth is known. From the root of the repository:
``PYTHONPATH=src .venv/bin/python validation/forms_of_evidence/compare.py``
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
from forms import (
    UNROUNDED,
    Trial,
    chi_squared,
    chi_squared_bounds,
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
from pipeline import Evidence, posterior, records, reported, with_alternative, with_bounds
from readme import written
from simulations import simulations

HERE = Path(__file__).parent
REVIEW, OUTCOME = "bcg_vaccine", "tuberculosis"


def in_form(form: Callable[[Trial], list[dict]]) -> Evidence:
    """The 13 trials in one form."""
    return reported(REVIEW, OUTCOME, lambda record: reported_as(record, form))


def chi_squared_as_interval() -> Evidence:
    """Chi-squared as a statement on z: a finding whose interval is as narrow as its rounding."""
    trials = {record["study_id"]: Trial.of(record) for record in records(REVIEW)}
    bounds = {name: chi_squared_bounds(trial) for name, trial in trials.items()}
    return with_bounds(in_form(finding), bounds)


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
    "chi_squared_as_interval": chi_squared_as_interval,
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


def main() -> None:
    """Write both tables, then the README."""
    form_table(list(FORMS)).round(6).to_csv(HERE / "forms.csv", index=False)
    recovery_table().round(6).to_csv(HERE / "recovery.csv", index=False)
    readme = HERE / "README.md"
    readme.write_text(written(readme.read_text(encoding="utf-8"), HERE), encoding="utf-8")


if __name__ == "__main__":
    main()
