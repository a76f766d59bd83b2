"""Certainty of made-up outcomes, at each limit and beyond it."""

import copy
import math
from dataclasses import replace

import pandas as pd
import pytest
from conftest import ROOT

from livingreview.base.documents import Document, read_document
from livingreview.base.errors import ReviewError
from livingreview.base.validation import validated
from livingreview.protocol.review import Protocol
from livingreview.records.record_tables import extract
from livingreview.records.study import Study
from livingreview.synthesis.certainty.body import Body, body_of
from livingreview.synthesis.certainty.imprecision import Imprecision
from livingreview.synthesis.certainty.inconsistency import Inconsistency
from livingreview.synthesis.certainty.indirectness import Indirectness
from livingreview.synthesis.certainty.proposal import certainty_table, proposed_level
from livingreview.synthesis.certainty.reporting_bias import ReportingBias
from livingreview.synthesis.certainty.risk_of_bias import RiskOfBias
from livingreview.synthesis.certainty.start import Start
from livingreview.synthesis.certainty.step import Domain, Step
from livingreview.tables.report import Certainties

DOCUMENT = read_document(ROOT / "tests/tiny_review/protocol.yaml")
PROTOCOL = validated(DOCUMENT, Protocol, "tiny")
POOLED = {
    "effect_low": 1.2,
    "effect_high": 3.0,
    "new_setting_low": 1.15,
    "new_setting_high": 4.0,
    "p_more": 0.99,
    "p_less": 0.01,
    "p_new_setting_more": 0.98,
    "size_learnt": True,
}


def body(
    *studies: dict,
    usable: int = 4,
    not_usable: int = 0,
    weights: list = (),
    unreported: dict | None = None,
    **pooled,
) -> Body:
    """Evidence on relapse: four randomised studies of 100 people at low risk unless said."""
    rows = studies or [{}] * 4
    usual = {"people": 100.0, "events": 100.0, "year": 2020, "risk_allocation": "low"}
    usual |= {"moderator_design": "experimental", "at_high_risk": False}
    return Body(
        outcome="relapse",
        studies=pd.DataFrame([usual | row for row in rows]),
        pooled=pd.Series(POOLED | pooled),
        fixed_weights=pd.DataFrame(weights, columns=["weight", "p_above_zero", "p_below_zero"]),
        unreported=None if unreported is None else pd.Series(unreported),
        usable=usable,
        not_usable=not_usable,
    )


def lowered(domain: type[Domain], of: Body, protocol: Protocol = PROTOCOL) -> int:
    judge = domain(protocol)
    return judge.lowered(list(judge.steps(of)))


def step(domain: type[Domain], of: Body, rule: str) -> Step:
    return next(s for s in domain(PROTOCOL).steps(of) if s.rule == rule)


QUASI = {"moderator_design": "quasi_experimental"}
HIGH = {"risk_allocation": "high", "at_high_risk": True}
UNREAD = {"risk_allocation": "not_readable"}


@pytest.mark.parametrize(
    ("studies", "steps"),
    [
        ([{}] * 4, 0),
        ([{}] * 3 + [QUASI], 0),  # three of four: at the limit
        ([{}] * 3 + [QUASI | {"people": 101.0}], 2),
        ([QUASI] * 4, 2),
        ([{"moderator_design": None}] * 4, 2),
        ([{"people": 900.0}] + [QUASI] * 3, 0),  # people count, not studies
    ],
)
def test_randomised_studies_start_as_high_and_others_two_steps_lower(studies, steps):
    assert lowered(Start, body(*studies)) == steps


@pytest.mark.parametrize(
    ("studies", "steps"),
    [
        ([{}] * 3 + [HIGH], 0),
        ([{}] * 3 + [HIGH | {"people": 101.0}], 1),
        ([{}] * 2 + [HIGH] * 2, 1),
        ([{}] * 2 + [HIGH, HIGH | {"people": 101.0}], 2),
        # Not randomised, in a body that starts as high: it counts with those at high risk.
        ([{}] * 6 + [QUASI, HIGH], 0),
        ([{}] * 6 + [QUASI, HIGH, HIGH], 1),
        # In a body that starts as low that was counted already.
        ([QUASI] * 4, 0),
        ([{}] * 2 + [UNREAD] * 2, 0),
        ([{}] * 1 + [UNREAD] * 2, 1),
        # Two views of one fault count once.
        ([UNREAD] * 3 + [HIGH | {"people": 200.0}], 1),
    ],
)
def test_risk_of_bias(studies, steps):
    assert lowered(RiskOfBias, body(*studies)) == steps


@pytest.mark.parametrize(
    ("pooled", "steps"),
    [
        ({"new_setting_low": 1.15}, 0),
        ({"new_setting_low": 1 / 1.1}, 0),
        ({"new_setting_low": 1 / 1.11}, 1),
        ({"new_setting_low": 0.5}, 1),
        ({"new_setting_low": 0.49}, 2),
        # An imprecise average reaches across by itself; what a new setting adds is nothing.
        ({"effect_low": 0.4, "new_setting_low": 0.4}, 0),
        ({"effect_low": 0.8, "new_setting_low": 0.6}, 1),
        # The same mirrored, where the outcome becomes less.
        (
            {"p_more": 0.01, "p_less": 0.99, "effect_low": 0.3, "effect_high": 0.8}
            | {"new_setting_low": 0.2, "new_setting_high": 1.5},
            1,
        ),
        ({"size_learnt": False, "p_new_setting_more": 0.75}, 0),
        ({"size_learnt": False, "p_new_setting_more": 0.74}, 1),
        ({"size_learnt": False, "p_more": 0.2, "p_less": 0.8, "p_new_setting_more": 0.25}, 0),
        ({"size_learnt": False, "p_more": 0.2, "p_less": 0.8, "p_new_setting_more": 0.3}, 1),
    ],
)
def test_inconsistency(pooled, steps):
    assert lowered(Inconsistency, body(**pooled)) == steps


def test_one_study_is_not_judged_inconsistent():
    only = next(Inconsistency(PROTOCOL).steps(body({}, new_setting_low=0.1)))
    assert math.isnan(only.number)
    assert (only.steps, only.flips_to) == (0, None)
    assert "one study" in only.note


@pytest.mark.parametrize(
    ("studies", "steps"),
    [
        ([{}] * 4, 0),
        ([{}] * 2 + [QUASI] * 2, 0),
        ([{}] * 1 + [QUASI] * 2, 1),
        ([{"moderator_design": None}] * 4, 1),  # who does not tell is outside
        ([{"year": 2014}] * 2 + [{}] * 2, 0),
        ([{"year": 2014}] * 3 + [{}], 1),
        ([{"year": 2015}] * 4, 0),
        ([QUASI | {"year": 2014}] * 4, 2),  # different matters add up
    ],
)
def test_indirectness(studies, steps):
    assert lowered(Indirectness, body(*studies)) == steps


def test_indirectness_is_not_judged_without_an_interest():
    of = body(*[QUASI | {"year": 1950}] * 4)
    nobody = PROTOCOL.certainty.model_copy(update={"interest": {}})
    protocol = PROTOCOL.model_copy(update={"certainty": nobody})
    assert lowered(Indirectness, of, protocol) == 0
    assert math.isnan(next(Indirectness(protocol).steps(of)).number)


@pytest.mark.parametrize(
    ("pooled", "steps"),
    [
        ({"effect_low": 1.11}, 0),
        ({"effect_low": 1.09}, 1),  # a difference that matters, or none
        ({"effect_low": 0.92}, 1),
        ({"effect_low": 0.90}, 2),  # differences both ways
        # Practically none, and precisely so.
        ({"effect_low": 0.95, "effect_high": 1.05}, 0),
        ({"effect_low": 0.95, "effect_high": 1.15}, 1),
        ({"size_learnt": False, "p_more": 0.975, "p_less": 0.025}, 0),
        ({"size_learnt": False, "p_more": 0.974, "p_less": 0.026}, 1),
        ({"size_learnt": False, "p_more": 0.25, "p_less": 0.75}, 1),
        ({"size_learnt": False, "p_more": 0.26, "p_less": 0.74}, 2),
    ],
)
def test_imprecision_of_the_answer(pooled, steps):
    assert lowered(Imprecision, body(**pooled)) == steps


@pytest.mark.parametrize(("events", "steps"), [(100.0, 0), (99.0, 1)])
def test_few_events_are_imprecise_whatever_the_interval(events, steps):
    assert lowered(Imprecision, body(*[{"events": events}] * 4)) == steps


def test_of_a_score_people_count_in_place_of_events():
    of = body(*[{"events": math.nan, "people": 99.0}] * 4)
    few = step(Imprecision, of, "events_at_least")
    assert (few.looked_at, few.number, few.steps) == ("people", 396, 1)


def test_distance_of_an_interval_is_the_factor_by_which_its_end_must_move():
    crossed = step(Imprecision, body(effect_low=1.21), "thresholds_crossed_at_most")
    assert crossed.distance == pytest.approx(1.1)
    assert crossed.flips_to == 1
    crossed = step(Imprecision, body(effect_low=1.0), "thresholds_crossed_at_most")
    assert crossed.distance == pytest.approx(1.1)
    crossed = step(Imprecision, body(effect_low=0.95), "thresholds_crossed_at_most")
    assert crossed.distance == pytest.approx(0.95 * 1.1)
    assert crossed.flips_to == 2


@pytest.mark.parametrize(
    ("counts", "steps"),
    [((4, 0), 0), ((4, 1), 0), ((3, 1), 1), ((16, 4), 0)],
)
def test_results_known_to_exist_and_not_usable(counts, steps):
    usable, not_usable = counts
    assert lowered(ReportingBias, body(usable=usable, not_usable=not_usable)) == steps


@pytest.mark.parametrize(
    ("weights", "steps"),
    [
        ([(1.0, 0.9, 0.1), (0.1, 0.75, 0.25)], 0),
        ([(1.0, 0.9, 0.1), (0.1, 0.74, 0.26)], 1),
        ([(1.0, 0.9, 0.1), (0.5, 0.3, 0.7), (0.1, 0.8, 0.2)], 1),  # the worst of them
        ([(1.0, 0.7, 0.3), (0.1, 0.3, 0.7)], 0),  # there was no direction to lose
    ],
)
def test_direction_if_results_went_unprinted(weights, steps):
    assert lowered(ReportingBias, body(weights=weights)) == steps


@pytest.mark.parametrize(
    ("row", "number", "steps"),
    [
        ({"unreported": 4, "probability": 0.75}, 1.0, 0),
        ({"unreported": 3, "probability": 0.75}, 0.75, 1),
        # As many as were tried do not take it away.
        ({"unreported": None, "probability": 0.75}, 25.0, 0),
        ({"unreported": None, "probability": math.nan}, None, 0),  # there is no direction to lose
    ],
)
def test_unreported_studies_that_would_take_the_direction_away(row, number, steps):
    of = body(unreported={"studies": 4, "most": 100} | row)
    told = step(ReportingBias, of, "unreported_at_least")
    assert told.steps == lowered(ReportingBias, of) == steps
    assert math.isnan(told.number) if number is None else told.number == number


def test_a_review_without_a_search_may_have_missed_results():
    unsearched = PROTOCOL.model_copy(
        update={"search": PROTOCOL.search.model_copy(update={"last": None})}
    )
    assert lowered(ReportingBias, body()) == 0
    assert lowered(ReportingBias, body(), unsearched) == 1


def test_distance_and_flip_are_those_of_the_nearest_limit():
    high = step(RiskOfBias, body({}, HIGH | {"people": 80.0}), "high_risk_at_most")
    assert (high.steps, high.flips_to) == (1, 2)
    assert high.distance == pytest.approx(0.5 - 80 / 180)
    low = step(RiskOfBias, body(*[{}] * 4), "high_risk_at_most")
    assert (low.steps, low.flips_to, low.distance) == (0, 1, 0.25)


def tables(pooled: bool) -> dict[str, pd.DataFrame]:
    """Two outcomes; of recovery nothing could be analysed."""
    studies = pd.DataFrame(
        {"study_id": ["a", "b"], "year": 2020, "risk_allocation": "low"}
        | {"moderator_design": "experimental"}
    )
    effects = pd.DataFrame(
        {
            "study_id": ["a", "a", "b", "b", "a"],
            "outcome": ["relapse"] * 4 + ["recovery"],
            "high_risk": [None] * 4 + ["allocation"],
            "status": ["analysed"] * 3 + ["not_usable", "not_usable"],
        }
    )
    flow = pd.DataFrame(
        [("record", "extracted", 2), ("record", "awaiting_data", 1), ("effect", "analysed", 3)],
        columns=["level", "status", "count"],
    )
    precision = pd.DataFrame(
        {
            "study_id": ["a", "a", "b"],
            "people": [100.0, 80.0, 300.0],
            "people_known": [True, True, False],
            "events": [20.0, 10.0, math.nan],
        }
    )
    summary = {"outcome": ["relapse"], "model": "overall", **POOLED}
    weights = pd.DataFrame({"outcome": ["relapse"], "weight": 1.0, "p_above_zero": 0.99})
    return {
        "1_records/studies.csv": studies,
        "1_records/effects.csv": effects,
        "1_records/flow.csv": flow,
        "2_effects/relapse.precision.csv": precision,
        "2_effects/recovery.precision.csv": precision.iloc[:0],
        "5_synthesis/summary.csv": pd.DataFrame(summary).iloc[: int(pooled)],
        "6_sensitivity/unreported.csv": pd.DataFrame(columns=["outcome"]),
        "6_sensitivity/fixed_weights.csv": weights.assign(p_below_zero=0.01),
    }


def test_people_of_a_study_count_once_and_uncounted_events_are_expected():
    of = body_of("relapse", PROTOCOL, tables(pooled=True))
    assert list(of.studies["people"]) == [100, 300]
    assert list(of.studies["events"]) == [20, pytest.approx(0.3 * 300)]
    assert (of.usable, of.not_usable) == (3, 2)


def test_a_study_is_at_high_risk_for_the_outcomes_that_the_judgement_is_about():
    given = tables(pooled=True)
    given["2_effects/recovery.precision.csv"] = given["2_effects/relapse.precision.csv"]
    at_high_risk = {
        outcome: list(body_of(outcome, PROTOCOL, given).studies["at_high_risk"])
        for outcome in ("relapse", "recovery")
    }
    assert at_high_risk == {"relapse": [False, False], "recovery": [True, False]}


@pytest.mark.parametrize(("outcome", "share"), [("police_recorded", 0), ("victim_reported", 1)])
def test_missing_interviews_of_redlands_are_a_risk_to_what_victims_report_alone(
    shipped: list[tuple[Document, Study]], protocol: Protocol, outcome: str, share: int
):
    moderators, domains = list(protocol.moderators), list(protocol.risk_of_bias_domains)
    records = extract(shipped, protocol.assumed(), moderators, domains)
    redlands = {"study_id": ["davis_redlands_2007"], "people": 300.0, "events": math.nan}
    none_fitted = pd.DataFrame(columns=["outcome", "model"])
    given = {
        "1_records/studies.csv": records.studies,
        "1_records/effects.csv": records.effects,
        "1_records/flow.csv": records.flow,
        f"2_effects/{outcome}.precision.csv": pd.DataFrame(redlands),
        "5_synthesis/summary.csv": none_fitted,
        "6_sensitivity/unreported.csv": none_fitted,
        "6_sensitivity/fixed_weights.csv": none_fitted,
    }
    of = body_of(outcome, protocol, given)
    high, not_judged = RiskOfBias(protocol).steps(of)
    assert (high.rule, high.number) == ("high_risk_at_most", share)
    # Implementation, one of four domains, could not be read: for every outcome.
    assert (not_judged.rule, not_judged.number) == ("not_judged_at_most", 0.25)


def test_the_proposal_is_high_less_the_steps_of_all_domains():
    found = Certainties.validate(certainty_table(PROTOCOL, tables(pooled=True)))
    assert set(found["outcome"]) == {"relapse"}
    by_domain = found.drop_duplicates("domain").set_index("domain")["lowered"]
    # 110 events are too few; two results of five are missing.
    assert dict(by_domain[by_domain > 0]) == {"imprecision": 1, "reporting_bias": 1}
    assert proposed_level(found, "relapse") == "low"


def test_no_certainty_is_below_very_low():
    rows = pd.DataFrame({"outcome": "relapse", "domain": list("abc"), "lowered": [2, 2, 1]})
    assert proposed_level(rows, "relapse") == "very_low"


def test_without_a_pooled_effect_what_hangs_on_it_is_not_judged():
    found = certainty_table(PROTOCOL, tables(pooled=False)).set_index("rule")
    for rule in ("settings_agree_at_least", "direction_at_least"):
        assert math.isnan(found.loc[rule, "number"])
        assert found.loc[rule, "note"] == "the studies were not pooled"


@pytest.mark.parametrize(
    ("place", "value", "names"),
    [
        (("high_risk_at_most", "two_steps"), 0.2, "further out than `one_step`"),
        (("direction_at_least", "two_steps"), 0.99, "further out than `one_step`"),
        (("randomised", "moderator"), "desing", "design"),
        (("randomised", "levels"), ["experimentel"], "experimental"),
        (("interest", "relapse", "moderators"), {"design": ["x"]}, "experimental"),
        (("interest", "relaps"), {"reason": "Invented."}, "relapse"),
    ],
)
def test_mistakes_in_the_protocol_are_named(place, value, names):
    document = copy.deepcopy(DOCUMENT.data)
    at = document["certainty"]
    for part in place[:-1]:
        at = at[part]
    at[place[-1]] = value
    with pytest.raises(ReviewError) as error:
        validated(replace(DOCUMENT, data=document), Protocol, "tiny")
    assert names in str(error.value)


def test_without_a_moderator_that_tells_no_study_counts_as_randomised():
    untold = PROTOCOL.certainty.model_copy(update={"randomised": None})
    protocol = PROTOCOL.model_copy(update={"certainty": untold})
    assert lowered(Start, body(), protocol) == 2
