"""Summary of findings: a size stands in it only where these studies teach it."""

import math

import pandas as pd
import pytest
from conftest import ROOT

from livingreview.base.documents import read_document
from livingreview.base.validation import validated
from livingreview.protocol.review import Protocol
from livingreview.records.narrative import SetCertainty
from livingreview.report.summary_of_findings import PER_1000, SIZES, findings_table
from livingreview.synthesis.certainty.proposal import certainty_table
from livingreview.tables.report import SummaryOfFindings

PROTOCOL = validated(read_document(ROOT / "tests/tiny_review/protocol.yaml"), Protocol, "tiny")


def findings(
    learnt: bool,
    set_by_person: dict[str, SetCertainty] | None = None,
    verdict: str = "clear",
) -> pd.DataFrame:
    """Relapse from two randomised studies, one of unknown size; nothing on recovery."""
    precision = pd.DataFrame(
        {
            "study_id": ["a", "b"],
            "people": [1000.0, 400.0],
            "people_known": [True, False],
            "events": [300.0, math.nan],
        }
    )
    pooled = {
        "effect": 0.5,
        "effect_low": 0.4,
        "effect_high": 0.6,
        "new_setting_low": 0.3,
        "new_setting_high": 0.8,
        "p_more": 0.01,
        "p_less": 0.99,
        "p_new_setting_more": 0.02,
        "baseline_per_1000": 300.0,
        "difference_per_1000": -124.0,
        "difference_per_1000_low": -154.0,
        "difference_per_1000_high": -95.0,
        "verdict": verdict,
        "verdict_words": "less",
        "size_learnt": learnt,
    }
    tables = {
        "1_records/studies.csv": pd.DataFrame(
            {"study_id": ["a", "b"], "year": 2020, "risk_allocation": "low"}
            | {"moderator_design": "experimental"}
        ),
        "1_records/effects.csv": pd.DataFrame(
            {"study_id": ["a", "b"], "outcome": "relapse", "status": "analysed", "high_risk": None}
        ),
        "1_records/flow.csv": pd.DataFrame(columns=["level", "status", "count"]),
        "2_effects/relapse.precision.csv": precision,
        "2_effects/recovery.precision.csv": precision.iloc[:0],
        "5_synthesis/summary.csv": pd.DataFrame(
            [{"outcome": "relapse", "model": "overall"} | pooled]
        ),
        "6_sensitivity/unreported.csv": pd.DataFrame(columns=["outcome"]),
        "6_sensitivity/fixed_weights.csv": pd.DataFrame(
            {"outcome": ["relapse"], "weight": 1.0, "p_above_zero": 0.01, "p_below_zero": 0.99}
        ),
    }
    certainties = certainty_table(PROTOCOL, tables)
    found = findings_table(PROTOCOL, tables, certainties, set_by_person or {})
    return SummaryOfFindings.validate(found).set_index("outcome")


def test_no_people_are_counted_where_studies_are_too_few_for_a_verdict():
    row = findings(learnt=True, verdict="few_studies").loc["relapse"]
    assert [row[name] for name in SIZES] == [0.5, 0.4, 0.6]
    assert row[list(PER_1000)].isna().all()


def test_a_size_that_is_learnt_stands_with_its_change_per_1000():
    row = findings(learnt=True).loc["relapse"]
    assert [row[name] for name in SIZES] == [0.5, 0.4, 0.6]
    assert [row[name] for name in PER_1000] == [300, -124, -154, -95]
    assert row["proposed"] == "high"
    assert pd.isna(row["lowered_by"])


def test_a_size_that_is_not_learnt_stands_nowhere():
    row = findings(learnt=False).loc["relapse"]
    assert row[[*SIZES, *PER_1000]].isna().all()
    assert (row["direction"], row["p_direction"]) == ("less", 0.99)


def test_people_and_events_say_what_is_known():
    row = findings(learnt=True).loc["relapse"]
    assert (row["studies"], row["randomised"]) == (2, 2)
    assert (row["people"], row["people_known"]) == (1400, 1000)
    assert row["events"] == pytest.approx(300 + 0.3 * 400)


def test_an_outcome_without_studies_has_a_row_and_no_certainty():
    row = findings(learnt=True).loc["recovery"]
    assert (row["studies"], row["people"]) == (0, 0)
    assert row[["proposed", "verdict_words", "direction"]].isna().all()


def test_what_a_person_set_stands_beside_the_proposal():
    of_person = SetCertainty(level="low", by="A. Reviewer", reason="All are pilots.")
    row = findings(learnt=True, set_by_person={"relapse": of_person}).loc["relapse"]
    assert (row["proposed"], row["set_level"], row["set_by"]) == ("high", "low", "A. Reviewer")
    assert row["set_reason"] == "All are pilots."
