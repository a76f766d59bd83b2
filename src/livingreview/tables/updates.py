"""Tables of stage 9: what changed since the last release, and what that did to the results."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from livingreview.tables.table import PROBABILITY, Table

STUDY_CHANGES = ("study_removed", "study_changed", "study_added")
METHOD_CHANGES = ("priors", "baseline", "evidence_used", "conversion")


class Changes(Table, file="9_audit/changes.csv"):
    """One row per field that differs from the last release."""

    kind: Series[str] = pa.Field(
        isin=[*STUDY_CHANGES, "route_changed", "method_changed", "run_changed", "software_changed"],
        description="Kind of change.",
    )
    subject: Series[str] = pa.Field(description="Study, section of the protocol, or package.")
    label: Series[str] = pa.Field(description="The same for readers.")
    path: Series[str] = pa.Field(
        description="Field; `study` for a whole record, an effect where its route changed."
    )
    before: Series[str] = pa.Field(nullable=True, description="Empty where it did not exist.")
    after: Series[str] = pa.Field(nullable=True, description="Empty where it does not exist.")
    only_words: Series[bool] = pa.Field(description="A text or a source; no number uses it.")
    reaches: Series[str] = pa.Field(
        nullable=True, description="Outcomes whose pooled effect it alters; space separated."
    )


class Moves(Table, file="9_audit/moves.csv"):
    """One row per fit and setting of either version, before and after."""

    fit: Series[str]
    outcome: Series[str]
    model: Series[str]
    setting: Series[str]
    status: Series[str] = pa.Field(
        isin=["both", "new", "gone"], description="Whether both versions have the fit and setting."
    )
    studies_before: Series[float] = pa.Field(
        nullable=True, ge=0, description="Studies in the last release."
    )
    studies_after: Series[float] = pa.Field(nullable=True, ge=0, description="Studies now.")
    odds_ratio_before: Series[float] = pa.Field(
        nullable=True, gt=0, description="Pooled odds ratio in the last release, median."
    )
    odds_ratio_low_before: Series[float] = pa.Field(
        nullable=True, gt=0, description="Low end of its 95% interval."
    )
    odds_ratio_high_before: Series[float] = pa.Field(
        nullable=True, gt=0, description="High end of its 95% interval."
    )
    odds_ratio_after: Series[float] = pa.Field(
        nullable=True, gt=0, description="Pooled odds ratio now, median."
    )
    odds_ratio_low_after: Series[float] = pa.Field(
        nullable=True, gt=0, description="Low end of its 95% interval."
    )
    odds_ratio_high_after: Series[float] = pa.Field(
        nullable=True, gt=0, description="High end of its 95% interval."
    )
    mu_before: Series[float] = pa.Field(nullable=True, description="Median log odds ratio.")
    mu_after: Series[float] = pa.Field(nullable=True, description="Median log odds ratio now.")
    mu_move: Series[float] = pa.Field(nullable=True, description="Difference of the two.")
    tau_before: Series[float] = pa.Field(nullable=True, ge=0, description="Median.")
    tau_after: Series[float] = pa.Field(nullable=True, ge=0, description="Median now.")
    tau_move: Series[float] = pa.Field(nullable=True, description="Difference of the two.")
    p_more_before: Series[float] = pa.Field(
        nullable=True, **PROBABILITY, description="Probability of more in the last release."
    )
    p_more_after: Series[float] = pa.Field(
        nullable=True, **PROBABILITY, description="Probability of more now."
    )
    verdict_before: Series[str] = pa.Field(
        nullable=True, description="Verdict in the last release."
    )
    verdict_after: Series[str] = pa.Field(nullable=True, description="Verdict now.")
    verdict_words_before: Series[str] = pa.Field(nullable=True, description="The same in words.")
    verdict_words_after: Series[str] = pa.Field(nullable=True, description="The same in words.")
    verdict_changed: Series[bool] = pa.Field(description="Whether the verdicts differ.")
    not_explained: Series[str] = pa.Field(
        nullable=True, description="Overall fits: why attribution.csv cannot explain the move."
    )


class Attribution(Table, file="9_audit/attribution.csv"):
    """One row per change that reaches the pooled effect of an outcome, and what is left.

    By outcome, the rows but the last add up to the last, the published move (`total`):
    those of `alone` with the interplay of the changes, those of `in_order` without.
    Log odds ratio scale, posterior medians.
    """

    outcome: Series[str]
    position: Series[int] = pa.Field(ge=0, description="In the order that changes are applied.")
    kind: Series[str] = pa.Field(
        isin=["release", *METHOD_CHANGES, *STUDY_CHANGES, "interplay", "sampling", "total"],
        description="`sampling`: published figures are sampled, the path is integrated.",
    )
    subject: Series[str] = pa.Field(description="Study or section of the protocol that changed.")
    mu_alone: Series[float] = pa.Field(
        description="Move of the pooled log odds ratio when only this changes."
    )
    mu_in_order: Series[float] = pa.Field(
        description="Its move when this changes after those before it."
    )
    mu_after: Series[float] = pa.Field(nullable=True, description="Median once it is applied.")
    tau_alone: Series[float] = pa.Field(description="Move of tau when only this changes.")
    tau_in_order: Series[float] = pa.Field(
        description="Its move when this changes after those before it."
    )
    tau_after: Series[float] = pa.Field(
        nullable=True, ge=0, description="Median of tau once it is applied."
    )


class PrismaFlow(Table, file="9_audit/flow_prisma.csv"):
    """The flow of PRISMA 2020 for an updated review, with the items of a living one."""

    section: Series[str] = pa.Field(
        isin=["living", "previous", "identification", "screening", "included"],
        description="Part of the flow.",
    )
    item: Series[str] = pa.Field(description="What is counted or told.")
    outcome: Series[str] = pa.Field(nullable=True)
    before: Series[float] = pa.Field(
        nullable=True, ge=0, description="In the release; empty when there is none."
    )
    now: Series[float] = pa.Field(nullable=True, ge=0, description="Count now.")
    names: Series[str] = pa.Field(nullable=True, description="Space separated.")
    words: Series[str] = pa.Field(nullable=True, description="What is told.")
