"""A document that does not fit its model: each mistake is told once, where it stands."""

import pytest
from pydantic import ValidationError, field_validator

from livingreview.base.documents import Document
from livingreview.base.errors import ReviewError
from livingreview.base.validation import Strict, field_error, field_names, refuse, validated
from livingreview.records.study import Judgement, Study


@pytest.mark.parametrize(
    ("location", "field"),
    [
        ((), "study_id"),
        (("effects", 0), "follow_up_months"),
        (("effects", 0, "evidence", 0, "estimate"), "interval_percent"),
        (("effects", 0, "evidence", 0, "means", "arms", 1), "sd"),
        (("risk_of_bias", "allocation"), "judgement"),
    ],
)
def test_fields_are_known_at_any_depth(location: tuple[str | int, ...], field: str):
    assert field in field_names(Study, location)


def test_what_was_read_cannot_be_changed_later():
    judgement = Judgement(judgement="low", reason=" Random. ")
    with pytest.raises(ValidationError, match="frozen"):
        judgement.judgement = "high"  # type: ignore[misc]
    assert judgement.reason == "Random."


class Pair(Strict):
    first: int | str | None = None
    second: list[int] = []

    @field_validator("second")
    @classmethod
    def _small(cls, numbers: list[int]) -> list[int]:
        refuse(
            field_error((i,), None, "less than 9")
            for i, number in enumerate(numbers)
            if number >= 9
        )
        if not numbers:
            raise field_error(("first",), None, "a number in `second`", beside=True)
        return numbers


def problems(data: dict) -> list[tuple[str, str, str]]:
    with pytest.raises(ReviewError) as refused:
        validated(Document("a.yaml", data, {}), Pair)
    return [(p.field, p.found, p.allowed) for p in refused.value.problems]


def test_a_validator_may_refuse_several_places_at_once():
    assert problems({"second": [10, 1, 11]}) == [
        ("second[0]", "10", "less than 9"),
        ("second[2]", "11", "less than 9"),
    ]


def test_a_validator_may_refuse_the_field_beside_its_own():
    assert problems({"first": 3, "second": []}) == [("first", "3", "a number in `second`")]


def test_members_of_a_union_are_told_in_one_message():
    assert problems({"first": 1.5, "second": [1]}) == [
        (
            "first",
            "1.5",
            "a text (in quotes: YAML takes it for a number without them)"
            " or a whole number such as 12",
        )
    ]
