"""The prior of a group size that no source gives is computed from those that sources give."""

import math
import statistics

import pytest

from livingreview.base.documents import Document
from livingreview.protocol.review import Protocol
from livingreview.records.study import Effect, Study

# Outcomes whose numbers rest on the same kind of group: records of the police, and interviews.
OF_RECORDS, OF_INTERVIEWS = ("police_recorded",), ("victim_reported", "service_use")


def size_of_an_arm(effect: Effect) -> float | None:
    """Log of the geometric mean of both arms by the first sizes of the effect; no planned ones."""
    listed = [sizes for piece in effect.evidence for sizes in getattr(piece, "sizes", [])]
    known = [sizes for sizes in listed if sizes.basis != "planned"]
    if not known:
        return None
    treated, control = known[0].groups or (known[0].people / 2,) * 2
    return (math.log(treated) + math.log(control)) / 2


def arms(shipped: list[tuple[Document, Study]], outcomes: tuple[str, ...]) -> list[float]:
    """One size for each study, that of its first effect on one of the outcomes with a size."""
    sizes = [
        [size_of_an_arm(effect) for effect in study.effects if effect.outcome in outcomes]
        for _, study in shipped
    ]
    known = [[size for size in of_study if size is not None] for of_study in sizes]
    return [of_study[0] for of_study in known if of_study]


@pytest.mark.parametrize(
    ("outcome", "alike", "studies"),
    [
        ("police_recorded", OF_RECORDS, 8),
        ("victim_reported", OF_INTERVIEWS, 4),
        ("service_use", OF_INTERVIEWS, 4),
    ],
)
def test_prior_of_a_size_is_that_of_the_sizes_on_record(
    shipped, protocol: Protocol, outcome: str, alike: tuple[str, ...], studies: int
):
    sizes = arms(shipped, alike)
    assert len(sizes) == studies
    location, scale = protocol.outcomes[outcome].sizes.prior.arguments
    assert location == round(statistics.mean(sizes), 2)
    # The spread of four sizes is badly known, so that of the eight serves all.
    assert scale == round(statistics.stdev(arms(shipped, OF_RECORDS)), 2)
