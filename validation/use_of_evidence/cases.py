"""What is compared before and after: each case changes a copy of the shipped review."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from reviews import Review, finding, logit, percentages, ratio, study

# Design effect of 2: 1 + (11 - 1) 0.1.
CLUSTERS = {"icc": 0.1, "average_size": 11, "note": "Made up."}
# As printed, before the correction: eight significant results and four that are not.
PRINTED_Z = (0.4, 1.0, 1.4, 1.8, 2.0, 2.05, 2.1, 2.2, 2.3, 2.4, 2.5, 2.7)


@dataclass(frozen=True)
class Case:
    """A change of the shipped review, and which model is asked.

    Attributes
    ----------
    name, words : str
        Key of the tables, and how the case reads.
    outcome : str
    change : callable
        Changes a review in place.
    model : str
    """

    name: str
    words: str
    outcome: str
    change: Callable[[Review], None]
    model: str = "overall"


def cases() -> Iterator[Case]:
    """All cases, in the order of the tables."""
    yield Case("service_as_shipped", "service use, as shipped", "service_use", as_shipped)
    words = "the same without Greenspan, whose sizes no source gives"
    yield Case("jolin_as_shipped", words, "service_use", without_greenspan)
    for n in (130, 200, 400):
        words = f"of Jolin only the percentages, {n} an arm"
        yield Case(f"jolin_{n}", words, "service_use", jolin(n))
    words = "of Jolin only the percentages, sizes unknown"
    yield Case("jolin_unknown", words, "service_use", jolin(None))
    yield Case("police_as_shipped", "police records, as shipped", "police_recorded", as_shipped)
    words = "police records, without effects of unknown sizes"
    yield Case("police_known", words, "police_recorded", only_known_sizes)
    for share in (0.14, 0.28, 0.4):
        words = f"four risk ratios of 2, baseline at {share:.0%}"
        yield Case(f"ratios_{100 * share:.0f}", words, "police_recorded", four_ratios(share))
    for own in (0.14, 0.4):
        words = f"the same at 28%, and one study whose {own:.0%} is on record"
        name = f"ratios_own_{100 * own:.0f}"
        yield Case(name, words, "police_recorded", four_ratios(0.28, own))
    for k in (1, 7):
        words = f"one study, not significant increase in {k} effect{'s' * (k > 1)}"
        yield Case(f"said_{k}", words, "police_recorded", said(k))
    words = "seven studies, not significant increase in each"
    yield Case("said_by_seven", words, "police_recorded", said_by(7))
    words = "twelve clustered odds ratios, D = 2, all studies"
    yield Case("clusters", words, "police_recorded", clustered)
    words = "twelve clustered odds ratios, D = 2, selective printing"
    yield Case("clusters_selection", words, "police_recorded", clustered, "selection")


def as_shipped(review: Review) -> None:
    """Change nothing."""


def without_greenspan(review: Review) -> None:
    """Leave out what the code before could not read, so that the others are compared alike."""
    (record,) = (r for r in review.records if r["study_id"] == "greenspan_2003")
    record["effects"] = [e for e in record["effects"] if e["outcome"] != review.outcome]


def jolin(total: int | None) -> Callable[[Review], None]:
    """Of Jolin 1998 only 64% against 52%, without its statement; and no Greenspan."""

    def change(review: Review) -> None:
        without_greenspan(review)
        pieces = review.evidence_of("jolin_1998")
        (source,) = (piece["source"] for piece in pieces if piece["kind"] == "percentages")
        note = "Sizes could not be read." if total is None else "Sizes are made up."
        pieces[:] = [percentages(64, 52, total=total) | {"source": source, "note": note}]

    return change


def only_known_sizes(review: Review) -> None:
    """Without a prior of sizes, evidence without sizes is not usable."""
    review.protocol["outcomes"][review.outcome].pop("sizes", None)


def four_ratios(share: float, own: float | None = None) -> Callable[[Review], None]:
    """Four risk ratios of 2; with one more study of a known control share, where `own` is given."""

    def change(review: Review) -> None:
        baseline = review.protocol["outcomes"][review.outcome]["baseline"]
        baseline["findings"] = f"normal({logit(share):.4f}, 0.75)"
        pieces = [ratio("risk_ratio", 2.0, 0.15)]
        review.records[:] = [study(f"study_{i}", review.outcome, pieces) for i in range(4)]
        if own is not None:
            pieces = [
                ratio("risk_ratio", 2.0, 0.15),
                percentages(round(200 * own), round(100 * own)),
            ]
            pieces[1]["note"] = "Sizes could not be read."
            review.records[-1] = study("study_3", review.outcome, pieces)

    return change


def said(times: int) -> Callable[[Review], None]:
    """One study with the same statement on so many effects."""

    def change(review: Review) -> None:
        pieces = [finding("increase", "not_significant", 200)]
        review.records[:] = [study("study", review.outcome, *[pieces] * times)]

    return change


def said_by(number: int) -> Callable[[Review], None]:
    """So many studies with the same statement."""

    def change(review: Review) -> None:
        pieces = [finding("increase", "not_significant", 200)]
        names = [f"study_{i}" for i in range(number)]
        review.records[:] = [study(name, review.outcome, pieces) for name in names]

    return change


def clustered(review: Review) -> None:
    """Odds ratios whose source ignored that groups were assigned; z as it was printed."""
    error = 0.15
    review.records[:] = [
        study(
            f"study_{i:02}",
            review.outcome,
            [ratio("odds_ratio", math.exp(z * error), error) | {"clusters": CLUSTERS}],
        )
        for i, z in enumerate(PRINTED_Z)
    ]
    for record in review.records:
        record["design"]["clustered"] = True
