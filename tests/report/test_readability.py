"""The measure of readability counts as people speak, and reviews that ship are not too hard."""

import pandas as pd
import pytest
from conftest import ROOT
from readability import HARDEST, grade, sentences, syllables

from livingreview.protocol.review import Protocol, read_protocol
from livingreview.report.claims import Claims
from livingreview.report.sentences.effects import effect_sentences
from livingreview.tables.effects import Precision
from livingreview.tables.models import Models
from livingreview.tables.records import Studies
from livingreview.tables.synthesis import Per1000, SizesLearnt, Summary

SAID = {
    1: "the be one used changed pooled more these choice whole judged eye leans wise years",
    2: "table tables police abuse settle settled without statement listed reason people places "
    "single able noted needed rises judges trial trials seeing create science household surely "
    "studies movement",
    3: "recorded interval ratio evidence direction difference estimate theory various "
    "area idea latitude period variance violence agreement services 0.73",
    4: "practically significance significant analyses experiment experience combination 1,668",
    5: "probability tuberculosis experimental",
}


@pytest.mark.parametrize(("count", "words"), SAID.items())
def test_syllables_are_those_that_are_spoken(count: int, words: str):
    counted = {word: syllables(word) for word in words.split()}
    assert counted == dict.fromkeys(words.split(), count)


def test_grade_is_that_of_the_published_formula():
    # 10 words in 2 sentences, 13 syllables: 0.39 × 5 + 11.8 × 1.3 − 15.59.
    text = "The police came to the home. They saw nobody there."
    assert grade(text) == pytest.approx(0.39 * 5 + 11.8 * 1.3 - 15.59)


def test_a_decimal_point_ends_no_sentence():
    assert len(sentences("It is 0.73. Is that much? No!")) == 3


def unknown_people(outcome: str) -> dict[str, pd.DataFrame]:
    """Two studies of whose people no source gives the number, one of them with a number."""
    people = {"study_id": ["a", "b"], "effect_id": ["a", "b"], "has_number": [True, False]}
    precision = pd.DataFrame(people | {"people": 300.0, "people_known": False})
    studies = pd.DataFrame({"study_id": ["a"], "label": ["Jolin 1998"]})
    return {Precision.file.format(outcome=outcome): precision, Studies.file: studies}


def said_of(protocol: Protocol, name: str, learnt: bool, **cells: object) -> str:
    """What is said of an outcome whose every number is alike, but for some cells."""
    row = dict.fromkeys(Summary.columns(), 0.71)
    row |= {"fit": f"{name}/overall", "setting": "all_studies", "studies": 8}
    row |= {"outcome": name, "size_learnt": learnt}
    judged = {"fit": row["fit"], "setting": "all_studies", "people": 4899.0}
    judged |= {"people_with_numbers": 891.0, "share_with_numbers": 0.18, "learnt": learnt}
    judged["all_numbers"] = False
    words = "leans to more, but the evidence does not settle it"
    row |= {"verdict": "leaning", "verdict_words": words} | cells
    control = {"outcome": name, "baseline": "on_record", "control_studies": 13.0}
    control |= {"control_lowest": 2.0, "control_highest": 324.0}
    tables = {Summary.file: pd.DataFrame([row]), SizesLearnt.file: pd.DataFrame([judged])}
    tables |= unknown_people(name) | {Per1000.file: pd.DataFrame([control])}
    models = pd.DataFrame({"model": ["overall"], "engine": "nuts" if learnt else "quadrature"})
    tables[Models.file.format(outcome=name)] = models
    return " ".join(map(str, effect_sentences(Claims(tables), protocol, name).values()))


@pytest.mark.parametrize("learnt", [True, False])
@pytest.mark.parametrize("review", ["second_responder", "bcg_vaccine"])
def test_what_is_said_of_each_outcome_is_not_too_hard(review: str, learnt: bool):
    protocol = read_protocol(ROOT / f"config/reviews/{review}.yaml")
    for name, outcome in protocol.outcomes.items():
        text = said_of(protocol, name, learnt)
        assert grade(f"{text} {outcome.caution}") <= HARDEST


def test_a_share_that_no_source_gives_is_said_to_be_that_of_control_groups():
    protocol = read_protocol(ROOT / "config/reviews/bcg_vaccine.yaml")
    text = said_of(protocol, "tuberculosis", True, baseline_per_1000=25.4)
    assert "Say that 25 in 1,000 people have this outcome without BCG vaccination." in text
    assert "the middle of the control groups on record, as no other source is cited" in text
    assert "In the 13 studies that count them it runs from 2 to 324 in 1,000." in text
    none = said_of(protocol, "tuberculosis", True, baseline_per_1000=None)
    assert "counts of control groups on record give no share" in none and "Say that" not in none
    cited = read_protocol(ROOT / "config/reviews/second_responder.yaml")
    assert "control groups on record" not in said_of(cited, "police_recorded", True)
