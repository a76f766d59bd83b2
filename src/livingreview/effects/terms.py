"""Stage 2: one row per likelihood term of the effects that are analysed, and of the other routes.

An effect may be reported in several ways. `build_terms` takes the route that
stage 1 chose; `alternative_terms` gives all others, and `with_route` puts one of
them in its place, so that sensitivity analyses can run both ways.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from livingreview.effects.forms.registry import FORMS
from livingreview.protocol.outcomes import Assumed
from livingreview.records.evidence.preference import routes
from livingreview.records.evidence.route import Route
from livingreview.records.record_tables import Records
from livingreview.records.study import Effect, Study, effect_id
from livingreview.tables.effects import StudyModerators, Terms
from livingreview.tables.statuses import ANALYSED

# Which route of which effect a row belongs to; a control arm has no effect of its own.
CHOICE_COLUMNS = ["of_effect", "piece", "choice"]


def build_terms(
    records: Records, effects: pd.DataFrame, assumed: dict[str, Assumed]
) -> pd.DataFrame:
    """Likelihood terms of all analysed effects.

    Parameters
    ----------
    effects : DataFrame
        The table of stage 1, which says which route of which effect is analysed.
    assumed : dict of Assumed
        What the protocol assumes of each outcome's studies.

    Returns
    -------
    DataFrame
        Columns of `Terms`. Effects of one study that share a control arm
        share its row, so that its people are counted once.
    """
    rows: list[dict[str, Any]] = []
    controls: set[str] = set()
    for study, effect, ways, chosen in _analysed(records, effects, assumed):
        way = next(way for way in ways if (way.piece, way.alternative) == chosen)
        rows += _rows(study, effect, way, controls)
    return Terms.frame(rows)


def of_outcome(
    outcome: str,
    terms: pd.DataFrame,
    effects: pd.DataFrame,
    studies: pd.DataFrame,
    values: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Likelihood terms of one outcome, and the moderators of its studies.

    Parameters
    ----------
    terms : DataFrame
        Of all outcomes.
    effects, studies, values : DataFrame
        Tables of stage 1: `Effects`, `Studies` and `ModeratorValues`.
    """
    own = terms[terms["outcome"] == outcome]
    at_risk = (effects["outcome"] == outcome) & effects["high_risk"].notna()
    high_risk = set(effects.loc[at_risk, "study_id"])
    return own, StudyModerators.select(studies, own, values, high_risk)


def alternative_terms(
    records: Records, effects: pd.DataFrame, assumed: dict[str, Assumed]
) -> pd.DataFrame:
    """Likelihood terms of every usable route that is not the one analysed.

    Returns
    -------
    DataFrame
        Columns `CHOICE_COLUMNS` and those of `Terms`. `of_effect`, `piece` and
        `choice` (its alternative) name a route; its rows are complete, the control
        arm included, and `with_route` puts them in the place of the analysed ones.
    """
    rows = [
        {"of_effect": effect_id(study, effect), "piece": way.piece, "choice": way.alternative} | row
        for study, effect, ways, chosen in _analysed(records, effects, assumed)
        for way in ways
        if way.usable and (way.piece, way.alternative) != chosen
        for row in _rows(study, effect, way, set())
    ]
    return pd.DataFrame(rows, columns=[*CHOICE_COLUMNS, *Terms.columns()])


def with_route(
    terms: pd.DataFrame, alternatives: pd.DataFrame, effect: str, piece: int, alternative: str
) -> pd.DataFrame:
    """Terms with another route of one effect in the place of the analysed one.

    Returns columns of `Terms`. A control arm that no effect needs any more is gone; one that
    another effect brings already is not repeated.
    """
    of_piece = (alternatives["of_effect"] == effect) & (alternatives["piece"] == piece)
    added = alternatives.loc[of_piece & (alternatives["choice"] == alternative), Terms.columns()]
    if added.empty:
        raise KeyError((effect, piece, alternative))
    others = terms[terms["effect_id"] != effect]
    with_effect = others["effect_id"].notna()
    needed = others["baseline_id"].isin(others.loc[with_effect, "baseline_id"])
    others = others[with_effect | needed]
    added = added[~added["term_id"].isin(others["term_id"])]
    # Records, as pandas would look for a common type in columns that one part leaves empty.
    rows = [row for part in (others, added) for row in part.to_dict("records")]
    return Terms.frame(rows)


def _analysed(
    records: Records, effects: pd.DataFrame, assumed: dict[str, Assumed]
) -> Iterator[tuple[Study, Effect, list[Route], tuple[int, str]]]:
    """Analysed effects with their routes, and the piece and alternative chosen."""
    table = effects[effects["status"] == ANALYSED]
    chosen = {
        name: (int(piece), str(alternative))
        for name, piece, alternative in zip(
            table["effect_id"], table["piece"], table["alternative"], strict=True
        )
    }
    for _, study in records:
        for effect in study.effects:
            if (name := effect_id(study, effect)) in chosen:
                ways = routes(effect, assumed[effect.outcome], study.design.clustered)
                yield study, effect, ways, chosen[name]


def _rows(study: Study, effect: Effect, way: Route, controls: set[str]) -> list[dict[str, Any]]:
    """Rows of one effect; a control arm that is already in is not repeated."""
    name = effect_id(study, effect)
    rows = []
    for term in way.terms:
        # Rows of arms share the level of their control arm; others have one of their own, if any.
        of_control, baseline = False, name if FORMS[term.likelihood].has_baseline else None
        if term.arm:
            of_control = term.arm == effect.control
            control = next(t for t in way.terms if t.arm == effect.control)
            baseline = (
                f"{study.study_id}/{effect.outcome}/{effect.control}/"
                f"{control.events:.10g}_of_{control.total:.10g}"
            )
            if of_control and baseline in controls:
                continue
            controls.add(baseline)
        rows.append(
            {
                "term_id": f"{baseline if of_control else name}/{term.likelihood}",
                "effect_id": None if of_control else name,
                "study_id": study.study_id,
                "outcome": effect.outcome,
                "kind": way.kind,
                "alternative": way.alternative,
                "baseline_id": baseline,
                "treated": int(not of_control) if term.arm else None,
                **{column: None if value == "" else value for column, value in vars(term).items()},
                "assumption": way.assumption or None,
                "formula": way.formula,
            }
        )
    return rows
