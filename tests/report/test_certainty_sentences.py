"""Words on certainty: a size only where it is learnt, each rule with its number and its limit."""

import math
import re

import pandas as pd
import pytest
from conftest import ROOT

from livingreview.base.documents import read_document
from livingreview.base.validation import validated
from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claims
from livingreview.report.sentences.certainty import (
    admission,
    certainty_steps,
    findings,
    last_search,
)
from livingreview.tables.report import AdmissionItems, Certainties, SummaryOfFindings
from livingreview.tables.synthesis import SizesLearnt

PROTOCOL = validated(read_document(ROOT / "tests/tiny_review/protocol.yaml"), Protocol, "tiny")
FINDING = {
    "outcome": "relapse",
    "label": "Relapse",
    "studies": 3,
    "randomised": 2,
    "people": 1400.0,
    "people_known": 1000.0,
    "events": 420.0,
    "verdict_words": "less",
    "direction": "less",
    "p_direction": 0.98,
    "size_learnt": True,
    "effect": 0.52,
    "effect_low": 0.41,
    "effect_high": 0.66,
    "baseline_per_1000": 300.0,
    "difference_per_1000": -118.0,
    "difference_per_1000_low": -150.0,
    "difference_per_1000_high": -79.0,
    "proposed": "moderate",
    "proposed_words": "moderate",
    "lowered_by": "imprecision (-1)",
}
NOTHING = {"outcome": "recovery", "studies": 0, "size_learnt": False}
# Every effect is a number, so that no size rests on how many people there are.
JUDGED = {"fit": "relapse/overall", "setting": "all_studies", "all_numbers": True}
NUMBERS = {SizesLearnt.file: pd.DataFrame([JUDGED])}
RULE = {
    "outcome": "relapse",
    "domain": "imprecision",
    "domain_words": "Imprecision",
    "rule": "events_at_least",
    "looked_at": "people with the outcome",
    "number": 350.0,
    "style": "whole",
    "worse": "below",
    "one_step": 400.0,
    "two_steps": math.nan,
    "steps": 1,
    "lowered": 1,
    "distance": 50.0,
    "distance_style": "whole",
    "flips_to": 0,
    "note": None,
}


def words_of(*changes: dict) -> str:
    rows = [FINDING | change for change in changes] or [FINDING]
    claims = Claims({SummaryOfFindings.file: SummaryOfFindings.frame([*rows, NOTHING])} | NUMBERS)
    first = findings(claims, PROTOCOL)["relapse"]
    parts = (first.evidence, first.answer, first.change, first.certainty)
    return " ".join(str(sentence) for part in parts for sentence in part.values())


def rule(**changes) -> str:
    claims = Claims({Certainties.file: Certainties.frame([RULE | changes])})
    return str(certainty_steps(claims, PROTOCOL, "relapse")[0].rules[0])


def test_a_learnt_size_is_told_with_its_change_per_1000():
    words = words_of()
    assert "Odds ratio 0.52 (95% interval 0.41 to 0.66)" in words
    assert "300 with no treatment. With the treatment 118 fewer (150 fewer to 79 fewer)" in words
    assert (
        "3 studies, 2 of them randomised. 1,000 people by a source; of other groups the size is not"
        " known." in words
    )
    assert words.endswith("By the rules: moderate. Lowered for imprecision (-1).")


def test_a_size_that_is_not_learnt_is_told_nowhere():
    sizes = [name for name in FINDING if name.startswith(("effect", "difference", "baseline"))]
    words = words_of(dict.fromkeys(sizes, math.nan) | {"size_learnt": False})
    assert PROTOCOL.decisions.size.not_learnt in words
    assert "Not stated." in words
    assert not re.search(r"0\.\d|fewer", words)


def test_a_level_that_a_person_set_stands_beside_the_proposal():
    of_person = {"set_level": "low", "set_words": "low", "set_by": "A. Reviewer"}
    words = words_of(of_person | {"set_reason": "All are pilots."})
    assert "By the rules: moderate." in words
    assert "Set to low by A. Reviewer. Reason: All are pilots." in words


def test_an_outcome_without_studies_is_not_rated():
    claims = Claims({SummaryOfFindings.file: SummaryOfFindings.frame([FINDING, NOTHING])} | NUMBERS)
    nothing = findings(claims, PROTOCOL)["recovery"]
    assert [str(s) for s in nothing.certainty.values()] == ["Not rated."]
    assert [str(s) for s in nothing.evidence.values()] == ["No study could be analysed."]


def test_a_rule_says_its_number_its_limit_and_how_far_it_is_from_flipping():
    assert rule() == (
        "People with the outcome: 350. Lowers by a step below 400. Lowers by one step; it would be"
        " none if it moved by 50."
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"two_steps": 100.0}, "Lowers by a step below 400, by two below 100."),
        ({"two_steps": 400.0, "steps": 2}, "Lowers by two steps below 400. Lowers by two steps"),
        ({"number": 500.0, "steps": 0, "flips_to": 1}, "Does not lower it; it would be one step"),
        (
            {"distance": 1.03, "distance_style": "two_decimals"},
            "none if an end of the interval moved by a factor of 1.03.",
        ),
        ({"note": "expected"}, "People with the outcome: 350 (expected)."),
        # A limit has all its digits, and a number as many as tell it from the limit.
        ({"number": 399.7}, "People with the outcome: 399.7. Lowers by a step below 400."),
        ({"number": 400.0, "steps": 0}, "People with the outcome: 400. Lowers by a step below"),
        (
            {"number": 0.98, "one_step": 0.975, "style": "percent", "distance_style": "percent"},
            "People with the outcome: 98%. Lowers by a step below 97.5%.",
        ),
        (
            {"number": 0.7496, "one_step": 0.75, "style": "percent", "distance_style": "percent"},
            "People with the outcome: 74.96%. Lowers by a step below 75%.",
        ),
    ],
)
def test_what_differs_between_rules(changes, words):
    assert words in rule(**changes)


def test_a_rule_without_a_number_says_why():
    told = rule(number=math.nan, distance=math.nan, flips_to=None, steps=0, note="one study only")
    assert told == "People with the outcome: not judged, as one study only."


def test_the_day_of_the_last_search_is_told_or_missing():
    assert last_search(PROTOCOL) == (
        "Studies were last searched for on 2026-01-15. Next search: every January."
    )
    none = PROTOCOL.search.model_copy(update={"last": None, "next": None, "note": None})
    unsearched = PROTOCOL.model_copy(update={"search": none})
    assert last_search(unsearched) == "The day of the last search for studies is not recorded."


@pytest.mark.parametrize(("met", "words"), [(True, "would be"), (False, "would not be")])
def test_one_missing_item_keeps_a_review_out(met, words):
    items = pd.DataFrame(
        {
            "item": ["studies", "methods"],
            "question": ["Two?", "How?"],
            "basis": ["computed", "documented"],
            "met": [met, True],
            "answer_words": ["yes" if met else "no", "yes"],
            "words": ["Studies", "It says."],
            "file": "x.csv",
            "found": [2, None],
            "fewest": [2, None],
        }
    )
    sentences, told = admission(Claims({AdmissionItems.file: items}))
    assert f"This review {words} admitted" in str(sentences["verdict"])
    assert [str(item.found) for item in told] == ["Studies: 2.", "It says."]


def test_a_review_that_no_toolkit_is_asked_about_has_no_items():
    assert admission(Claims({AdmissionItems.file: AdmissionItems.frame([])})) == ({}, [])
