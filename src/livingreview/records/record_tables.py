"""Stage 1: from checked records to the tables that the review stands on.

Nothing is dropped in silence: every study and every effect ends in the flow
with what became of it and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from livingreview.base.documents import Document, Location, field_path
from livingreview.protocol.moderators import FOLLOW_UP
from livingreview.protocol.outcomes import Assumed
from livingreview.records.effect_labels import effect_labels
from livingreview.records.evidence.conflicts import conflicts_among
from livingreview.records.evidence.preference import flow_status, routes
from livingreview.records.evidence.route import Route
from livingreview.records.evidence.statements import SIGNIFICANT_Z
from livingreview.records.moderator_values import disputes, moderator_values
from livingreview.records.study import Effect, Study, effect_id
from livingreview.tables.records import (
    Conflicts,
    Effects,
    Flow,
    Ledger,
    ModeratorValues,
    Routes,
)
from livingreview.tables.statuses import ALTERNATIVE, ANALYSED, NOT_USABLE, SET_ASIDE

Records = list[tuple[Document, Study]]


@dataclass(frozen=True)
class RecordTables:
    """The tables of stage 1 (columns: `livingreview.tables.records`)."""

    studies: pd.DataFrame
    moderator_values: pd.DataFrame
    effects: pd.DataFrame
    routes: pd.DataFrame
    ledger: pd.DataFrame
    conflicts: pd.DataFrame
    flow: pd.DataFrame


def extract(
    records: Records,
    assumed: dict[str, Assumed],
    moderators: list[str],
    domains: list[str],
    questions: pd.DataFrame | None = None,
) -> RecordTables:
    """Read all tables of stage 1 off the records.

    Parameters
    ----------
    records
        Checked, as `read_studies` returns them.
    assumed
        What the protocol assumes of each outcome's studies, in its order.
    moderators, domains
        Moderators and risk-of-bias domains of the protocol.
    questions : DataFrame, optional
        About these records, of `livingreview.tables.records.Questions`.
    """
    effects, conflicts = [], []
    every_route: list[dict[str, Any]] = []
    for _, study in records:
        labels = effect_labels(study)
        for effect in study.effects:
            ways = routes(effect, assumed[effect.outcome], study.design.clustered)
            effects.append(_effect_row(study, effect, ways, labels.get(effect.id)))
            every_route += _route_rows(study, effect, ways)
            name = effect_id(study, effect)
            conflicts += [{"effect_id": name, **asdict(pair)} for pair in conflicts_among(ways)]
    values = [row for pair in records for row in moderator_values(*pair, moderators)]
    disputed = list(disputes(values))
    conflicts += disputed
    effect_table = Effects.frame(effects)
    study_table = pd.DataFrame([_study_row(study, moderators, domains) for _, study in records])
    return RecordTables(
        studies=study_table,
        moderator_values=ModeratorValues.frame(values),
        effects=effect_table,
        routes=Routes.frame(every_route),
        ledger=Ledger.frame([row for pair in records for row in _ledger_rows(*pair)]),
        conflicts=Conflicts.frame(conflicts),
        flow=flow(study_table, effect_table, list(assumed), disputed, questions),
    )


def _study_row(study: Study, moderators: list[str], domains: list[str]) -> dict[str, Any]:
    known_design = study.design.kind if study.design.kind != "not_known" else None
    own = {"design": known_design, FOLLOW_UP: study.follow_up_months}
    values = study.values_analysed | own
    judged = {name: study.risk_of_bias.get(name) for name in domains}
    return {
        "study_id": study.study_id,
        "label": study.citation.label,
        "year": study.citation.year,
        "citation": study.citation.text,
        "identifier": study.citation.identifier,
        "status": study.status,
        "reason": study.reason,
        "eligibility": study.eligibility,
        "about": study.people,
        "design_detail": study.design.detail,
        "notes": " ".join(study.notes) or None,
        **{f"moderator_{name}": values[name] for name in moderators},
        **{f"risk_{name}": risk.judgement if risk else None for name, risk in judged.items()},
    }


def _effect_row(
    study: Study, effect: Effect, ways: list[Route], label: str | None
) -> dict[str, Any]:
    """State what became of an effect; the first route is the one analysed."""
    first = ways[0]
    status, reason = flow_status(effect, ways)
    direction, significance = direction_of(effect, first)
    return {
        "effect_id": effect_id(study, effect),
        "study_id": study.study_id,
        "outcome": effect.outcome,
        "effect_label": label,
        "measure": effect.measure,
        "follow_up_months": effect.follow_up_months,
        "high_risk": " ".join(
            name for name, risk in study.risk_of_bias.items() if risk.is_high_for(effect.outcome)
        )
        or None,
        "treated": effect.treated,
        "control": effect.control,
        "analysed": effect.analysed,
        "status": status,
        "reason": reason,
        "kind": first.kind,
        "piece": first.piece,
        "alternative": first.alternative,
        "direction": direction,
        "significance": significance,
        "assumption": first.assumption or None,
        "kinds_reported": " ".join(dict.fromkeys(piece.kind for piece in effect.evidence)),
        "alternatives": " ".join(way.alternative for way in ways if way.usable),
    }


def direction_of(effect: Effect, way: Route) -> tuple[str, str]:
    """Direction and significance as stated, or as the numbers of the route imply."""
    piece = effect.evidence[way.piece]
    if piece.kind == "finding":
        return piece.direction, piece.significance
    z = way.z_printed
    sign = way.value if z is None else z
    if sign is None:
        return "unclear", "not_stated"
    direction = "increase" if sign > 0 else "decrease" if sign < 0 else "none"
    if z is None:
        # A number without its precision: what the source says of the same direction.
        stated = (p for p in effect.evidence if p.kind == "finding" and p.direction == direction)
        return direction, next((p.significance for p in stated), "not_stated")
    return direction, "significant" if abs(z) > SIGNIFICANT_Z else "not_significant"


# What a route allows for, by whether its source adjusted; nothing where it is not said.
ADJUSTMENTS = {True: "adjusted", False: "unadjusted", None: None}


def _route_rows(study: Study, effect: Effect, ways: list[Route]) -> Iterator[dict[str, Any]]:
    """Every route of an effect with what became of it, the unusable ones included."""
    for rank, way in enumerate(ways):
        status, reason = ANALYSED if rank == 0 else ALTERNATIVE, None
        if not way.usable:
            status, reason = NOT_USABLE, way.reason
        elif effect.set_aside is not None:
            status, reason = SET_ASIDE, effect.set_aside
        yield {
            "effect_id": effect_id(study, effect),
            "piece": way.piece,
            "kind": way.kind,
            "alternative": way.alternative,
            "status": status,
            "reason": reason,
            "adjustment": ADJUSTMENTS[way.adjusted],
            "value": way.value,
            "standard_error": way.error,
            "assumption": way.assumption or None,
            "formula": way.formula or None,
        }


# Fields that describe a reported value and are not one themselves.
_NOT_VALUES = {
    *("source", "note", "name", "arm", "kind", "decimals", "basis", "statistic", "measure"),
    "confirmed",
}


def _ledger_rows(document: Document, study: Study) -> Iterator[dict[str, Any]]:
    """Every value that a source reported, with the place it was read and the record line."""
    for i, effect in enumerate(document.data.get("effects", [])):
        name = effect_id(study, study.effects[i])
        for j, piece in enumerate(effect["evidence"]):
            place = ("effects", i, "evidence", j)
            for at, value, source, note in _reported(piece, place, None, None):
                yield {
                    "study_id": study.study_id,
                    "effect_id": name,
                    "field": field_path(at),
                    "value": str(value).lower() if isinstance(value, bool) else str(value),
                    "source_url": source["url"],
                    "source_locator": source["locator"],
                    "source_kind": source["kind"],
                    "note": note,
                    "record_file": document.file,
                    "record_line": document.line(at),
                }


def _reported(
    node: Any, at: Location, source: dict[str, str] | None, note: str | None
) -> Iterator[tuple[Location, Any, dict[str, str], str | None]]:
    """Leaves below a piece of evidence, with the nearest source and note."""
    if isinstance(node, dict):
        # A correlation without a source of its own is assumed, not reported.
        assumed = {"icc", "r"} if node.keys() & {"icc", "r"} and not node.get("source") else set()
        source = node.get("source") or source
        note = node.get("note") or note
        for key, child in node.items():
            if key not in _NOT_VALUES | assumed:
                yield from _reported(child, (*at, key), source, note)
    elif isinstance(node, list):
        for k, child in enumerate(node):
            yield from _reported(child, (*at, k), source, note)
    elif node is not None:
        assert source is not None
        yield at, node, source, note


def flow(
    studies: pd.DataFrame,
    effects: pd.DataFrame,
    outcomes: list[str],
    disputed: list[dict[str, Any]],
    questions: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """How many records and effects ended where, and why.

    One row per level (`record`, `effect`, `moderator`, `question`), outcome, status and reason.
    Counts add up to all records, all effects, all disputed values of moderators (rows of
    `Conflicts`), and all `questions`.
    """
    rows = [*_flow_rows("record", None, studies, "study_id")]
    for outcome in outcomes:
        rows += _flow_rows("effect", outcome, effects[effects.outcome == outcome], "effect_id")
    if disputed:
        table = pd.DataFrame(disputed).assign(status="disputed")
        table["reason"] = [
            f"{row['first']}: {row['analysed']} analysed, {row['second_says']} by another source"
            for row in disputed
        ]
        rows += _flow_rows("moderator", None, table, "effect_id")
    if questions is not None and not questions.empty:
        asked = questions["found"] + " is odd: " + questions["why"]
        table = questions.assign(reason=questions["reason"].fillna(asked))
        rows += _flow_rows("question", None, table, "study_id")
    return Flow.frame(rows)


def _flow_rows(
    level: str, outcome: str | None, table: pd.DataFrame, name: str
) -> Iterable[dict[str, Any]]:
    groups = table.groupby(["status", "reason"], dropna=False, sort=True)[name]
    for (status, reason), names in groups:
        yield {
            "level": level,
            "outcome": outcome,
            "status": status,
            "reason": None if pd.isna(reason) else reason,
            "count": len(names),
            "names": " ".join(sorted(names)),
        }
