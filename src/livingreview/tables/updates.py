"""Tables of stage 9: what changed since the last release, and what that did to the results."""

from __future__ import annotations

from livingreview.tables.table import Column, Effect, Probability, Table

STUDY_CHANGES = ("study_removed", "study_changed", "study_added")
METHOD_CHANGES = ("priors", "baseline", "evidence_used", "conversion")


class Changes(Table, file="9_audit/changes.csv"):
    """One row per field that differs from the last release."""

    kind: str = Column(
        "Kind of change.",
        isin=[*STUDY_CHANGES, "route_changed", "method_changed", "run_changed", "software_changed"],
    )
    subject: str = Column("Study, section of the protocol, or package.")
    label: str = Column("The same for readers.")
    path: str = Column("Field; `study` for a whole record, an effect where its route changed.")
    before: str = Column("Empty where it did not exist.", nullable=True)
    after: str = Column("Empty where it does not exist.", nullable=True)
    only_words: bool = Column("A text or a source; no number uses it.")
    reaches: str = Column("Outcomes whose pooled effect it alters; space separated.", nullable=True)


class Moves(Table, file="9_audit/moves.csv"):
    """One row per fit and setting of either version, before and after."""

    fit: str
    outcome: str
    model: str
    setting: str
    status: str = Column(
        "Whether both versions have the fit and setting.", isin=["both", "new", "gone"]
    )
    studies_before: float = Column("Studies in the last release.", nullable=True, ge=0)
    studies_after: float = Column("Studies now.", nullable=True, ge=0)
    effect_before: float = Effect("Pooled effect in the last release, median.", nullable=True)
    effect_low_before: float = Effect("Low end of its 95% interval.", nullable=True)
    effect_high_before: float = Effect("High end of its 95% interval.", nullable=True)
    effect_after: float = Effect("Pooled effect now, median.", nullable=True)
    effect_low_after: float = Effect("Low end of its 95% interval.", nullable=True)
    effect_high_after: float = Effect("High end of its 95% interval.", nullable=True)
    mu_before: float = Column("Median θ.", nullable=True)
    mu_after: float = Column("Median θ now.", nullable=True)
    mu_move: float = Column("Difference of the two.", nullable=True)
    tau_before: float = Column("Median.", nullable=True, ge=0, style="plain")
    tau_after: float = Column("Median now.", nullable=True, ge=0, style="plain")
    tau_move: float = Column("Difference of the two.", nullable=True)
    p_more_before: float = Probability("Probability of more in the last release.", nullable=True)
    p_more_after: float = Probability("Probability of more now.", nullable=True)
    verdict_before: str = Column("Verdict in the last release.", nullable=True)
    verdict_after: str = Column("Verdict now.", nullable=True)
    verdict_words_before: str = Column("The same in words.", nullable=True)
    verdict_words_after: str = Column("The same in words.", nullable=True)
    verdict_changed: bool = Column("Whether the verdicts differ.")
    not_explained: str = Column(
        "Overall fits: why attribution.csv cannot explain the move.", nullable=True
    )


class Attribution(Table, file="9_audit/attribution.csv"):
    """One row per change that reaches the pooled effect of an outcome, and what is left.

    By outcome, the rows but the last add up to the last, the published move (`total`):
    those of `alone` with the interplay of the changes, those of `in_order` without.
    Scale of θ, posterior medians.
    """

    outcome: str
    position: int = Column("In the order that changes are applied.", ge=0)
    kind: str = Column(
        "`sampling`: published figures are sampled, the path is integrated.",
        isin=["release", *METHOD_CHANGES, *STUDY_CHANGES, "interplay", "sampling", "total"],
    )
    subject: str = Column("Study or section of the protocol that changed.")
    mu_alone: float = Column("Move of the pooled θ when only this changes.", style="move")
    mu_in_order: float = Column("Its move when this changes after those before it.", style="move")
    mu_after: float = Column("Median once it is applied.", nullable=True)
    tau_alone: float = Column("Move of tau when only this changes.")
    tau_in_order: float = Column(
        "Its move when this changes after those before it.", style="plain_move"
    )
    tau_after: float = Column("Median of tau once it is applied.", nullable=True, ge=0)


class PrismaFlow(Table, file="9_audit/flow_prisma.csv"):
    """The flow of PRISMA 2020 for an updated review, with the items of a living one."""

    section: str = Column(
        "Part of the flow.", isin=["living", "previous", "identification", "screening", "included"]
    )
    item: str = Column("What is counted or told.")
    outcome: str = Column(nullable=True)
    before: float = Column("In the release; empty when there is none.", nullable=True, ge=0)
    now: float = Column("Count now.", nullable=True, ge=0)
    names: str = Column("Space separated.", nullable=True)
    words: str = Column("What is told.", nullable=True)
