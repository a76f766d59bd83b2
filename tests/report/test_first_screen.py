"""The first screen is as sure as the evidence: from invented studies to the words of a reader."""

import re

import pandas as pd
import pytest
import xarray as xr
from conftest import ROOT
from made_up_fits import counts, data_of, finding, plain_design

from livingreview.base.documents import read_document
from livingreview.base.validation import validated
from livingreview.effects.specification import Specification
from livingreview.models.quadrature.engine import integrate_models
from livingreview.models.quadrature.size_evidence import size_evidence
from livingreview.protocol.review import read_protocol
from livingreview.records.narrative import Narrative
from livingreview.report.claims import Claims
from livingreview.report.sentences.first_screen import first_screen as sentences_of
from livingreview.report.sentences.first_screen import years_of_studies
from livingreview.synthesis.pooled import pooled_table, summary_table
from livingreview.synthesis.size import LearntSizes, sizes_learnt
from livingreview.tables.checks import Sampling
from livingreview.tables.records import Studies
from livingreview.tables.report import SummaryOfFindings
from livingreview.tables.synthesis import Moderators, SizesLearnt, Summary

pytestmark = pytest.mark.long

PROTOCOL = read_protocol(ROOT / "config/reviews/second_responder.yaml")
NARRATIVE = validated(read_document(ROOT / "data/raw/second_responder/narrative.yaml"), Narrative)
OUTCOME = "police_recorded"
PHRASE = PROTOCOL.outcomes[OUTCOME].phrase
MOST_WORDS = 120
STUDIES = "abcdef"


def first_screen(*studies, **words: str) -> str:
    """Words of the first screen on one outcome, from posterior to sentences."""
    outcome = PROTOCOL.outcomes[OUTCOME].model_copy(update=words)
    name, outcomes = f"{OUTCOME}/overall", {OUTCOME: outcome}
    data = data_of(*studies)
    of_all = Specification("overall", plain_design(data), PROTOCOL.specifications()["overall"])
    limit = PROTOCOL.measure.limit_on_line
    cases = [(OUTCOME, data, of_all)]
    sets = {n: PROTOCOL.prior_sets_planned_first()[n] for n in PROTOCOL.decisions.size.prior_sets}
    integrated = integrate_models(cases, limit)[0]
    sizes = sizes_learnt(
        size_evidence(cases, integrated, sets, limit), PROTOCOL.decisions.size, PROTOCOL.measure
    )
    pooled = pooled_table([], Sampling.frame([]), integrated, LearntSizes(sizes), PROTOCOL.measure)
    posterior = xr.Dataset(
        coords={"setting": ["all_studies"]}, attrs={"setting_studies": [len(studies)]}
    )
    fits = [(name, xr.DataTree.from_dict({"posterior": posterior}))]
    summary = Summary.validate(
        summary_table(fits, pooled, outcomes, PROTOCOL.decisions, PROTOCOL.measure, {})
    )
    certainty = {"outcome": OUTCOME, "proposed": "low", "proposed_words": "low", "set_level": None}
    of_study = {"status": "extracted", "year": 2001, "moderator_country": "usa"}
    tables = {
        Summary.file: summary,
        SizesLearnt.file: sizes,
        SummaryOfFindings.file: pd.DataFrame([certainty]),
        Studies.file: pd.DataFrame([of_study | {"study_id": s[0]["study_id"]} for s in studies]),
        Moderators.file: pd.DataFrame({"model": ["design"], "verdict": ["not_learnable"]}),
    }
    protocol = PROTOCOL.model_copy(update={"outcomes": outcomes})
    sentences = sentences_of(Claims(tables, PROTOCOL.measure), protocol, NARRATIVE)
    return " ".join(map(str, sentences.values()))


@pytest.fixture(scope="module")
def strong() -> str:
    """Six large trials, in each of which the outcome is about half as frequent."""
    return first_screen(*(counts(s, 110 + i, 1000, 200 + i, 1000) for i, s in enumerate(STUDIES)))


@pytest.fixture(scope="module")
def weak() -> str:
    """Six small studies that say no more than that nothing was significant."""
    return first_screen(*(finding(s, -1.96, 1.96, 30) for s in STUDIES))


@pytest.mark.parametrize(
    ("years", "words"),
    [
        ([1990, 2001], "published 1990 to 2001"),
        ([2001, 2001], "published 2001"),
        ([1990, None, 2001], "published 1990 to 2001 where the year is known"),
        ([None, None], ""),
    ],
)
def test_only_years_that_are_known_are_said(years: list[int | None], words: str):
    studies = pd.DataFrame({"year": pd.array(years, "Int64"), "status": "extracted"})
    studies["study_id"] = [f"s{i}" for i in range(len(studies))]
    claims = Claims({Studies.file: studies}, PROTOCOL.measure)
    assert str(claims.sentence(years_of_studies(claims))) == words


def test_strong_evidence_is_said_plainly(strong):
    assert strong.startswith(f"These studies show less {PHRASE} with second response.")
    assert "Police records: less." in strong
    for doubt in ("cannot tell from", "leans", "probably", "too few", "settle", "harm", "Nothing"):
        assert doubt not in strong


def test_a_size_is_on_the_first_screen_only_where_studies_tell_it(strong, weak):
    assert re.search(rf"Odds ratio of {PHRASE}: 0.5\d* \(95% interval 0.4\d* to 0.\d+\)", strong)
    assert "is not known" not in strong.replace("works better is not known", "")
    assert "How large any change is, is not known." in weak and "dds ratio" not in weak


def test_what_is_counted_becomes_fewer_and_a_score_lower():
    studies = [counts(s, 110 + i, 1000, 200 + i, 1000) for i, s in enumerate(STUDIES)]
    fewer = first_screen(*studies, phrase="new calls", short_label="New calls", less="fewer")
    assert fewer.startswith("These studies show fewer new calls with second response. New calls: ")
    assert "New calls: fewer." in fewer
    lower = first_screen(*studies, phrase="pressure", short_label="Pressure", less="lower")
    assert "show lower pressure with" in lower and "Pressure: lower." in lower


def test_weak_evidence_shows_nothing_and_rules_out_no_harm(weak):
    assert weak.startswith(
        "Taken together, these studies do not show that second response reduces repeat abuse, and"
        " harm is not ruled out."
    )
    assert "Police records: cannot tell from this evidence." in weak


def test_no_probability_stands_there_that_a_reader_could_take_for_a_change(strong, weak):
    for words in (strong, weak):
        assert "probability" not in words and "%" not in words.replace("95% interval", "")


def test_what_more_may_mean_stands_beside_an_outcome_that_can_mean_two_things(weak):
    assert PROTOCOL.outcomes[OUTCOME].caution in weak
    victims = PROTOCOL.outcomes["victim_reported"]
    assert victims.one_meaning and victims.caution not in weak


def test_no_difference_is_said_only_of_large_studies_that_agree_on_it(weak):
    words = first_screen(*(counts(s, 5000, 20000, 5000, 20000) for s in STUDIES))
    assert words.startswith(f"Practically no difference in {PHRASE}.")
    assert "ractically no difference" not in weak


def test_two_strong_studies_are_too_few_for_a_verdict():
    words = first_screen(*(counts(s, 110, 1000, 200, 1000) for s in "ab"))
    assert "too few studies for a verdict; what there is leans to less" in words
    assert (
        words.startswith("Taken together, these studies do not show") and "dds ratio" not in words
    )


def test_a_direction_that_is_not_hoped_for_is_said_as_plainly():
    words = first_screen(*(counts(s, 200, 1000, 110, 1000) for s in STUDIES))
    assert words.startswith(f"These studies show more {PHRASE} with second response.")


def test_the_most_important_outcome_comes_first_and_the_screen_is_short(strong, weak):
    assert list(PROTOCOL.by_importance()) == ["victim_reported", "police_recorded", "service_use"]
    assert all(len(words.split()) <= MOST_WORDS for words in (strong, weak))
