"""Counts per 1,000 people, and the arrays of marks that show them."""

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from livingreview.protocol.review import read_protocol
from livingreview.report.claims import Claims
from livingreview.report.icon_arrays import icon_arrays
from livingreview.synthesis.per_1000 import ControlGroups, per_1000_table
from livingreview.tables.synthesis import Per1000, Summary

PROTOCOL = read_protocol(ROOT / "config/reviews/second_responder.yaml")


def answer(outcome, model="overall", learnt=True):
    """An effect of log 2, and an interval from -1 to 3 around it."""
    named = {"fit": f"{outcome}/{model}", "quantity": "mu", "engine": "quadrature"}
    return named | {"q2_5": -1.0, "q50": np.log(2), "q97_5": 3.0, "size_learnt": learnt}


@pytest.fixture(scope="module")
def table():
    """Two outcomes with a size, and one whose size its studies do not tell."""
    answers = [
        answer("police_recorded"),
        answer("police_recorded", "design"),
        answer("victim_reported"),
        answer("service_use", learnt=False),
        answer("police_recorded") | {"engine": "nuts", "q50": 9.0},
    ]
    return Per1000.validate(per_1000_table(pd.DataFrame(answers), PROTOCOL.outcomes, {}))


def controls(*counts):
    """Control groups of studies: study, events, people, likelihood."""
    terms = pd.DataFrame(counts, columns=["study_id", "events", "total", "likelihood"])
    treated = terms.iloc[:1].assign(treated=1.0, events=99.0, total=100.0)
    return ControlGroups.of(pd.concat([terms.assign(treated=0.0), treated], ignore_index=True))


GROUPS = (
    ("a", 10.0, 100.0, "binomial"),
    ("b", 30.0, 100.0, "binomial"),
    # A study's control groups are one share.
    ("c", 10.0, 50.0, "binomial"),
    ("c", 50.0, 150.0, "binomial"),
    ("d", 120.0, 200.0, "binomial"),
    # Person-time is no number of people.
    ("e", 5.0, 9.0, "poisson"),
)


def test_control_groups_on_record_give_the_median_of_studies_with_its_ends():
    found = controls(*GROUPS)
    assert found == ControlGroups(4, pytest.approx(0.30), 0.10, 0.60)
    assert controls(GROUPS[-1]) is None and controls(("a", 0.0, 50.0, "binomial")) is None


def test_a_share_on_record_stands_in_only_where_none_is_cited():
    answers = pd.DataFrame([answer("police_recorded"), answer("victim_reported")])
    found = controls(*GROUPS)
    both = {"police_recorded": found, "victim_reported": found}
    table = Per1000.validate(per_1000_table(answers, PROTOCOL.outcomes, both))
    rows = table.set_index(["outcome", "baseline"])
    assert ("police_recorded", "cited") in rows.index
    assert ("police_recorded", "on_record") not in rows.index
    row = rows.loc[("victim_reported", "on_record")]
    assert not row["assumed"] and row["control_per_1000"] == pytest.approx(300)
    assert row["treated_per_1000"] == pytest.approx(1000 * 6 / 13)
    assert list(row[["control_studies", "control_lowest", "control_highest"]]) == [4, 100, 600]
    [shown] = arrays(table)["victim_reported"]
    words = str(shown.sentences["control"])
    assert words.startswith("Say that 300 in 1,000 victims have this outcome with usual response.")
    assert "In the 4 studies that count them it runs from 100 to 600 in 1,000" in words
    assert "no other source is cited" in words and "Assumed" not in words


def test_odds_are_multiplied_at_each_stated_share(table):
    cited = table.set_index(["outcome", "baseline"]).loc[("police_recorded", "cited")]
    assert not cited["assumed"] and cited["control_per_1000"] == pytest.approx(280)
    for column, ratio in (
        ("treated_per_1000", 2),
        ("treated_per_1000_low", np.exp(-1)),
        ("treated_per_1000_high", np.exp(3)),
    ):
        odds = 280 / 720 * ratio
        assert cited[column] == pytest.approx(1000 * odds / (1 + odds))
    assert list(table["baseline"]) == ["cited", "rare", "common", "rare", "common"]
    assert list(table["assumed"]) == [False, True, True, True, True]
    rare = table[table["outcome"] == "victim_reported"].iloc[0]
    assert rare["control_per_1000"] == pytest.approx(1000 / (1 + np.exp(1.39)))


def arrays(table: pd.DataFrame, verdict: str = "leaning"):
    summary = [
        {"fit": f"{name}/overall", "setting": "all_studies", "verdict": verdict}
        for name in table["outcome"].unique()
    ]
    tables = {Per1000.file: table, Summary.file: pd.DataFrame(summary)}
    return icon_arrays(Claims(tables), PROTOCOL)


def test_no_people_are_counted_where_studies_are_too_few_for_a_verdict(table):
    assert not any(arrays(table, "few_studies").values())


def test_marks_and_words_say_the_same(table):
    found = arrays(table)
    [police] = found["police_recorded"]
    usual, second = police.arms
    assert [path.count("M") for path in (usual.outlines, usual.full, usual.half, usual.dots)] == [
        100,
        28,
        0,
        0,
    ]
    # 125 at the low end, 438 as estimate, 887 at the high end: cut into full, half and dotted.
    assert [path.count("M") for path in (second.full, second.half, second.dots)] == [13, 31, 45]
    assert second.half.startswith("M131 5a") and second.dots.startswith("M41 25m")
    assert [str(s) for s in police.sentences.values()] == [
        "280 in 1,000 households have this outcome within 12 months with usual response. Whose"
        " share this is: All groups of Stover 2009 together, as no share of an untreated group"
        " could be read.",
        "With second response the estimate is 438. It may be as few as 125 or as many as 887"
        " (95% interval).",
    ]


def test_a_share_that_no_source_gives_is_said_to_be_assumed(table):
    found = arrays(table)
    rare, common = found["victim_reported"]
    assert str(rare.sentences["control"]) == (
        "Assumed, as no source gives it: 200 in 1,000 victims have this outcome with usual"
        " response."
    )
    assert "Assumed" in str(common.sentences["control"])
    assert found["service_use"] == []
