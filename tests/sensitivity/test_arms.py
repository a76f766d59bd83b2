"""Each arm is the fit of what it leaves: made-up reviews whose other readings are known."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_up_fits import BASELINE, counts, estimate, finding, plain_design, priors, terms_of

from livingreview.effects.data_set import dataset
from livingreview.models.quadrature.engine import answer
from livingreview.protocol.outcomes import BaselinePriors, Shares
from livingreview.protocol.priors import Prior
from livingreview.sensitivity import choices
from livingreview.sensitivity.arms import Reports, at_follow_up, leaves_significance_open
from livingreview.sensitivity.assumptions import assumptions_to_vary
from livingreview.sensitivity.choices import OutcomeChoices, multiverse, variations
from livingreview.sensitivity.integration import ChoiceIntegrator
from livingreview.tables.effects import Terms

LIMIT = math.log(1.1)
CORRELATION = 0.5
STUDIES = pd.DataFrame({"study_id": list("abcd"), "year": [2001, 2002, 2003, 2004]})
NO_ROUTES = terms_of().assign(of_effect=None, piece=None, choice=None)


def of_effect(study, effect, value, error):
    names = {"effect_id": f"{study}/{effect}", "term_id": f"{study}/{effect}/normal"}
    return [row | names for row in estimate(study, value, error)]


def outcome_of(terms, alternatives=NO_ROUTES, reports=None, settings=None, arms=BASELINE):
    return OutcomeChoices(
        name="o",
        terms=terms,
        alternatives=alternatives,
        studies=STUDIES,
        assumptions=assumptions_to_vary(terms, arms, settings or {}, CORRELATION),
        priors={"planned": priors()},
        better="lower",
        reports=reports or Reports(),
    )


def arms_of(outcome):
    """Answers of every variation, by its choice and its name."""
    named = variations(outcome)
    found = ChoiceIntegrator(outcome).pooled([choice for *_, choice in named], LIMIT)
    return {tuple(key): row for (*key, _), (_, row) in zip(named, found.iterrows(), strict=True)}


def assert_fit_of(row, terms, arms=BASELINE):
    data = dataset(terms, arms, CORRELATION)
    mu = answer(data, plain_design(data), priors(), LIMIT).quantities["mu"]
    for column in ("q2_5", "q50", "q97_5", "p_above_zero", "p_practically_none"):
        assert row[column] == pytest.approx(mu[column], abs=2e-4), column


def test_numbers_count_among_the_studies_that_an_analysis_leaves():
    findings = [finding(study, 1.96, np.inf, 150.0) for study in "bcd"]
    arms = arms_of(outcome_of(terms_of(counts("a", 30, 100, 20, 100), *findings)))
    assert arms["planned", "as planned"]["numbers"] == pytest.approx(200 / 1100)
    assert arms["leave_one_out", "b"]["numbers"] == pytest.approx(200 / 800)
    assert arms["leave_one_out", "a"]["numbers"] == 0
    assert arms["cumulative", "a"]["numbers"] == 1


def test_without_high_risk_is_the_fit_of_the_other_studies():
    studies = [estimate("a", 0.5, 0.2), estimate("b", -0.1, 0.3), estimate("c", 0.9, 0.2)]
    reports = Reports(high_risk=frozenset({"c"}))
    arms = arms_of(outcome_of(terms_of(*studies), reports=reports))
    assert_fit_of(arms["risk_of_bias", "without_high_risk"], terms_of(*studies[:2]))


@pytest.mark.parametrize("high_risk", [frozenset(), frozenset("abc"), frozenset({"elsewhere"})])
def test_without_high_risk_there_is_no_arm_unless_it_leaves_some_studies(high_risk):
    terms = terms_of(estimate("a", 0.5, 0.2), estimate("b", -0.1, 0.3), estimate("c", 0.9, 0.2))
    found = variations(outcome_of(terms, reports=Reports(high_risk=high_risk)))
    assert "risk_of_bias" not in {analysis for analysis, *_ in found}


def test_a_direction_without_significance_leaves_it_open_and_nothing_else_does():
    kinds = {"kind": "finding"}
    terms = terms_of(
        finding("more", 0.0, np.inf, 90.0, **kinds),
        finding("less", -np.inf, 0.0, 90.0, **kinds),
        finding("more_significantly", 1.96, np.inf, 90.0, **kinds),
        finding("more_not_significantly", 0.0, 1.96, 90.0, **kinds),
        finding("test", 0.0, np.inf, 90.0, kind="test"),
        estimate("number", 0.4, 0.2),
    )
    assert list(terms[leaves_significance_open(terms)]["study_id"]) == ["more", "less"]


def test_stated_significance_keeps_a_study_that_also_reports_something_else():
    unstated = finding("a", 0.0, np.inf, 90.0, kind="finding")
    both = finding("b", 0.0, np.inf, 90.0, kind="finding") + of_effect("b", "second", 0.4, 0.2)
    numbers = [estimate("c", 0.1, 0.3), both]
    arms = arms_of(outcome_of(terms_of(unstated, *numbers)))
    assert_fit_of(arms["evidence", "significance_stated"], terms_of(*numbers))


MONTHS = {"b/six": 6.0, "b/year": 12.0, "b/not_known_too": 12.0}


def reviews_with_follow_ups():
    of_b = [of_effect("b", "six", 0.8, 0.2), of_effect("b", "year", 0.1, 0.2)]
    # Another study gives two effects of one follow-up, so that all fits have an SD within studies.
    of_a = of_effect("a", "one", 0.3, 0.3) + of_effect("a", "two", 0.2, 0.3)
    return [of_a, estimate("c", -0.2, 0.3)], of_b


def test_shortest_and_longest_follow_up_are_the_fits_of_those_effects():
    others, (six, year) = reviews_with_follow_ups()
    outcome = outcome_of(terms_of(*others, six, year), reports=Reports(months=MONTHS))
    arms = arms_of(outcome)
    assert_fit_of(arms["follow_up", "shortest"], terms_of(*others, six))
    assert_fit_of(arms["follow_up", "longest"], terms_of(*others, year))
    of_choices, _ = multiverse(outcome, 10_000, seed=1)
    assert {choice.follow_up for choice in of_choices} == {"as_planned", "shortest", "longest"}


def test_readings_that_are_many_are_tabulated_apart_with_the_same_answers(monkeypatch):
    others, (six, year) = reviews_with_follow_ups()
    outcome = outcome_of(terms_of(*others, six, year), reports=Reports(months=MONTHS))
    together = arms_of(outcome)
    monkeypatch.setattr(choices, "MOST_READINGS", 1)
    outcome = replace(outcome)
    assert outcome.has_many_readings
    apart = arms_of(outcome)
    assert apart.keys() == together.keys()
    assert {kind for kind, _ in apart} >= {"follow_up", "correlation", "leave_one_out"}
    columns = ["studies", "q2_5", "q50", "q97_5", "p_above_zero", "tau"]
    for key, row in apart.items():
        np.testing.assert_allclose(
            row[columns].astype(float), together[key][columns].astype(float), atol=1e-4
        )
    of_choices, _ = multiverse(outcome, 10_000, seed=1)
    assert {(c.follow_up, c.baseline) for c in of_choices} == {("as_planned", "as_planned")}


def test_an_effect_whose_follow_up_is_not_known_stays():
    _, of_b = reviews_with_follow_ups()
    terms = terms_of(*of_b, of_effect("b", "never_told", 0.2, 0.3))
    kept = at_follow_up(terms, MONTHS, "shortest")["effect_id"]
    assert list(kept) == ["b/six", "b/never_told"]


def test_a_control_arm_goes_with_the_last_effect_that_needs_it():
    shared = counts("b", 30, 90, 20, 95)
    terms = terms_of(shared, of_effect("b", "year", 0.1, 0.2))
    kept = at_follow_up(terms, {"b/o": 6.0, "b/year": 12.0}, "longest")
    assert list(kept["effect_id"]) == ["b/year"]
    assert len(at_follow_up(terms, {"b/o": 6.0, "b/year": 12.0}, "shortest")) == 2


def routes_of(*rows):
    columns = ["effect_id", "piece", "alternative", "status", "adjustment"]
    return pd.DataFrame(rows, columns=columns)


def effects_of(*effects):
    rows = [
        {"effect_id": e, "study_id": e[0], "status": "analysed", "high_risk": None}
        | {"follow_up_months": None}
        for e in effects
    ]
    return pd.DataFrame(rows).astype({"follow_up_months": float})


def test_effects_adjusted_otherwise_are_read_so_all_at_once():
    first, second = of_effect("a", "x", 0.5, 0.2), of_effect("a", "y", 0.4, 0.2)
    other = estimate("b", 0.1, 0.3)
    alternatives = []
    for row, value in zip((*first, *second), (-0.5, -0.6), strict=True):
        route = {"of_effect": row["effect_id"], "piece": 1, "choice": "as_reported"}
        alternatives.append(row | {"value": value} | route)
    reports = Reports.of(
        effects_of("a/x", "a/y", "b/o"),
        routes_of(
            ("a/x", 0, "as_reported", "analysed", "adjusted"),
            ("a/x", 1, "as_reported", "alternative", "unadjusted"),
            ("a/y", 0, "as_reported", "analysed", "adjusted"),
            ("a/y", 1, "as_reported", "alternative", "unadjusted"),
            # The same quantity another way, and a route that does not say: no other adjustment.
            ("b/o", 0, "as_reported", "analysed", "unadjusted"),
            ("b/o", 1, "interval", "alternative", "unadjusted"),
            ("b/o", 2, "as_reported", "alternative", None),
        ),
    )
    assert set(reports.other_adjustment) == {"a"}
    with_names = pd.DataFrame(alternatives).assign(kind="estimate")
    alternatives = pd.DataFrame(
        with_names, columns=["of_effect", "piece", "choice", *Terms.columns()]
    )
    arms = arms_of(outcome_of(terms_of(first, second, other), alternatives, reports))
    unadjusted = of_effect("a", "x", -0.5, 0.2), of_effect("a", "y", -0.6, 0.2)
    assert_fit_of(arms["adjustment", "adjusted_otherwise"], terms_of(*unadjusted, other))


def test_control_shares_of_ratios_take_the_place_of_their_location():
    arms = BaselinePriors(
        findings=Prior.parse("normal(-1, 0.8)"),
        counts=Prior.parse("normal(-1, 10)"),
        shares=Shares(location=Prior.parse("normal(-1, 0.8)"), spread=0.4, reason="made up"),
    )
    ratios = [
        [row | {"likelihood": "ratio", "measure": "risk_ratio", "baseline_id": f"{study}/o"}]
        for study, value in (("a", 0.5), ("b", 0.3))
        for row in estimate(study, value, 0.2)
    ]
    terms = terms_of(*ratios, counts("c", 30, 90, 20, 95))
    settings = {"rare": Prior.parse("normal(-3, 0.3)")}
    found = arms_of(outcome_of(terms, settings=settings, arms=arms))
    # A prior of the location that leaves it no room, at the same centre and spread.
    at_setting = arms.model_copy(
        update={"shares": Shares(location=Prior.parse("normal(-3, 1e-5)"), spread=0.3, reason="x")}
    )
    assert_fit_of(found["shares", "ratios_rare"], terms, at_setting)
    assert abs(found["shares", "ratios_rare"]["q50"] - found["planned", "as planned"]["q50"]) > 0.01
