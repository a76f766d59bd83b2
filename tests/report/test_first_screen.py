"""The first screen is as sure as the evidence: from invented studies to the words of a reader."""

import re

import pandas as pd
import pytest
import xarray as xr
from conftest import ROOT
from made_up_fits import counts, data_of, finding, plain_design

from livingreview.effects.specification import Specification
from livingreview.models.quadrature.engine import integrate_models
from livingreview.models.quadrature.size_evidence import size_evidence
from livingreview.protocol.review import read_protocol
from livingreview.report.claims import Claims
from livingreview.report.page import page_environment
from livingreview.report.sentences.effects import (
    effect_sentences,
    overall_row,
    size_line,
)
from livingreview.synthesis.pooled import pooled_table, summary_table
from livingreview.synthesis.size import LearntSizes, sizes_learnt
from livingreview.tables.checks import Sampling
from livingreview.tables.effects import Precision
from livingreview.tables.synthesis import SizesLearnt, Summary

pytestmark = pytest.mark.long

PROTOCOL = read_protocol(ROOT / "config/reviews/second_responder.yaml")
OUTCOME = "police_recorded"
STUDIES = "abcdef"


def first_screen(*studies) -> str:
    """Words of the card of one outcome, from posterior to page."""
    name, outcomes = f"{OUTCOME}/overall", {OUTCOME: PROTOCOL.outcomes[OUTCOME]}
    data = data_of(*studies)
    of_all = Specification("overall", plain_design(data), PROTOCOL.specifications()["overall"])
    limit = PROTOCOL.measure.limit_on_line
    cases = [(OUTCOME, data, of_all)]
    sets = {n: PROTOCOL.prior_sets_planned_first()[n] for n in PROTOCOL.decisions.size.prior_sets}
    sizes = sizes_learnt(
        size_evidence(cases, sets, limit), PROTOCOL.decisions.size, PROTOCOL.measure
    )
    integrated = integrate_models(cases, limit)[0]
    pooled = pooled_table([], Sampling.frame([]), integrated, LearntSizes(sizes), PROTOCOL.measure)
    posterior = xr.Dataset(
        coords={"setting": ["all_studies"]}, attrs={"setting_studies": [len(studies)]}
    )
    fits = [(name, xr.DataTree.from_dict({"posterior": posterior}))]
    summary = Summary.validate(
        summary_table(fits, pooled, outcomes, PROTOCOL.decisions, PROTOCOL.measure)
    )
    claims = Claims({Summary.file: summary, SizesLearnt.file: sizes} | precision(studies))
    template = page_environment(ROOT / "workflow/report", set()).get_template("glance.html.j2")
    page = template.render(
        protocol={"outcomes": outcomes},
        effect_sentences={OUTCOME: effect_sentences(claims, PROTOCOL, OUTCOME)},
        overall={OUTCOME: overall_row(claims, OUTCOME)},
        sizes={OUTCOME: claims.sentence(size_line(claims, overall_row(claims, OUTCOME), PROTOCOL))},
        fitted={OUTCOME: True},
        findings={OUTCOME: {"levels": []}},
        last_search="",
    )
    # A claim stands inside a sentence; any other tag ends one.
    page = re.sub(r"</?data[^>]*>", "", page)
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def precision(studies) -> dict[str, pd.DataFrame]:
    """That a source gives the people of every study."""
    people = pd.DataFrame({"effect_id": [s[0]["study_id"] for s in studies], "people_known": True})
    return {Precision.file.format(outcome=OUTCOME): people}


@pytest.fixture(scope="module")
def strong() -> str:
    """Six large trials, in each of which the outcome is about half as frequent."""
    return first_screen(*(counts(s, 110 + i, 1000, 200 + i, 1000) for i, s in enumerate(STUDIES)))


@pytest.fixture(scope="module")
def weak() -> str:
    """Six small studies that say no more than that nothing was significant."""
    return first_screen(*(finding(s, -1.96, 1.96, 30) for s in STUDIES))


def test_strong_evidence_gets_a_plain_verdict(strong):
    assert "recorded by the police less less more The" in strong
    assert "The probability of more is under 1%, of less over 99%." in strong
    for doubt in ("cannot tell from", "leans", "probably", "too few", "settle"):
        assert doubt not in strong


def test_a_size_is_on_the_first_screen_only_where_studies_tell_it(strong, weak):
    assert re.search(
        r"Pooled odds ratio, with its 95% interval: 0.5\d* \(0.4\d* to 0.\d+\)", strong
    )
    assert "These studies do not tell how large." in weak and "Pooled odds ratio" not in weak


def test_weak_evidence_gets_none(weak):
    assert "cannot tell from this evidence" in weak
    chance = re.search(r"The probability of more is (\d+)%, of less (\d+)%", weak)
    assert chance and all(40 < int(percent) < 60 for percent in chance.groups())


def test_no_difference_is_said_only_of_large_studies_that_agree_on_it(weak):
    words = first_screen(*(counts(s, 5000, 20000, 5000, 20000) for s in STUDIES))
    assert "practically no difference less more" in words
    assert "practically no difference less more" not in weak


def test_two_strong_studies_are_too_few_for_a_verdict():
    words = first_screen(*(counts(s, 110, 1000, 200, 1000) for s in "ab"))
    assert "too few studies for a verdict; what there is leans to less" in words


def test_direction_follows_the_evidence():
    words = first_screen(*(counts(s, 200, 1000, 110, 1000) for s in STUDIES))
    assert "recorded by the police more less more The" in words
