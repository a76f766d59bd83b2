"""Every sentence of a first screen has a form that was read alone, and is on the list."""

import re

import pandas as pd
import pytest
from conftest import ROOT

from livingreview.base.documents import read_document
from livingreview.base.validation import validated
from livingreview.protocol.review import read_protocol
from livingreview.records.narrative import Narrative
from livingreview.report.claims import Claims
from livingreview.report.sentences.first_screen import first_screen
from livingreview.synthesis.verdicts import verdict
from livingreview.tables.records import Studies
from livingreview.tables.report import SummaryOfFindings
from livingreview.tables.synthesis import Moderators, Summary

PROTOCOL = read_protocol(ROOT / "config/reviews/second_responder.yaml")
NARRATIVE = validated(read_document(ROOT / "data/raw/second_responder/narrative.yaml"), Narrative)
LIST = (ROOT / "docs/quote_test.md").read_text(encoding="utf-8")
FORMS = re.findall(r"^\| ([^|]+) \| [^|]+ \| [^|]+ \|$", LIST, flags=re.MULTILINE)[2:]
# By review, of victims' reports, police records and services: probability of more, of practically
# no difference, studies; whether the size is learnt, and the certainty.
REVIEWS = {
    "strong": [
        (0.001, 0.0, 9, True, "high"),
        (0.002, 0.0, 9, True, "high"),
        (1.0, 0.0, 8, True, "high"),
    ],
    "weak": [(0.5, 0.1, 6, False, "very low"), (0.45, 0.9, 6, True, "very low"), None],
    "mixed": [
        (0.14, 0.2, 6, False, "low"),
        (0.93, 0.1, 8, False, "low"),
        (0.98, 0.0, 3, False, "very low"),
    ],
    "harmful": [
        (0.99, 0.0, 7, True, "moderate"),
        (0.6, 0.1, 7, True, "low"),
        (0.5, 0.1, 5, False, "low"),
    ],
    "empty": [None, None, None],
}


def sentences(review: str) -> list[str]:
    names = ("victim_reported", "police_recorded", "service_use")
    summary, findings = [], []
    for name, given in zip(names, REVIEWS[review], strict=True):
        finding = {"outcome": name, "proposed": None, "proposed_words": None, "set_level": None}
        if given is not None:
            more, none, studies, learnt, level = given
            near = none if learnt else float("nan")
            words = verdict(more, 1 - more, near, studies, PROTOCOL.decisions)
            row = {"fit": f"{name}/overall", "outcome": name, "setting": "all_studies"}
            row |= {"p_more": more, "p_less": 1 - more, "size_learnt": learnt}
            row |= {"verdict": words.id, "verdict_words": words.words}
            summary.append(row | {"effect": 0.5, "effect_low": 0.4, "effect_high": 0.6})
            finding |= {"proposed": level, "proposed_words": level}
        findings.append(finding)
    studies = {"study_id": ["a", "b"], "status": "extracted", "year": [1992, 2019]}
    supported = "supported" if review == "strong" else "not_learnable"
    tables = {
        Summary.file: pd.DataFrame(summary, columns=list(summary[0]) if summary else ["fit"]),
        SummaryOfFindings.file: pd.DataFrame(findings),
        Studies.file: pd.DataFrame(studies | {"moderator_country": ["usa", "uk"]}),
        Moderators.file: pd.DataFrame({"model": ["design"], "verdict": [supported]}),
    }
    claims = Claims(tables, PROTOCOL.measure)
    whole = " ".join(map(str, first_screen(claims, PROTOCOL, NARRATIVE).values()))
    return re.split(r"(?<=\.) (?=[A-Z])", whole)


def form_of(sentence: str) -> str | None:
    for form in FORMS:
        pattern = re.escape(form).replace("…", r"[^.]+(?:\.\d+)?")
        if re.fullmatch(pattern, sentence):
            return form
    return None


@pytest.mark.parametrize("review", REVIEWS)
def test_every_sentence_of_a_first_screen_is_listed(review):
    unlisted = [sentence for sentence in sentences(review) if form_of(sentence) is None]
    assert unlisted == []


def test_every_listed_form_can_be_printed():
    printed = {form_of(sentence) for review in REVIEWS for sentence in sentences(review)}
    # Of a protocol without countries, and of outcomes in other words.
    rare = {"Studies: …, published … to ….", "…: probably …."}
    assert set(FORMS) - printed <= rare


def test_no_sentence_gives_a_probability_or_judges_an_outcome_with_two_meanings():
    for review in REVIEWS:
        for sentence in sentences(review):
            assert not re.search(r"probability|\d%(?! interval)|better for|worse", sentence)
            assert "good" not in sentence and "bad" not in sentence
