"""Tables of stage 8: what the report claims, and how good the evidence is."""

from __future__ import annotations

import pandas as pd

from livingreview.tables.table import Column, Count, Effect, Probability, Table

LEVELS_OF_CERTAINTY = ["high", "moderate", "low", "very_low"]


class ClaimsTable(Table, file="8_report/claims.csv"):
    """One row per number or verdict printed in the report."""

    id: str = Column("Anchor on the page.", unique=True)
    text: str = Column("As printed.")
    value: str = Column("As in the file, unrounded.")
    file_: str = Column("Result file below the review's results folder.", alias="file")
    row: str = Column("Key columns of the row, or the rows counted.")
    column: str = Column("Column of the file; `*` for counts of rows.")
    style: str = Column("Name of the rounding.")


class EmmieItems(Table, file="8_report/emmie.csv"):
    """One row per checkable item of the quality of evidence, by EMMIE dimension."""

    dimension: str = Column(
        "What the item is about.",
        isin=["effect", "mechanism", "moderators", "implementation", "economics"],
    )
    item: str = Column("Name of the item; unique in its dimension.")
    question: str = Column("Such that yes is better.")
    basis: str = Column(
        "Computed from the results, or read in a source that the narrative names.",
        isin=["computed", "read"],
    )
    met: int = Count("Of how many things the answer is yes.", ge=0)
    of: int = Count("How many things were asked about.", ge=0)
    things: str = Column("What was counted; empty if read.", nullable=True)
    answer: str = Column(
        "Yes of all things, of some, of none; or there was none.",
        isin=["yes", "in_part", "no", "nothing_to_judge"],
    )
    answer_words: str = Column("The answer as the report words it.")
    file_: str = Column(
        "Result files that it was counted in, or the page that it was read on.", alias="file"
    )


class Certainties(Table, file="8_report/certainty.csv"):
    """One row per outcome, domain of certainty and rule: what it looked at, and the decision."""

    outcome: str
    domain: str = Column(
        "Domain of GRADE, and `start` for how groups were formed.",
        isin=[
            "start",
            "risk_of_bias",
            "inconsistency",
            "indirectness",
            "imprecision",
            "reporting_bias",
        ],
    )
    domain_words: str = Column("The domain as the report words it.")
    rule: str = Column("Name of its limit in the protocol, and of what it is applied to.")
    looked_at: str = Column("What the number is.")
    number: float = Column("What the rule looked at; empty where there is none.", nullable=True)
    style: str = Column("Rounding of the number and of its limits.")
    worse: str = Column("Side of a limit that lowers the certainty.", isin=["above", "below"])
    one_step: float = Column("Limit beyond which the rule lowers by one step.")
    two_steps: float = Column("Limit beyond which it lowers by two.", nullable=True)
    steps: int = Count("Steps by which the rule alone lowers the certainty.", ge=0, le=2)
    lowered: int = Count(
        "Steps by which its domain does: the most of its rules, or their sum up to two where they"
        " are different matters.",
        ge=0,
        le=2,
    )
    distance: float = Column(
        "By which the number is away from the nearest limit at which the decision changes; of an"
        " interval, how far an end of it is (a factor, of ratios).",
        nullable=True,
        ge=0,
    )
    distance_style: str = Column("Rounding of that distance.")
    flips_to: pd.Int64Dtype = Count("Steps beyond that limit.", nullable=True)
    note: str = Column("What was assumed, or why there is no number.", nullable=True)


class SummaryOfFindings(Table, file="8_report/summary_of_findings.csv"):
    """One row per outcome: studies, people, direction, size where it is learnt, certainty."""

    outcome: str = Column(unique=True)
    label: str = Column("The outcome as the report words it.")
    studies: int = Count("Analysed studies.", ge=0)
    randomised: int = Count("Of them, studies whose groups were formed at random.", ge=0)
    people: float = Count("People in them; where no source gives them, as the prior has it.", ge=0)
    people_known: float = Count("Of them, people whose number a source gives.", ge=0)
    events: float = Count(
        "People with the outcome, expected where they were not counted; empty of a score.",
        nullable=True,
        ge=0,
    )
    verdict_words: str = Column("Empty where the studies were not pooled.", nullable=True)
    direction: str = Column("The more probable one.", nullable=True, isin=["more", "less"])
    p_direction: float = Probability("Its posterior probability.", nullable=True)
    size_learnt: bool = Column("Whether these studies tell how large the effect is.")
    effect: float = Effect(
        "Pooled, median; only where the size is learnt.", nullable=True, size=True
    )
    effect_low: float = Effect("Low end of its 95% interval.", nullable=True, size=True)
    effect_high: float = Effect("High end of its 95% interval.", nullable=True, size=True)
    baseline_per_1000: float = Count(
        "People per 1,000 with the outcome in the control arm; only where the size is learnt and"
        " a source gives the share.",
        nullable=True,
    )
    difference_per_1000: float = Column(
        "Change in that number.", nullable=True, style="change", size=True
    )
    difference_per_1000_low: float = Column(
        "Low end of its 95% interval.", nullable=True, style="change", size=True
    )
    difference_per_1000_high: float = Column(
        "High end of its 95% interval.", nullable=True, style="change", size=True
    )
    proposed: str = Column(
        "Certainty by the rules; empty without a study.",
        nullable=True,
        isin=LEVELS_OF_CERTAINTY,
    )
    proposed_words: str = Column("The same in words.", nullable=True)
    lowered_by: str = Column("Domains that lower it, with their steps.", nullable=True)
    set_level: str = Column(
        "Certainty that a person set instead.", nullable=True, isin=LEVELS_OF_CERTAINTY
    )
    set_words: str = Column("The same in words.", nullable=True)
    set_by: str = Column("Who set it.", nullable=True)
    set_reason: str = Column("Why.", nullable=True)


class AdmissionItems(Table, file="8_report/toolkit_admission.csv"):
    """One row per item that the toolkit of the College of Policing asks of a review."""

    item: str = Column("Name of the item.", unique=True)
    question: str = Column("Such that yes admits the review.")
    basis: str = Column(
        "Counted in the results or the protocol, documented with them, or read in a source that the"
        " narrative names.",
        isin=["computed", "documented", "read"],
    )
    found: pd.Int64Dtype = Count("What was counted.", nullable=True)
    fewest: pd.Int64Dtype = Count("The fewest that it takes.", nullable=True)
    met: bool = Column("Whether the answer is yes.")
    answer_words: str = Column("The answer as the report words it.")
    words: str = Column("What was counted, or what was read.")
    file_: str = Column(
        "File that it was counted in, or the page that it was read on.", alias="file"
    )
