"""Unreported studies without effect: found by plain sums over a grid, and by their limits."""

import math

import numpy as np
import pytest
from decision_rules import RULES
from made_up_fits import BASELINE, counts, estimate, finding, priors, terms_of
from scipy import stats

from livingreview.effects.data_set import dataset
from livingreview.protocol.sensitivity import Unreported
from livingreview.sensitivity.assumptions import Assumptions
from livingreview.sensitivity.choices import OutcomeChoices
from livingreview.sensitivity.unreported_studies import median_error, unreported_studies

LIMIT = math.log(1.1)
# Two studies that say more, and precisely; one that says less.
STUDIES = [(0.6, 0.2), (0.5, 0.15), (-0.1, 0.3)]


def found(studies=STUDIES, most=40, decisive=0.9):
    terms = terms_of(*(estimate(f"s{i}", *numbers) for i, numbers in enumerate(studies)))
    outcome = OutcomeChoices(
        name="o",
        terms=terms,
        alternatives=terms_of(),
        studies=terms[["study_id"]],
        assumptions={"as_planned": Assumptions("planned", BASELINE, 0.5)},
        priors={"planned": priors()},
        better="lower",
    )
    rules = Unreported(most=most, reason="Invented.")
    return unreported_studies(outcome, rules, decisive, RULES, LIMIT)


def by_plain_sums(studies):
    """Probability that the pooled effect is above 0, and the median of tau, on a dense grid."""
    mu, tau = np.linspace(-3, 3, 1201), np.linspace(0, 3, 1501)
    log = stats.norm.logpdf(mu, 0, 1) + stats.halfnorm.logpdf(tau, scale=0.5)[:, None]
    for y, s in studies:
        log = log + stats.norm.logpdf(y, mu, np.sqrt(s**2 + tau[:, None] ** 2))
    share = np.exp(log - log.max())
    share[0] /= 2  # trapezium: tau has an end at 0
    share /= share.sum()
    of_tau = share.sum(axis=1).cumsum()
    above = share.sum(axis=0)
    return above[mu > 1e-9].sum() + above[np.abs(mu) < 1e-9].sum() / 2, np.interp(0.5, of_tau, tau)


def test_the_number_is_that_of_adding_them_one_by_one():
    row = found()
    now, tau = by_plain_sums(STUDIES)
    assert row["p_now"] == pytest.approx(now, abs=1e-3)
    assert row["tau"] == pytest.approx(tau, abs=2e-3)
    assert row["standard_error"] == pytest.approx(0.2)
    spread, p, count = math.hypot(0.2, tau), now, 0
    while p >= 0.9:
        count += 1
        pairs = [(sign * spread, 0.2) for sign in (1, -1)] * (count // 2)
        p, _ = by_plain_sums([*STUDIES, *pairs, *[(0.0, 0.2)] * (count % 2)])
    assert count >= 1
    assert (row["unreported"], row["probability"]) == (count, 0.9)
    assert row["p_then"] == pytest.approx(p, abs=1e-3)
    assert row["stands_still"]


def test_both_directions_are_lost_to_as_many():
    turned = found([(-y, s) for y, s in STUDIES])
    assert turned["direction"] == "less"
    assert turned["unreported"] == found()["unreported"]


def test_a_leaning_direction_is_asked_until_it_leans_no_longer():
    row = found(decisive=0.9999)
    assert row["probability"] == RULES.verdicts[-1].probability
    assert row["unreported"] > found()["unreported"]


def test_a_direction_without_a_verdict_has_none_to_lose():
    row = found([(0.1, 0.3), (-0.1, 0.3)])
    assert row["unreported"] is None and row["probability"] is None
    assert row["reason"] == "the direction has no verdict today"


def test_so_many_are_tried_and_no_more():
    row = found(most=1)
    assert row["unreported"] is None and row["probability"] == 0.9
    assert row["p_at_most"] > 0.9


def test_the_median_study_has_woolfs_error_where_it_reports_no_number():
    # 100 people in each arm, and a control share at the middle of its prior, exp(-1)/(1 + exp(-1)).
    share = math.exp(-1) / (1 + math.exp(-1))
    of_finding = math.sqrt(2 / (100 * share * (1 - share)))
    of_counts = math.sqrt(1 / 30 + 1 / 60 + 1 / 20 + 1 / 75)
    terms = terms_of(
        estimate("a", 0.1, 0.2), finding("b", 1.96, np.inf, 100.0), counts("c", 30, 90, 20, 95)
    )
    error = median_error(dataset(terms, BASELINE, 0.5))
    assert error == pytest.approx(sorted([0.2, of_finding, of_counts])[1])
