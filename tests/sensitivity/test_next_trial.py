"""Trials not yet run: against refits, closed forms, and what coherent beliefs must obey."""

import math

import numpy as np
import pandas as pd
import pytest
from decision_rules import MODERATOR_RULES, PUBLISHED_RULES
from made_up_fits import BASELINE
from scipy import stats

from livingreview.effects.data_set import dataset
from livingreview.models.quadrature.locations import likelihoods_of
from livingreview.models.quadrature.new_trial import CurrentPosterior
from livingreview.models.quadrature.pooled_effect import pooled_effects
from livingreview.protocol.decisions import Decisions
from livingreview.protocol.models import Priors
from livingreview.protocol.priors import Prior
from livingreview.protocol.sensitivity import NextTrial
from livingreview.records.evidence.two_by_two import standard_error_at
from livingreview.sensitivity.next_trial import moves, read_off, simulate_next_trial, trials
from livingreview.synthesis.verdicts import verdict
from livingreview.tables.effects import Terms

LIMIT = math.log(1.1)
PRIORS = Priors(
    mu=Prior.parse("normal(0, 1)"),
    beta=Prior.parse("normal(0, 1)"),
    tau=Prior.parse("half_normal(0.5)"),
)
ALIKE = PRIORS.model_copy(update={"tau": Prior.parse("half_normal(0.0001)")})
RULES = Decisions.model_validate(
    {
        "practically_none_effect": 1.1,
        "practically_none_probability": 0.8,
        "practically_none": "none",
        "verdicts": [
            {"id": "clear", "probability": 0.975, "words": "{direction}"},
            {"id": "leaning", "probability": 0.75, "words": "leans to {direction}"},
        ],
        "no_verdict": "cannot tell",
        "moderators": MODERATOR_RULES.model_dump(),
        "published": PUBLISHED_RULES.model_dump(),
        "fewest_studies_for_a_verdict": 2,
        "few_studies": "few, leaning to {direction}",
        "reason": "Invented.",
    }
)


def plan(sizes, ratios, simulations=4000):
    return NextTrial(
        people_per_arm=sizes,
        true_effects=ratios,
        power=0.8,
        simulations=simulations,
        reason="Invented.",
    )


def estimate(study, value, error):
    numbers = {"value": value, "standard_error": error}
    return {"study_id": study, "effect_id": f"{study}/o", "likelihood": "normal"} | numbers


def finding(study, low, high, n):
    numbers = {"z_low": low, "z_high": high, "n_treated": n, "n_control": n}
    common = {"study_id": study, "effect_id": f"{study}/o", "likelihood": "interval"}
    return common | numbers | {"baseline_id": f"{study}/o"}


MIXED = [estimate("a", 0.5, 0.2), estimate("b", -0.1, 0.3), finding("c", 1.96, np.inf, 150.0)]


def data_of(rows, correlation=0.0):
    return dataset(Terms.frame(rows), BASELINE, correlation)


def current(rows, priors=PRIORS):
    return CurrentPosterior(likelihoods_of([data_of(rows)]), priors, LIMIT)


@pytest.mark.long
def test_posteriors_read_off_are_those_of_refits():
    now = current(MIXED)
    values, errors = trials(now, 0.3, plan([50, 400, 9000], [0.6, 1, 2], 300), seed=3)
    after = read_off(now, values, errors)
    rng = np.random.default_rng(1)
    for at in rng.choice(values.size, 12, replace=False):
        rows = [*MIXED, estimate("new", values.flat[at], errors.flat[at])]
        likelihoods = likelihoods_of([data_of(rows)])
        single = pooled_effects(likelihoods, np.ones((1, 4), dtype=bool), PRIORS, LIMIT).mu
        assert after.above.flat[at] == pytest.approx(single.above[0], abs=5e-4)
        assert after.near.flat[at] == pytest.approx(single.near[0], abs=5e-4)


@pytest.mark.long
def test_posteriors_read_off_are_those_of_refits_where_a_study_gives_several_effects():
    rows = [*MIXED, estimate("a", -0.2, 0.25) | {"effect_id": "a/p"}]
    rows += [finding("c", -1.96, 1.96, 120.0) | {"effect_id": "c/p", "baseline_id": "c/p"}]
    likelihoods = likelihoods_of([data_of(rows, 0.5)])
    now = CurrentPosterior(likelihoods, PRIORS, LIMIT)
    values, errors = trials(now, 0.3, plan([50, 400], [0.6, 1, 2], 100), seed=3)
    after = read_off(now, values, errors)
    rng = np.random.default_rng(1)
    for at in rng.choice(values.size, 4, replace=False):
        new = estimate("new", values.flat[at], errors.flat[at])
        refitted = likelihoods_of([data_of([*rows, new], 0.5)])
        single = pooled_effects(refitted, np.ones((1, 4), dtype=bool), PRIORS, LIMIT).mu
        assert after.above.flat[at] == pytest.approx(single.above[0], abs=5e-4)
        assert after.near.flat[at] == pytest.approx(single.near[0], abs=5e-4)


def test_spread_of_new_effects_has_both_parts():
    # Estimates so poor that the posterior is the prior: both SDs are half-normal(0.5).
    rows = [estimate("a", 0.0, 900.0), estimate("a", 0.0, 900.0) | {"effect_id": "a/p"}]
    now = CurrentPosterior(likelihoods_of([data_of(rows, 0.5)]), PRIORS, LIMIT)
    uniform = (np.arange(2000) + 0.5) / 2000
    [drawn] = now.spread_given(np.zeros(1), uniform)
    # The root of the sum of two squares: 0.5 times a chi variable of two degrees of freedom.
    expected = stats.chi.ppf(uniform, 2, scale=0.5)
    np.testing.assert_allclose(drawn[20:-20], expected[20:-20], atol=2e-3)


@pytest.mark.long
def test_beliefs_do_not_expect_to_change():
    # Averaged over what is believed now, P(more) after a trial is P(more) before it.
    now = current(MIXED)
    before = pooled_effects(now.likelihoods, np.ones((1, 3), dtype=bool), PRIORS, LIMIT).mu
    points = np.linspace(-1.3, 2.3, 37)
    tables = now.likelihoods.tables(-2.5, 3.5, 0.05, np.linspace(0, 3, 301))
    log = tables[1].sum(axis=0) + stats.norm.logpdf(tables[0])
    log += stats.halfnorm.logpdf(np.linspace(0, 3, 301), scale=0.5)[:, None]
    weight = np.interp(points, tables[0], np.exp(log - log.max()).sum(axis=0))
    design = plan([200], np.exp(points).round(6).tolist(), 3000)
    after = read_off(now, *trials(now, 0.3, design, seed=8))
    expected = weight @ after.above[:, 0].mean(axis=-1) / weight.sum()
    assert expected == pytest.approx(before.above[0], abs=0.004)
    expected = weight @ after.near[:, 0].mean(axis=-1) / weight.sum()
    assert expected == pytest.approx(before.near[0], abs=0.004)


def analytic(mean, precision, truth, error, studies):
    """Chance of another verdict when studies do not differ: one integral over y."""
    z = np.linspace(-9, 9, 20_001)
    y = truth + error * z
    after = precision + 1 / error**2
    centre = (precision * mean + y / error**2) / after
    normal = stats.norm(centre, after**-0.5)
    near = normal.cdf(LIMIT) - normal.cdf(-LIMIT)
    above = normal.sf(0.0)
    start = stats.norm(mean, precision**-0.5)
    now = verdict(start.sf(0), start.cdf(0), start.cdf(LIMIT) - start.cdf(-LIMIT), studies, RULES)
    earned = {}
    moved = np.empty(z.size)
    for i in range(z.size):
        key = (above[i] >= 0.5, *np.digitize([max(above[i], 1 - above[i])], [0.75, 0.975]))
        key += (near[i] >= 0.8,)
        if key not in earned:
            earned[key] = verdict(above[i], 1 - above[i], near[i], studies + 1, RULES)
        moved[i] = (earned[key].id, earned[key].direction) != (now.id, now.direction)
    weight = stats.norm.pdf(z)
    return float(weight @ moved / weight.sum())


@pytest.mark.long
@pytest.mark.parametrize("size", [200, 2000, 100_000])
def test_studies_that_do_not_differ_have_a_closed_form(size):
    rows = [estimate("a", 0.3, 0.25), estimate("b", 0.1, 0.3)]
    precision = 1 + 1 / 0.25**2 + 1 / 0.3**2
    mean = (0.3 / 0.25**2 + 0.1 / 0.3**2) / precision
    ratios = [0.7, 0.95, 1.2]
    chances, _ = simulate_next_trial(current(rows, ALIKE), 2, 0.3, plan([size], ratios), RULES, 4)
    for row in chances.itertuples():
        truth = math.log(row.true_effect)
        error = standard_error_at(truth, size, size, 0.3)
        known = analytic(mean, precision, truth, error, 2)
        assert row.p_moves == pytest.approx(known, abs=4 * max(row.mcse, 0.001)), row
    # An enormous trial settles the matter: less, none, more; and the verdict now is none of these.
    if size == 100_000:
        assert (chances["p_moves"] == 1).all()


@pytest.mark.long
def test_larger_trials_move_a_verdict_more_often_where_studies_do_not_differ():
    now = current([estimate("a", 0.05, 0.25), estimate("b", 0.05, 0.3)], ALIKE)
    sizes = [50, 100, 200, 400, 800, 1600]
    chances, summary = simulate_next_trial(now, 2, 0.3, plan(sizes, [0.6]), RULES, 4)
    assert (chances["p_moves"].diff().dropna() >= 0).all()
    reached = chances.loc[chances["p_moves"] >= 0.8, "people_per_arm"]
    assert summary.loc[0, "smallest_per_arm"] == reached.iloc[0]
    assert summary.loc[0, "verdict_now"] == "cannot tell"
    assert summary.loc[0, "p_at_largest"] == chances["p_moves"].iloc[-1]


@pytest.mark.long
def test_heterogeneity_keeps_even_an_enormous_trial_from_settling_it():
    rows = [estimate("a", 1.0, 0.1), estimate("b", -0.6, 0.1), estimate("c", 0.4, 0.1)]
    chances, summary = simulate_next_trial(
        current(rows), 3, 0.3, plan([1000, 100_000], [1.0]), RULES, 4
    )
    assert summary["smallest_per_arm"].isna().all()
    assert "not even the largest" in summary.loc[0, "reason"]
    first, last = chances["p_moves"]
    assert last - first < 0.03


def test_the_second_study_moves_the_verdict_of_a_first_whatever_it_finds():
    now = current([estimate("a", 0.8, 0.3)])
    chances, summary = simulate_next_trial(now, 1, 0.3, plan([50, 100], [1.0]), RULES, 4)
    assert (chances["p_moves"] == 1).all()
    assert summary.loc[0, "smallest_per_arm"] == 50
    assert "whatever it finds" in summary.loc[0, "reason"]


# The second has no density where studies are all alike.
@pytest.mark.parametrize("prior", ["half_normal(0.5)", "log_normal(-1, 0.7)"])
def test_spread_is_drawn_given_the_pooled_effect(prior: str):
    # Two precise studies at 0: if the pooled effect is far away, they must be far from it.
    spread = Prior.parse(prior)
    priors = PRIORS.model_copy(update={"tau": spread})
    now = current([estimate("a", 0.0, 0.1), estimate("b", 0.0, 0.1)], priors)
    uniform = (np.arange(4000) + 0.5) / 4000
    near, far = now.spread_given(np.array([0.0, 1.5]), uniform)
    tau = np.linspace(0, 20, 200_001)
    for draws, effect in ((near, 0.0), (far, 1.5)):
        density = spread.distribution.pdf(tau)
        density *= stats.norm.pdf(0.0, effect, np.sqrt(tau**2 + 0.01)) ** 2
        assert draws.mean() == pytest.approx((tau @ density) / density.sum(), abs=2e-3)
    assert far.mean() > 3 * near.mean()


def test_trials_have_the_errors_of_their_sizes():
    rows = [estimate("a", 0.3, 0.25), estimate("b", 0.1, 0.3)]
    values, errors = trials(current(rows, ALIKE), 0.3, plan([50, 5000], [0.8]), seed=5)
    truth = math.log(0.8)
    for i, size in enumerate((50, 5000)):
        known = standard_error_at(truth, size, size, 0.3)
        np.testing.assert_allclose(errors[0, i], known, rtol=1e-3)
        assert values[0, i].std() == pytest.approx(known, rel=0.05)
    # Sizes share their random numbers: the larger trial has a tenth of the smaller one's error.
    spread = (values[0] - truth) / errors[0]
    np.testing.assert_allclose(spread[0], spread[1], atol=0.02)


def test_moves_asks_the_rules_of_the_protocol():
    now = verdict(0.8, 0.2, 0.1, 3, RULES)
    after = type("After", (), {})()
    after.above = np.array([[0.74, 0.75, 0.975], [0.25, 0.5, 0.8]])
    after.near = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.85]])
    expected = [[True, False, True], [True, True, True]]
    assert moves(after, now, 4, RULES).tolist() == expected


@pytest.mark.long
def test_the_same_seed_gives_the_same_table():
    arguments = (3, 0.3, plan([100], [1.0], 300), RULES)
    tables = [simulate_next_trial(current(MIXED), *arguments, seed)[0] for seed in (1, 1, 2)]
    pd.testing.assert_frame_equal(tables[0], tables[1])
    assert tables[0]["p_moves"].item() != tables[2]["p_moves"].item()
