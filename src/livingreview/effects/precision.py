"""Stage 2: how many people each analysed effect is of, and what it could have called significant.

A statement says only on which side of a limit the study's z fell. The smallest effect that the
study could have called significant, 1.96 s on the log scale, says how much that tells.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from livingreview.effects.data_set import dataset
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.tables.effects import Precision

# Of a two-sided test at 5%, the level that statements without one refer to.
SIGNIFICANT_Z = 1.96


def precision_table(terms: pd.DataFrame, priors: BaselinePriors) -> pd.DataFrame:
    """Table `Precision` of one outcome.

    Parameters
    ----------
    terms : DataFrame
        Rows of `livingreview.tables.effects.Terms` of one outcome; may be empty.
    priors : BaselinePriors
        What the protocol assumes of the arms of its studies.
    """
    if terms.empty:
        return Precision.frame([])
    terms = terms.astype(dict.fromkeys(["events", "total", "n_treated", "n_control"], float))
    data = dataset(terms, priors)
    errors = np.full(len(data.effects), np.nan)
    for form in data.forms.values():
        form.set_printing_errors(errors, data.baseline_prior)
    controls = terms[terms["treated"] == 0].set_index("baseline_id").to_dict("index")
    of_effect = terms.dropna(subset="effect_id").set_index("effect_id").to_dict("index")
    rows = []
    for i, name in enumerate(data.effects):
        term = of_effect[name]
        control = controls.get(term["baseline_id"], {})
        people = float(data.people[i])
        rows.append(
            {"effect_id": name, "study_id": term["study_id"], "outcome": term["outcome"]}
            | {"has_number": bool(data.has_number[i]), "people": people}
            | {"people_known": bool(np.isclose(_people_given(term, control), people))}
            | {"events": _events(term, control), "standard_error": errors[i]}
            | {"smallest_significant": SIGNIFICANT_Z * errors[i]}
        )
    order = list(of_effect)
    return Precision.frame(sorted(rows, key=lambda row: order.index(row["effect_id"])))


def _people_given(term: dict[str, Any], control: dict[str, Any]) -> Any:
    """People in both groups where a source gives them; NaN where it gives one group or none."""
    if control:
        return term["total"] + control["total"]
    return term["n_treated"] + term["n_control"]


def _events(term: dict[str, Any], control: dict[str, Any]) -> Any:
    """Events in both groups where they were counted."""
    return term["events"] + control["events"] if control else np.nan
