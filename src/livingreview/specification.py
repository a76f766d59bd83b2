"""Which models the studies of an outcome can inform, and with which columns."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from livingreview.moderators import DesignMatrix, Refusal, design_matrix
from livingreview.protocol import ModelSpecification, Priors


@dataclass(frozen=True)
class Specification:
    """One model, ready to be fitted to one outcome."""

    name: str
    design: DesignMatrix
    priors: Priors


def specify(
    models: dict[str, ModelSpecification], studies: pd.DataFrame
) -> tuple[list[Specification], pd.DataFrame]:
    """Code every model for the studies of an outcome, or say why one cannot be fitted.

    Parameters
    ----------
    models : dict of ModelSpecification
        From the protocol.
    studies : DataFrame
        Rows of `livingreview.tables.Studies` that carry the outcome; may be empty.

    Returns
    -------
    specifications : list of Specification
    refused : DataFrame
        Columns ``model`` and ``reason``.
    """
    specifications, refused = [], []
    for name, model in models.items():
        try:
            if studies.empty:
                raise Refusal("no effect on this outcome can be analysed")
            design = design_matrix(studies, model.moderators)
            specifications.append(Specification(name, design, model.priors))
        except Refusal as refusal:
            refused.append({"model": name, "reason": str(refusal)})
    return specifications, pd.DataFrame(refused, columns=["model", "reason"], dtype=str)
