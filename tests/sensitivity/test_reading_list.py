"""Full texts to order: against sums over all tables, refits with counts, and hand calculation."""

import math

import numpy as np
import pandas as pd
import pytest
from decision_rules import EFFECT_RULES as RULES
from decision_rules import NO_SIZES
from made_up_fits import BASELINE, counts, data_of, estimate, finding, model, priors, terms_of
from scipy import stats
from scipy.special import expit

from livingreview.base.measures import ODDS_RATIO, Measure
from livingreview.effects.forms.z_of_tables import z_of_tables
from livingreview.effects.refusal import Refusal
from livingreview.effects.simulation import drawn_numbers
from livingreview.models.quadrature.locations import likelihoods_of
from livingreview.models.quadrature.new_trial import CurrentPosterior
from livingreview.models.quadrature.pooled_effect import pooled_effects
from livingreview.protocol.priors import Prior
from livingreview.protocol.sensitivity import ReadingList as ReadingListPlan
from livingreview.sensitivity.reading_list import (
    PooledOutcome,
    UnreadEffect,
    ranked,
    reading_list,
    unread_effects,
)
from livingreview.tables.sensitivity import ReadingList

LIMIT = math.log(1.1)
SIZES = BASELINE.model_copy(update={"sizes": Prior.parse("log_normal(5, 0.5)")})
PLAN = ReadingListPlan(simulations=100, most_effects=2, reason="Invented.")
MORE = finding("c", 1.96, np.inf, 150.0, kind="finding")
STUDIES = [estimate("a", 0.5, 0.2), estimate("b", -0.1, 0.3), MORE]


def pooled(*studies, baseline=SIZES):
    terms = terms_of(*studies).assign(outcome="o")
    return PooledOutcome.of("o", terms, baseline, model(), RULES, ODDS_RATIO, 0.5, True)


def test_draws_are_those_of_the_pooled_posterior():
    likelihoods = likelihoods_of([data_of(*STUDIES)])
    effects, spreads = CurrentPosterior(likelihoods, priors(), LIMIT).draws(
        200_000, np.random.default_rng(1)
    )
    known = pooled_effects(likelihoods, np.ones((1, 3), dtype=bool), priors(), LIMIT)
    levels = [0.025, 0.05, 0.5, 0.95, 0.975]
    np.testing.assert_allclose(np.quantile(effects, levels), known.mu.quantiles[0], atol=0.012)
    np.testing.assert_allclose(np.quantile(spreads, levels), known.tau.quantiles[0], atol=0.012)


def test_without_any_other_study_draws_are_those_of_the_prior():
    none = likelihoods_of([data_of(estimate("a", 0.0, 0.3))]).only(np.zeros(1, dtype=bool))
    effects, spreads = CurrentPosterior(none, priors(), LIMIT).draws(
        100_000, np.random.default_rng(1)
    )
    assert effects.std() == pytest.approx(1.0, rel=0.02)
    assert np.median(spreads) == pytest.approx(stats.halfnorm.ppf(0.5, scale=0.5), rel=0.02)


@pytest.mark.parametrize(("low", "high"), [(1.96, np.inf), (0.0, 1.96), (-1.96, 1.96)])
def test_tables_that_agree_with_a_statement_have_the_law_of_all_tables(low, high):
    # Groups so small that every table can be summed over.
    n, theta = 18, 0.9
    data = data_of(finding("c", low, high, n, kind="finding"))
    draws = np.full(200_000, theta)
    value, _, agrees = drawn_numbers(data, "c/o", draws, np.random.default_rng(2))
    logit = np.linspace(-4, 2, 601)
    a, c = (
        stats.binom.pmf(np.arange(n + 1)[:, None], n, expit(logit + shift)) for shift in (theta, 0)
    )
    weight = stats.norm.pdf(logit, -1, 0.5)
    tables = np.einsum("am,cm,m->ac", a, c, weight) / weight.sum()
    z = z_of_tables("pearson", n, n)
    inside = 0.5 * ((low < z) & (z < high)) + 0.5 * ((low <= z) & (z <= high))
    assert agrees.mean() == pytest.approx((tables * inside).sum(), abs=0.004)
    cells = np.stack(np.broadcast_arrays(np.arange(n + 1.0)[:, None], np.arange(n + 1.0)))
    cells = np.concatenate([cells, n - cells])
    cells += 0.5 * (cells == 0).any(axis=0)
    log_or = np.log(cells[0] * cells[3] / cells[1] / cells[2])
    expected = (log_or * tables * inside).sum() / (tables * inside).sum()
    assert value[agrees].mean() == pytest.approx(expected, abs=0.02)


def test_percentages_keep_their_odds_ratio_whatever_the_sizes():
    rounded = {"study_id": "p", "effect_id": "p/o", "likelihood": "rounded", "kind": "percentages"}
    rounded |= {"value_low": 0.45, "value_high": 0.55, "unit_error": 3.0}
    data = pooled([rounded]).data
    value, error, agrees = drawn_numbers(
        data, "p/o", np.full(20_000, 0.5), np.random.default_rng(3)
    )
    assert ((value[agrees] > 0.45) & (value[agrees] < 0.55)).all()
    # Errors are those of the sizes: log-normal around e^5 people in each arm.
    assert np.median(error) == pytest.approx(3 / math.exp(2.5), rel=0.1)


def test_a_table_of_counts_moves_the_answer_as_a_refit_with_these_counts_does():
    outcome = pooled(*STUDIES)
    cells = [(60, 150, 35, 150), (48, 150, 33, 150), (75, 150, 60, 150)]
    value, error = np.transpose(
        [
            (
                math.log(a * (m - c) / ((n - a) * c)),
                math.sqrt(1 / a + 1 / (n - a) + 1 / c + 1 / (m - c)),
            )
            for a, n, c, m in cells
        ]
    )
    after = outcome.pooled_with(UnreadEffect("c", "o", "finding", "c/o"), value, error).mu
    for k, table in enumerate(cells):
        data = data_of(*STUDIES[:2], counts("c", *map(float, table)))
        refit = pooled_effects(likelihoods_of([data]), np.ones((1, 3), dtype=bool), priors(), LIMIT)
        # The first posterior is the present one.
        np.testing.assert_allclose(after.quantiles[k + 1], refit.mu.quantiles[0], atol=0.01)
        assert after.above[k + 1] == pytest.approx(refit.mu.above[0], abs=0.003)


@pytest.mark.long
def test_beliefs_do_not_expect_to_change():
    # Averaged over tables that are drawn given all evidence, beliefs are those of now.
    outcome = pooled(*STUDIES)
    unread = UnreadEffect("c", "o", "finding", "c/o")
    mu = outcome.pooled_with(
        unread, *outcome.numbers_in_full(unread, 3000, np.random.default_rng(5))
    ).mu
    assert mu.above[1:].mean() == pytest.approx(mu.above[0], abs=0.004)
    assert mu.mean[1:].mean() == pytest.approx(mu.mean[0], abs=0.012)
    variance = (mu.sd[1:] ** 2).mean() + mu.mean[1:].var()
    assert variance == pytest.approx(mu.sd[0] ** 2, rel=0.04)


def test_what_is_read_of_one_effect():
    outcome = pooled(*STUDIES)
    unread = UnreadEffect("c", "o", "finding", "c/o")
    row = outcome.read(unread, 400, seed=1)
    now = outcome.pooled_with(unread, np.zeros(0), np.zeros(0)).mu
    assert row["width_now"] == pytest.approx(now.quantiles[0, -1] - now.quantiles[0, 0])
    assert row["width_ratio_low"] < row["width_ratio"] < row["width_ratio_high"]
    assert row["width_ratio"] < 1 and 0 < row["p_widens"] < 0.5
    assert row["p_widens_mcse"] == pytest.approx(
        math.sqrt(row["p_widens"] * (1 - row["p_widens"]) / 400)
    )
    assert row == outcome.read(unread, 400, seed=1) != outcome.read(unread, 400, seed=2)


def test_a_test_of_unlikely_z_is_drawn_and_an_impossible_record_is_not():
    test = finding("t", 2.305, 2.315, np.nan, kind="test")
    value, error = pooled(*STUDIES[:2], test).numbers_in_full(
        UnreadEffect("t", "o", "number_without_sizes", "t/o"), 100, np.random.default_rng(1)
    )
    assert ((value / error > 2.305) & (value / error < 2.315)).all()
    row = reading_list(
        {"o": terms_of(*STUDIES[:2], finding("t", 40.0, 41.0, 150.0, kind="finding"))},
        *records(),
        {"o": SIZES},
        model(),
        RULES,
        ODDS_RATIO,
        0.5,
        PLAN,
        1,
        NO_SIZES,
    ).iloc[0]
    assert "hardly any table" in row["reason"] and np.isnan(row["width_ratio"])


def test_another_measure_has_no_tables_of_counts():
    with pytest.raises(Refusal, match="the measure is a mean difference"):
        PooledOutcome.of(
            "o",
            terms_of(*STUDIES),
            SIZES,
            model(),
            RULES,
            Measure("mean_difference", 1.0),
            0.5,
            True,
        )


def records(effects=(), waiting=()):
    columns = ["effect_id", "study_id", "outcome", "status"]
    studies = [*((e[1], "extracted") for e in effects), *((w, "awaiting_data") for w in waiting)]
    return (
        pd.DataFrame(effects, columns=columns),
        pd.DataFrame(studies, columns=["study_id", "status"]).drop_duplicates(),
    )


def test_effects_are_unread_if_statements_or_without_sizes_or_without_any_evidence():
    value = {"value_low": 0.4, "value_high": 0.6}
    terms = {
        "o": terms_of(
            *STUDIES,
            finding("d", 0.0, np.inf, np.nan, kind="finding"),
            finding("e", -np.inf, np.inf, np.nan, kind="estimate", **value),
            finding("f", -np.inf, np.inf, 80.0, kind="estimate", **value),
            finding("g", 2.1, 2.2, 80.0, kind="test"),
        ),
        "p": terms_of(estimate("a", 0.1, 0.2)),
    }
    effects = [(f"{s}/o", s, "o", "analysed") for s in "abcdefg"]
    effects += [("a/p", "a", "p", "analysed"), ("h/o", "h", "o", "not_usable")]
    effects += [("c/o2", "c", "o", "not_usable"), ("b/p", "b", "p", "set_aside")]
    found = unread_effects(terms, *records(effects, ["w"]))
    assert [(u.study, u.outcome, u.on_record, u.effect, u.p_given) for u in found] == [
        ("c", "o", "finding", "c/o", 1.0),
        ("d", "o", "finding_without_sizes", "d/o", 1.0),
        ("e", "o", "number_without_sizes", "e/o", 1.0),
        ("h", "o", "not_usable", None, 1.0),
        ("w", "o", "awaiting_data", None, 1.0),
        ("w", "p", "awaiting_data", None, 1 / 7),
    ]


def test_outcomes_of_a_study_share_one_rank():
    numbers = {"on_record": "finding", "simulations": 100, "p_given": 1.0}
    rows = [
        numbers | {"study_id": s, "outcome": o, "width_ratio": w, "p_verdict_changes": p}
        for s, o, w, p in (("a", "o", 0.9, 0.2), ("b", "o", 0.8, 0.1), ("a", "p", 0.85, 0.5))
    ]
    rows.append(
        rows[0] | {"study_id": "w", "p_given": 0.25, "width_ratio": 0.6, "p_verdict_changes": 0.4}
    )
    rows.append(
        rows[0] | {"study_id": "w", "outcome": "p", "width_ratio": None, "p_verdict_changes": None}
    )
    table = ranked(rows).set_index(["study_id", "outcome"])
    assert table["rank"].to_dict() == {
        ("a", "o"): 1,
        ("a", "p"): 1,
        ("b", "o"): 2,
        ("w", "o"): 3,
        ("w", "p"): 3,
    }
    assert table["study_width_ratio"].tolist() == pytest.approx(
        [0.9 * 0.85, 0.9 * 0.85, 0.8, 0.9, 0.9]
    )
    assert table["study_p_verdict_changes"].tolist() == pytest.approx([0.6, 0.6, 0.1, 0.1, 0.1])


@pytest.mark.long
def test_every_effect_gets_a_row_with_numbers_or_a_reason():
    several = [*estimate("a", 0.1, 0.2), *[r | {"effect_id": "a/2"} for r in estimate("a", 0, 0.3)]]
    terms = {
        "o": terms_of(*STUDIES).assign(outcome="o"),
        "p": terms_of(several, [row | {"effect_id": "c/p"} for row in MORE]).assign(outcome="p"),
        "q": terms_of(),
        "r": terms_of(*(finding(s, 0.0, np.inf, 90.0, kind="finding") for s in "xy")),
    }
    effects = [(f"{s}/o", s, "o", "analysed") for s in "abc"]
    baselines = dict.fromkeys(terms, SIZES) | {"q": BASELINE}
    rules = RULES, ODDS_RATIO, 0.5, PLAN, 1, NO_SIZES
    table = reading_list(terms, *records(effects, ["w"]), baselines, model(), *rules)
    ReadingList.validate(table)
    reasons = table.set_index(["study_id", "outcome"])["reason"]
    assert reasons[[("c", "o"), ("w", "o")]].isna().all()
    assert reasons["c", "p"] == reasons["w", "p"] == "a study gives several effects on the outcome"
    assert reasons["w", "q"] == "no effect on this outcome can be analysed"
    assert reasons["x", "r"] == "3 effects wait for a full text, more than 2"
