"""What tells the effects of one study on one outcome apart."""

from typing import Any

import pytest
import yaml
from conftest import RECORD

from livingreview.records.effect_labels import effect_labels
from livingreview.records.study import Study

ARMS = [
    {"id": "low", "label": "10 mg"},
    {"id": "high", "label": "100 mg"},
    {"id": "usual", "label": "None"},
]


def labels(*changes: dict[str, Any]) -> list[str | None]:
    """Labels of effects that differ from one of `low` against `usual` as the changes say."""
    data = yaml.safe_load(RECORD)
    [effect] = data["effects"]
    effect |= {"treated": "low", "control": "usual"}
    effect["evidence"] = [
        {
            "kind": "finding",
            "direction": "none",
            "significance": "not_significant",
            "source": data["sources"][0],
        }
    ]
    data["arms"] = ARMS
    data["effects"] = [effect | {"id": f"effect_{i}"} | change for i, change in enumerate(changes)]
    study = Study.model_validate(data)
    named = effect_labels(study)
    return [named.get(effect.id) for effect in study.effects]


def test_the_only_effect_on_an_outcome_needs_no_label():
    assert labels({}, {"outcome": "death"}) == [None, None]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (({"treated": "high"}, {}), ["100 mg", "10 mg"]),
        (
            ({"treated": "high"}, {"treated": "high", "control": "low"}),
            ["against None", "against 10 mg"],
        ),
        (({}, {"measure": "Deaths"}), ["Cases within a year", "Deaths"]),
        (({}, {"follow_up_months": 6}), ["at 12 months", "at 6 months"]),
        (({}, {"follow_up_months": None}), ["at 12 months", "follow-up not known"]),
        (({}, {}), ["effect 0", "effect 1"]),
    ],
)
def test_the_first_trait_that_tells_all_apart_names_them_in_the_order_of_the_record(
    changes: tuple[dict[str, Any], ...], expected: list[str]
):
    assert labels(*changes) == expected


def test_where_no_trait_tells_all_apart_those_that_differ_are_joined():
    assert labels({}, {"measure": "Deaths"}, {"treated": "high"}) == [
        "10 mg, Cases within a year",
        "10 mg, Deaths",
        "100 mg, Cases within a year",
    ]
