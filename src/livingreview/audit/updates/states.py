"""All of a review that an update can change: methods, records, likelihood terms and results.

A release is such a state, frozen; the current build is one too, so that the two compare
like with like (`livingreview.audit.updates.comparison`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import Field, JsonValue, field_validator, model_validator

from livingreview.base.documents import Document
from livingreview.base.types import Identifier
from livingreview.base.validation import Strict
from livingreview.protocol.models import OVERALL, ModelSpecification
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.review import Protocol, SamplingCorrelation
from livingreview.records.study import Study
from livingreview.tables.effects import Terms
from livingreview.tables.models import Pooled
from livingreview.tables.records import Studies
from livingreview.tables.synthesis import Summary

QUANTITIES = ("mu", "tau", "theta_new")
# A number, a text, or an infinite bound of an interval, which JSON has no number for.
Cell = float | int | str
# Columns of terms by the name that they had.
RENAMED = {"log_odds_ratio": "value"}
# Columns of verdicts, and fields of the protocol below their sections, by the name that they had.
RENAMED_VERDICTS = {f"odds_ratio{end}": f"effect{end}" for end in ("", "_low", "_high")}
RENAMED_FIELDS = {
    ("decisions",): {"practically_none_odds_ratio": "practically_none_effect"},
    ("checks",): {"prior_odds_ratio_at_most": "prior_effect_at_most"},
    ("sensitivity", "next_trial"): {"true_odds_ratios": "true_effects"},
}
Share = Annotated[float, Field(ge=0, le=1)]


def _renamed(row: Any, names: Mapping[str, str]) -> Any:
    """A mapping with other names; anything else as it is."""
    return {names.get(n, n): x for n, x in row.items()} if isinstance(row, dict) else row


def _renamed_below(data: Any, at: tuple[str, ...], names: Mapping[str, str]) -> Any:
    """Nested data with other names in the mapping at a place."""
    if not at:
        return _renamed(data, names)
    if not isinstance(data, dict) or at[0] not in data:
        return data
    return data | {at[0]: _renamed_below(data[at[0]], at[1:], names)}


class Analysis(Strict):
    """What the overall fit of one outcome is made of: enough to refit it by integration."""

    model: ModelSpecification
    baseline: BaselinePriors
    terms: list[dict[str, Cell]] = Field(
        description="Rows of 2_effects/<outcome>.csv, empty cells left out; infinities as text."
    )

    @field_validator("terms", mode="before")
    @classmethod
    def _columns_have_todays_names(cls, terms: Any) -> Any:
        if not isinstance(terms, list):
            return terms
        # Releases until November 2026.
        return [_renamed(row, RENAMED) for row in terms]

    def frame(self) -> pd.DataFrame:
        """Terms as the table that stage 2 wrote."""
        return Terms.validate(Terms.frame(self.terms))


class Headline(Strict):
    """One pooled quantity of an overall fit, on the scale of θ."""

    fit: str
    engine: Literal["nuts", "quadrature"]
    quantity: Literal["mu", "tau", "theta_new"]
    mean: float
    sd: Annotated[float, Field(ge=0)]
    q2_5: float
    q50: float
    q97_5: float
    p_above_zero: Share
    mcse: Annotated[float, Field(ge=0)] | None = Field(
        default=None, description="Of the mean: sd over the root of the effective sample size."
    )


class VerdictReached(Strict):
    """One row of 5_synthesis/summary.csv: what is said of one fit in one setting."""

    fit: str
    outcome: Identifier
    model: Identifier
    setting: str
    studies: Annotated[int, Field(ge=0)]
    size_learnt: bool = True
    effect: float | None = None
    effect_low: float | None = None
    effect_high: float | None = None
    new_setting_low: float | None = None
    new_setting_high: float | None = None
    tau: Annotated[float, Field(ge=0)]
    p_more: Share
    p_less: Share
    p_practically_none: Share
    verdict: str
    verdict_words: str

    @model_validator(mode="before")
    @classmethod
    def _columns_have_todays_names(cls, row: Any) -> Any:
        # Releases until November 2026.
        return _renamed(row, RENAMED_VERDICTS)


class State(Strict):
    """A review at one moment."""

    review: Identifier
    run: dict[str, JsonValue] = Field(description="Seed and sampler.")
    software: dict[str, str] = Field(description="Version of Python and of each package.")
    protocol: dict[str, JsonValue] = Field(description="The whole protocol, as data.")
    records: list[dict[str, JsonValue]] = Field(
        description="Records as data, by study_id; fields at their default are left out."
    )
    studies: list[dict[str, Cell]] = Field(
        description="Year, status and moderators of each study, as the models saw them."
    )
    analyses: dict[Identifier, Analysis] = Field(description="By outcome.")
    headline: list[Headline]
    verdicts: list[VerdictReached]

    @field_validator("protocol", mode="before")
    @classmethod
    def _as_of_today(cls, protocol: Any) -> Any:
        # Releases until November 2026 have other names, and the correlation alone.
        for at, names in RENAMED_FIELDS.items():
            protocol = _renamed_below(protocol, at, names)
        if isinstance(protocol, dict) and isinstance(
            value := protocol.get("sampling_correlation"), float | int
        ):
            whole = SamplingCorrelation(value=value).model_dump(mode="json")
            return protocol | {"sampling_correlation": whole}
        return protocol

    @property
    def sampling_correlation(self) -> float:
        """Of the errors of several effects of one study."""
        return SamplingCorrelation.model_validate(self.protocol["sampling_correlation"]).value

    def record(self, study: str) -> dict[str, Any]:
        """Record of one study."""
        return next(record for record in self.records if record["study_id"] == study)


def state_of(
    protocol: Protocol,
    records: list[tuple[Document, Study]],
    tables: Mapping[str, pd.DataFrame],
    run: dict[str, Any],
) -> State:
    """State of a finished build, with the content of its run_config.yaml.

    `tables` are the studies, terms of each outcome, pooled effects and summary, by their files.
    """
    specification = protocol.specifications()[OVERALL]
    studies = tables[Studies.file]
    columns = [c for c in studies if c in ("study_id", "year", "status")]
    columns += [c for c in studies if c.startswith("moderator_")]
    return State(
        review=protocol.review,
        run={key: run["config"][key] for key in ("seed", "sampler")},
        software={"python": run["python"], **dict(sorted(run["packages"].items()))},
        protocol=protocol.model_dump(mode="json"),
        # Without defaults, so that a field added to the schema later is no change of a record.
        records=[study.model_dump(mode="json", exclude_defaults=True) for _, study in records],
        studies=cells(studies[columns].sort_values("study_id")),
        analyses={
            name: Analysis(
                model=specification,
                baseline=outcome.priors,
                terms=cells(tables[Terms.file.format(outcome=name)].sort_values("term_id")),
            )
            for name, outcome in protocol.outcomes.items()
        },
        headline=_headline(tables[Pooled.file]),
        verdicts=[
            VerdictReached.model_validate(
                {k: row[k] for k in VerdictReached.model_fields if k in row}
            )
            for row in cells(tables[Summary.file].sort_values(["fit", "setting"]))
        ],
    )


def _headline(pooled: pd.DataFrame) -> list[Headline]:
    reported = (pooled["model"] == OVERALL) & pooled["quantity"].isin(QUANTITIES)
    rows = pooled[reported].sort_values(["fit", "engine", "quantity"]).to_dict("records")
    for row in rows:
        row["mcse"] = (
            None if math.isnan(row["ess_bulk"]) else row["sd"] / math.sqrt(row["ess_bulk"])
        )
    return [Headline.model_validate({k: row[k] for k in Headline.model_fields}) for row in rows]


def cells(frame: pd.DataFrame) -> list[dict[str, Cell]]:
    """Rows of a table as data that JSON can hold, empty cells left out."""
    rows = frame.astype(object).to_dict("records")
    return [
        {str(name): _cell(value) for name, value in row.items() if not pd.isna(value)}
        for row in rows
    ]


def _cell(value: Any) -> Cell:
    if isinstance(value, float) and math.isinf(value):
        return str(value)
    return value
