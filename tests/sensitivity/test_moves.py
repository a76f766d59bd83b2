"""Where new evidence moves a verdict: every pair of made-up verdicts, judged by hand."""

import math

import numpy as np
import pytest
from decision_rules import EFFECT_RULES as RULES

from livingreview.models.quadrature.new_trial import VerdictProbabilities
from livingreview.sensitivity.moves import (
    distance,
    move,
    moved,
    says_all,
    truth_of,
    verdict_of,
    verdicts_of,
)

# Verdicts by P(more), P(practically none) and number of studies.
VERDICTS = {
    "clear more": (0.99, 0.0, 3),
    "leaning more": (0.8, 0.0, 3),
    "few, more": (0.99, 0.0, 1),
    "cannot tell": (0.6, 0.0, 3),
    "none": (0.6, 0.9, 3),
    "few, less": (0.01, 0.0, 1),
    "leaning less": (0.2, 0.0, 3),
    "clear less": (0.01, 0.0, 3),
}
# Where a move from the first to the others goes, if more is true: by hand.
IF_MORE = {
    "clear more": {"away": {"leaning more", "few, more", "none", "leaning less", "clear less"}},
    "leaning more": {"towards": {"clear more"}, "away": {"none", "leaning less", "clear less"}},
    "few, more": {"towards": {"clear more", "leaning more"}, "away": {"none", "leaning less"}},
    "cannot tell": {"towards": {"few, more", "leaning more"}, "away": {"none", "clear less"}},
    "none": {"towards": {"leaning more", "clear more"}, "away": {"leaning less", "few, less"}},
    "leaning less": {"towards": {"none", "few, more", "clear more"}, "away": {"clear less"}},
    "clear less": {"towards": {"leaning less", "none", "clear more"}},
}
IF_NONE = {
    "clear more": {"towards": {"none", "leaning more", "leaning less"}, "away": {"clear less"}},
    "leaning more": {"towards": {"none"}, "away": {"clear more", "leaning less", "clear less"}},
    "few, more": {"towards": {"none"}, "away": {"leaning more", "few, less", "leaning less"}},
    "cannot tell": {"towards": {"none"}, "away": {"leaning more", "clear less"}},
    "none": {"away": {"leaning more", "leaning less", "clear more", "few, less"}},
}


def made_up(name):
    above, near, studies = VERDICTS[name]
    return verdict_of(above, near, studies, RULES)


def mirrored(name):
    """The verdict of the other direction."""
    words = {"more": "less", "less": "more"}
    return " ".join(words.get(word, word) for word in name.split(" "))


@pytest.mark.parametrize("now", IF_MORE)
def test_moves_if_more_is_true_and_their_mirror_images(now):
    for expected, names in IF_MORE[now].items():
        for name in names:
            assert move(made_up(name), made_up(now), "more", RULES) == expected, name
            new, old = made_up(mirrored(name)), made_up(mirrored(now))
            assert move(new, old, "less", RULES) == expected, name


@pytest.mark.parametrize("now", IF_NONE)
def test_moves_if_there_is_no_effect(now):
    for expected, names in IF_NONE[now].items():
        for name in names:
            assert move(made_up(name), made_up(now), "none", RULES) == expected, name
            new, old = made_up(mirrored(name)), made_up(mirrored(now))
            assert move(new, old, "none", RULES) == expected, name


@pytest.mark.parametrize("truth", ["more", "less", "none"])
def test_a_verdict_that_cannot_tell_is_its_own_place_whatever_is_true(truth):
    for name in VERDICTS:
        expected = "stays" if name == "cannot tell" else "cannot_tell"
        assert move(made_up("cannot tell"), made_up(name), truth, RULES) == expected
        assert move(made_up(name), made_up(name), truth, RULES) == "stays"


def test_what_is_true_of_an_odds_ratio_within_and_beyond_the_limits():
    ratios = (0.5, 0.9, 0.92, 1.0, 1.1, 1.12, 3.0)
    assert [truth_of(math.log(x), math.log(1.1)) for x in ratios] == [
        "less", "less", "none", "none", "none", "more", "more",
    ]  # fmt: skip


def test_nothing_is_nearer_than_the_clearest_verdict_of_what_is_true():
    said = {
        (name, truth)
        for name in VERDICTS
        for truth in ("more", "less", "none")
        if says_all(made_up(name), truth, RULES)
    }
    assert said == {("clear more", "more"), ("clear less", "less"), ("none", "none")}
    assert distance(made_up("clear less"), "more", RULES) == 4


def test_a_verdict_has_moved_if_its_rule_or_direction_is_another():
    now = verdict_of(0.8, 0.1, 3, RULES)
    after = VerdictProbabilities(
        above=np.array([[0.74, 0.75, 0.975], [0.25, 0.5, 0.8]]),
        near=np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.85]]),
    )
    assert moved(after, now, 4, RULES).tolist() == [[True, False, True], [True, True, True]]
    verdicts, which = verdicts_of(after, 4, RULES)
    assert [[verdicts[i].words for i in row] for row in which] == [
        ["cannot tell", "leans to more", "more"],
        ["leans to less", "cannot tell", "none"],
    ]
