"""Tables of stage 9: what changed since the last release, and what that did to the results."""

from __future__ import annotations

from pandera.typing import Series

from livingreview.tables.table import PROBABILITY, Column, Table

STUDY_CHANGES = ("study_removed", "study_changed", "study_added")
METHOD_CHANGES = ("priors", "baseline", "evidence_used", "conversion")


class Changes(Table, file="9_audit/changes.csv"):
    """One row per field that differs from the last release."""

    kind: Series[str] = Column(
        "Kind of change.",
        isin=[*STUDY_CHANGES, "route_changed", "method_changed", "run_changed", "software_changed"],
    )
    subject: Series[str] = Column("Study, section of the protocol, or package.")
    label: Series[str] = Column("The same for readers.")
    path: Series[str] = Column(
        "Field; `study` for a whole record, an effect where its route changed."
    )
    before: Series[str] = Column("Empty where it did not exist.", nullable=True)
    after: Series[str] = Column("Empty where it does not exist.", nullable=True)
    only_words: Series[bool] = Column("A text or a source; no number uses it.")
    reaches: Series[str] = Column(
        "Outcomes whose pooled effect it alters; space separated.", nullable=True
    )


class Moves(Table, file="9_audit/moves.csv"):
    """One row per fit and setting of either version, before and after."""

    fit: Series[str]
    outcome: Series[str]
    model: Series[str]
    setting: Series[str]
    status: Series[str] = Column(
        "Whether both versions have the fit and setting.", isin=["both", "new", "gone"]
    )
    studies_before: Series[float] = Column("Studies in the last release.", nullable=True, ge=0)
    studies_after: Series[float] = Column("Studies now.", nullable=True, ge=0)
    odds_ratio_before: Series[float] = Column(
        "Pooled odds ratio in the last release, median.", nullable=True, gt=0
    )
    odds_ratio_low_before: Series[float] = Column(
        "Low end of its 95% interval.", nullable=True, gt=0
    )
    odds_ratio_high_before: Series[float] = Column(
        "High end of its 95% interval.", nullable=True, gt=0
    )
    odds_ratio_after: Series[float] = Column("Pooled odds ratio now, median.", nullable=True, gt=0)
    odds_ratio_low_after: Series[float] = Column(
        "Low end of its 95% interval.", nullable=True, gt=0
    )
    odds_ratio_high_after: Series[float] = Column(
        "High end of its 95% interval.", nullable=True, gt=0
    )
    mu_before: Series[float] = Column("Median log odds ratio.", nullable=True)
    mu_after: Series[float] = Column("Median log odds ratio now.", nullable=True)
    mu_move: Series[float] = Column("Difference of the two.", nullable=True)
    tau_before: Series[float] = Column("Median.", nullable=True, ge=0)
    tau_after: Series[float] = Column("Median now.", nullable=True, ge=0)
    tau_move: Series[float] = Column("Difference of the two.", nullable=True)
    p_more_before: Series[float] = Column(
        "Probability of more in the last release.", nullable=True, **PROBABILITY
    )
    p_more_after: Series[float] = Column("Probability of more now.", nullable=True, **PROBABILITY)
    verdict_before: Series[str] = Column("Verdict in the last release.", nullable=True)
    verdict_after: Series[str] = Column("Verdict now.", nullable=True)
    verdict_words_before: Series[str] = Column("The same in words.", nullable=True)
    verdict_words_after: Series[str] = Column("The same in words.", nullable=True)
    verdict_changed: Series[bool] = Column("Whether the verdicts differ.")
    not_explained: Series[str] = Column(
        "Overall fits: why attribution.csv cannot explain the move.", nullable=True
    )


class Attribution(Table, file="9_audit/attribution.csv"):
    """One row per change that reaches the pooled effect of an outcome, and what is left.

    By outcome, the rows but the last add up to the last, the published move (`total`):
    those of `alone` with the interplay of the changes, those of `in_order` without.
    Log odds ratio scale, posterior medians.
    """

    outcome: Series[str]
    position: Series[int] = Column("In the order that changes are applied.", ge=0)
    kind: Series[str] = Column(
        "`sampling`: published figures are sampled, the path is integrated.",
        isin=["release", *METHOD_CHANGES, *STUDY_CHANGES, "interplay", "sampling", "total"],
    )
    subject: Series[str] = Column("Study or section of the protocol that changed.")
    mu_alone: Series[float] = Column("Move of the pooled log odds ratio when only this changes.")
    mu_in_order: Series[float] = Column("Its move when this changes after those before it.")
    mu_after: Series[float] = Column("Median once it is applied.", nullable=True)
    tau_alone: Series[float] = Column("Move of tau when only this changes.")
    tau_in_order: Series[float] = Column("Its move when this changes after those before it.")
    tau_after: Series[float] = Column("Median of tau once it is applied.", nullable=True, ge=0)


class PrismaFlow(Table, file="9_audit/flow_prisma.csv"):
    """The flow of PRISMA 2020 for an updated review, with the items of a living one."""

    section: Series[str] = Column(
        "Part of the flow.", isin=["living", "previous", "identification", "screening", "included"]
    )
    item: Series[str] = Column("What is counted or told.")
    outcome: Series[str] = Column(nullable=True)
    before: Series[float] = Column("In the release; empty when there is none.", nullable=True, ge=0)
    now: Series[float] = Column("Count now.", nullable=True, ge=0)
    names: Series[str] = Column("Space separated.", nullable=True)
    words: Series[str] = Column("What is told.", nullable=True)
