"""Which models the studies of an outcome can inform, and with which columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from livingreview.effects.design_matrix import DesignMatrix, design_matrix
from livingreview.effects.refusal import Refusal
from livingreview.protocol.models import ModelSpecification
from livingreview.protocol.moderators import Coding


@dataclass(frozen=True)
class Specification:
    """One model, ready to be fitted to one outcome.

    Attributes
    ----------
    high_risk : frozenset of str
        Studies at high risk of bias on the outcome, of a model that asks for them.
    """

    name: str
    design: DesignMatrix
    model: ModelSpecification
    high_risk: frozenset[str] = frozenset()


def specify(
    models: dict[str, ModelSpecification],
    studies: pd.DataFrame,
    terms: pd.DataFrame,
) -> tuple[list[Specification], pd.DataFrame]:
    """Code every model for the studies of an outcome, or say why one cannot be fitted.

    Parameters
    ----------
    models : dict of ModelSpecification
        Those fitted to one outcome at a time.
    studies : DataFrame
        Rows of `livingreview.tables.effects.StudyModerators` of the outcome; may be empty.
    terms : DataFrame
        Rows of `livingreview.tables.effects.Terms` of the outcome.

    Returns
    -------
    statuses : DataFrame
        One row per model: columns of `livingreview.tables.models.Models` but the outcome.
    """
    specifications, statuses = [], []
    numeric = numeric_studies(terms)
    for name, model in models.items():
        row = {"model": name, "status": "fitted", "reason": None, "studies": 0, "left_out": None}
        try:
            if studies.empty:
                raise Refusal("no effect on this outcome can be analysed")
            _refuse_few_effects(model, terms["effect_id"].nunique())
            candidates = np.ones(len(studies), dtype=bool)
            if model.only_numeric:
                candidates = studies["study_id"].isin(numeric).to_numpy()
                if not candidates.any():
                    raise Refusal("every study reports only findings, none a number")
                if candidates.all():
                    _refuse_same(model, models)
            moderators, row["reason"] = _differing(studies, model.moderators, candidates)
            design = design_matrix(studies, moderators, candidates)
            high_risk: frozenset[str] = frozenset()
            if model.kind == "bias_adjusted":
                high_risk = frozenset(studies.loc[studies["at_high_risk"], "study_id"])
                _refuse_alike_in_risk(high_risk, design)
            specifications.append(Specification(name, design, model, high_risk))
            row["studies"] = len(design.included_studies)
            row["left_out"] = " ".join(_left_out(design)) or None
        except Refusal as refusal:
            row |= {"status": "refused", "reason": str(refusal)}
        statuses.append(row)
    return specifications, pd.DataFrame(statuses)


def _left_out(design: DesignMatrix) -> list[str]:
    """Studies that a model does without, or effects where it takes others of their study."""
    rows = zip(design.studies, design.effects, design.included, strict=True)
    used = design.included_studies
    names = (
        study if effect is None or study not in used else effect
        for study, effect, included in rows
        if not included
    )
    return list(dict.fromkeys(names))


def included_terms(terms: pd.DataFrame, design: DesignMatrix) -> pd.DataFrame:
    """Terms of the effects that a model includes, with the control arms that these need."""
    with_effect = terms["effect_id"].notna()
    of_effects = terms[with_effect]
    rows = design.of_effects([*of_effects["study_id"]], [*of_effects["effect_id"]])
    kept = pd.Series(False, index=terms.index)
    kept[with_effect] = rows.included
    return terms[kept | ~with_effect & terms["baseline_id"].isin(terms.loc[kept, "baseline_id"])]


def refuse_unless_plain(model: ModelSpecification, terms: pd.DataFrame) -> None:
    """Refuse to integrate the pooled effect alone where the model is more than that.

    `terms`: rows of `livingreview.tables.effects.Terms` of the outcome.
    """
    if terms.empty:
        raise Refusal("no effect on this outcome can be analysed")
    if model.kind != "hierarchical" or model.only_numeric or model.moderators:
        raise Refusal("the model `overall` is not a plain one")


def too_many(most_studies: int, studies: int) -> str | None:
    """Why an outcome is not sampled that has more studies than the run allows."""
    if studies <= most_studies:
        return None
    return (
        f"{studies} studies are more than the {most_studies} that may be sampled"
        " (`most_studies` in config/config.yaml)"
    )


def _refuse_few_effects(model: ModelSpecification, effects: int) -> None:
    """Refuse to fit fewer effects than a model needs."""
    if model.fewest_effects is not None and effects < model.fewest_effects:
        raise Refusal(
            f"selective printing is assessed from {model.fewest_effects} effects on; there"
            f" {'is' if effects == 1 else 'are'} {effects or 'none'}"
        )


def _refuse_alike_in_risk(high_risk: frozenset[str], design: DesignMatrix) -> None:
    """Refuse to tell bias apart where no study, or every one, is at high risk of it."""
    used = set(design.included_studies)
    if not used & high_risk:
        raise Refusal("no study is at high risk of bias")
    if used <= high_risk:
        raise Refusal("every study is at high risk of bias, so that none is without it")


def _refuse_same(model: ModelSpecification, models: dict[str, ModelSpecification]) -> None:
    """Refuse to fit the numbers alone where nothing is left out and another model has them all."""
    # How a sampler steps changes no posterior.
    of_all = model.model_copy(update={"only_numeric": False, "target_accept": None})
    for name, other in models.items():
        if other.model_copy(update={"target_accept": None}) == of_all:
            raise Refusal(f"every study reports a number: the same as the model `{name}`")


def numeric_studies(terms: pd.DataFrame) -> set[str]:
    """Studies that report a number, a test statistic among them, and not only findings."""
    return set(terms.loc[terms["kind"] != "finding", "study_id"])


def _differing(
    studies: pd.DataFrame, moderators: dict[str, Coding], candidates: NDArray[np.bool_]
) -> tuple[dict[str, Coding], str | None]:
    """Of several moderators, those in which the studies differ, and what was left out.

    Studies that tell all of the moderators may be alike in one in which all others differ; it is
    left out as well.
    """
    if len(moderators) < 2:
        return moderators, None
    stated = {
        name: _rows_stating(studies, {name: moderators[name]}, candidates) for name in moderators
    }
    differing = {name: rows for name, rows in stated.items() if rows is not None}
    while differing:
        by_all = np.logical_and.reduce(list(differing.values()))
        kept = {
            name: rows
            for name, rows in differing.items()
            if _rows_stating(studies, {name: moderators[name]}, by_all) is not None
        }
        if len(kept) == len(differing):
            break
        differing = kept
    alike = ", ".join(name.replace("_", " ") for name in moderators if name not in differing)
    if not differing:
        raise Refusal(f"the studies are alike in {alike}")
    reason = f"without {alike}: studies are alike" if alike else None
    return {name: moderators[name] for name in differing}, reason


def _rows_stating(
    studies: pd.DataFrame, moderator: dict[str, Coding], candidates: NDArray[np.bool_]
) -> NDArray[np.bool_] | None:
    """Rows that tell a moderator; None if they are alike in it."""
    try:
        return design_matrix(studies, moderator, candidates).included
    except Refusal:
        return None
