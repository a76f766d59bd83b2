"""Stage 8: the results of a review for other programs, `8_report/results.json`.

Each part holds rows of a result table, and `files` says of which, so that every number can be
found there in the column of its own name.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Annotated, Any, Literal, get_args, get_origin

import pandas as pd
from pydantic import Field, JsonValue

from livingreview.base.measures import MeasureName
from livingreview.base.types import Identifier
from livingreview.base.validation import Strict
from livingreview.effects.design_matrix import ALL_STUDIES
from livingreview.protocol.amendments import Amendment
from livingreview.protocol.models import OVERALL
from livingreview.protocol.review import Protocol
from livingreview.tables.checks import Checks
from livingreview.tables.models import Models
from livingreview.tables.records import Flow
from livingreview.tables.registry import table_of
from livingreview.tables.report import Certainties, SummaryOfFindings
from livingreview.tables.rows import RowOf
from livingreview.tables.sensitivity import (
    FlippingBias,
    LeftTwoOut,
    MultiverseSummary,
    NextTrialSummary,
    ReadingList,
    UnreportedStudies,
    Variations,
)
from livingreview.tables.synthesis import Conclusions, Contrasts, Moderators, SizesLearnt, Summary
from livingreview.tables.updates import PrismaFlow

# A condition index may be infinite; `aliased_with` says what follows from it.
_MODERATORS = RowOf(Moderators, leave_out=frozenset({"condition_index"}))


class OutcomeResult(Strict):
    """What is said of one outcome, over all studies."""

    outcome: Identifier
    label: str
    people: str = Field(description="Whom figures per 1,000 are counted over.")
    better: Literal["lower", "higher"]
    caution: str = Field(description="What a reader must bear in mind.")
    overall: Annotated[Any, RowOf(Summary)] | None = Field(
        description="The row of `settings` for the overall model at all studies; null when no"
        " effect could be analysed, or of too many studies to sample integration cannot serve it."
    )


class CheckCounts(Strict):
    """How the checks of fits and evidence fell."""

    passed: int = Field(ge=0)
    warned: int = Field(ge=0, description="The rows of `warnings`.")
    stopped: int = Field(ge=0, description="Such a check stops a build: 0 in finished results.")


class MadeWith(Strict):
    """What the results were computed from and with; 9_audit/manifest.json has the commit."""

    protocol_file: str
    protocol_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    seed: int
    sampler: dict[str, JsonValue]
    python: str
    packages: dict[str, str] = Field(description="Versions that the lock names.")


class MeasureOfEffects(Strict):
    """What all effects are measured by."""

    name: MeasureName
    unit: str = Field(description="Of a difference; empty for a ratio.")
    no_difference: float = Field(description="The effect where there is none: 1 or 0.")
    scale_of_models: Literal["log", "as it is"] = Field(
        description="Of quantiles, `tau` and coefficients: the log of a ratio, or a difference."
    )
    practically_none: float = Field(
        description="Limit of practically no difference: a ratio, and its inverse; or either way."
    )


class Results(Strict):
    """The content of 8_report/results.json."""

    format: Literal[2] = Field(description="Of this file, not of its content.")
    review: Identifier
    title: str
    question: str
    treated: str
    control: str
    measure: MeasureOfEffects
    outcomes: list[OutcomeResult]
    files: dict[str, str] = Field(description="Below the results folder: the table of each part.")
    flow: list[Annotated[Any, RowOf(Flow)]] = Field(
        description="How many records and effects ended where, and why."
    )
    prisma: list[Annotated[Any, RowOf(PrismaFlow)]] = Field(
        description="The flow of PRISMA 2020, beside that of the last release."
    )
    findings: list[Annotated[Any, RowOf(SummaryOfFindings)]] = Field(
        description="The summary of findings: evidence, answer and certainty of each outcome."
    )
    certainty: list[Annotated[Any, RowOf(Certainties)]] = Field(
        description="The steps behind each certainty: numbers, limits, decisions."
    )
    settings: list[Annotated[Any, RowOf(Summary)]] = Field(
        description="Every fit at every setting."
    )
    sizes_learnt: list[Annotated[Any, RowOf(SizesLearnt)]] = Field(
        description="Whether the size of each effect is learnt from the studies, and why not."
    )
    models: list[Annotated[Any, RowOf(Models)]] = Field(
        description="Every model on every outcome: fitted, or refused and why."
    )
    moderators: list[Annotated[Any, _MODERATORS]] = Field(
        description="Every difference between studies that was looked at."
    )
    contrasts: list[Annotated[Any, RowOf(Contrasts)]] = Field(
        description="Outcomes against each other."
    )
    conclusions: list[Annotated[Any, RowOf(Conclusions)]] = Field(
        description="Published conclusions, held against these results."
    )
    variations: list[Annotated[Any, RowOf(Variations)]] = Field(
        description="One choice changed at a time; on the scale of models, as `measure` says."
    )
    all_choices: list[Annotated[Any, RowOf(MultiverseSummary)]] = Field(
        description="Range over all choices at once; on the same scale."
    )
    left_two_out: list[Annotated[Any, RowOf(LeftTwoOut)]] = Field(
        description="The planned analysis without each pair of studies; on the same scale."
    )
    unreported: list[Annotated[Any, RowOf(UnreportedStudies)]] = Field(
        description="How many unreported studies without effect would take a direction away."
    )
    flipping_bias: list[Annotated[Any, RowOf(FlippingBias)]] = Field(
        description="The bias of studies at high risk that would change a verdict, either way."
    )
    next_trial: list[Annotated[Any, RowOf(NextTrialSummary)]] = Field(
        description="The smallest trial that would move each verdict towards a true effect."
    )
    reading_list: list[Annotated[Any, RowOf(ReadingList)]] = Field(
        description="The full texts worth ordering first, and what their counts would do."
    )
    amendments: list[Amendment] = Field(
        description="Rules of the protocol that changed after records were read."
    )
    checks: CheckCounts
    warnings: list[Annotated[Any, RowOf(Checks)]] = Field(
        description="Checks that warn: where a result is fragile."
    )
    made_with: MadeWith


ROWS: dict[str, RowOf] = {
    part: get_args(get_args(field.annotation)[0])[1]
    for part, field in Results.model_fields.items()
    if get_origin(field.annotation) is list and part not in ("outcomes", "amendments")
}
FILES = {part: row.table.file.replace("{outcome}", "<outcome>") for part, row in ROWS.items()}


def results_of(
    protocol: Protocol, tables: dict[str, pd.DataFrame], run: dict[str, Any], identity: str
) -> Results:
    """Gather the results of a review.

    Parameters
    ----------
    protocol : Protocol
    tables : dict of DataFrame
        By their files below the results folder.
    run : dict
        Content of 9_audit/run_config.yaml.
    identity : str
        SHA-256 of the protocol's file.
    """
    parts = _rows_by_part(tables)
    verdicts = Counter(check["verdict"] for check in parts["warnings"])
    parts["warnings"] = [check for check in parts["warnings"] if check["verdict"] == "warn"]
    overall = {
        row["outcome"]: row
        for row in parts["settings"]
        if row["model"] == OVERALL and row["setting"] == ALL_STUDIES
    }
    return Results(
        format=2,
        review=protocol.review,
        title=protocol.title,
        question=protocol.question,
        treated=protocol.treated,
        control=protocol.control,
        measure=_measure(protocol),
        outcomes=[
            OutcomeResult(
                outcome=name,
                overall=overall.get(name),
                **{key: getattr(outcome, key) for key in ("label", "people", "better", "caution")},
            )
            for name, outcome in protocol.outcomes.items()
        ],
        files=FILES,
        amendments=protocol.amendments,
        checks=CheckCounts(
            passed=verdicts["pass"], warned=verdicts["warn"], stopped=verdicts["stop"]
        ),
        made_with=_made_with(protocol, run, identity),
        **parts,
    )


def _measure(protocol: Protocol) -> MeasureOfEffects:
    measure = protocol.measure
    return MeasureOfEffects(
        name=measure.name,
        unit=measure.unit,
        no_difference=measure.null,
        scale_of_models="log" if measure.is_ratio else "as it is",
        practically_none=measure.limit,
    )


def _made_with(protocol: Protocol, run: dict[str, Any], identity: str) -> MadeWith:
    return MadeWith(
        protocol_file=f"config/reviews/{protocol.review}.yaml",
        protocol_sha256=identity,
        seed=run["config"]["seed"],
        sampler=run["config"]["sampler"],
        python=run["python"],
        packages=run["packages"],
    )


def _rows_by_part(tables: dict[str, pd.DataFrame]) -> dict[str, list[dict[str, Any]]]:
    """Rows of the result tables, by the part of the results that lists them."""
    parts: dict[str, list[dict[str, Any]]] = {part: [] for part in ROWS}
    for part, row in ROWS.items():
        for file, table in tables.items():
            if table_of(file) is row.table:
                parts[part] += row.rows(table)
    return parts


def results_text(results: Results) -> str:
    """Text of the file, ending with a line break."""
    return json.dumps(results.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"
