"""Trials not yet run: against refits, closed forms, and what coherent beliefs must obey."""

import math

import numpy as np
import pandas as pd
import pytest
from decision_rules import EFFECT_RULES as RULES
from made_up_fits import BASELINE
from scipy import stats

from livingreview.effects.data_set import dataset
from livingreview.models.quadrature.locations import likelihoods_of
from livingreview.models.quadrature.new_trial import CurrentPosterior
from livingreview.models.quadrature.pooled_effect import pooled_effects
from livingreview.protocol.models import Priors
from livingreview.protocol.priors import Prior
from livingreview.protocol.sensitivity import NextTrial
from livingreview.records.evidence.two_by_two import standard_error_at
from livingreview.sensitivity.next_trial import read_off, simulate_next_trial, trials
from livingreview.synthesis.verdicts import verdict
from livingreview.tables.effects import Terms

LIMIT = math.log(1.1)
PRIORS = Priors(
    mu=Prior.parse("normal(0, 1)"),
    beta=Prior.parse("normal(0, 1)"),
    tau=Prior.parse("half_normal(0.5)"),
)
ALIKE = PRIORS.model_copy(update={"tau": Prior.parse("half_normal(0.0001)")})


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


def simulated(now, studies, control, design, rules, seed):
    """Tables of trials of an outcome whose studies tell the size of its effect."""
    learnt = np.ones(len(design.people_per_arm), dtype=bool)
    return simulate_next_trial(now, studies, control, design, rules, seed, True, learnt)


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


# With a verdict that leans to more now: what moves it where, by truth.
MOVED = {
    "less": {"towards": {"none", "leans to less", "less"}, "away": {"more"}},
    "none": {"towards": {"none"}, "away": {"more", "leans to less", "less"}},
    "more": {"towards": {"more"}, "away": {"none", "leans to less", "less"}},
}


def analytic(mean, precision, truth, error):
    """Chance of each verdict when studies do not differ: one integral over y."""
    z = np.linspace(-9, 9, 20_001)
    y = truth + error * z
    after = precision + 1 / error**2
    centre = (precision * mean + y / error**2) / after
    normal = stats.norm(centre, after**-0.5)
    near = normal.cdf(LIMIT) - normal.cdf(-LIMIT)
    above = normal.sf(0.0)
    weight = stats.norm.pdf(z) / stats.norm.pdf(z).sum()
    chances: dict[str, float] = {}
    for probability, p_none, share in zip(above, near, weight, strict=True):
        words = verdict(probability, 1 - probability, p_none, 3, RULES).words
        chances[words] = chances.get(words, 0.0) + share
    return chances


@pytest.mark.long
@pytest.mark.parametrize("size", [200, 2000, 100_000])
def test_studies_that_do_not_differ_have_a_closed_form(size):
    rows = [estimate("a", 0.3, 0.25), estimate("b", 0.1, 0.3)]
    precision = 1 + 1 / 0.25**2 + 1 / 0.3**2
    mean = (0.3 / 0.25**2 + 0.1 / 0.3**2) / precision
    ratios = {0.7: "less", 0.95: "none", 1.2: "more"}
    tables = simulated(current(rows, ALIKE), 2, 0.3, plan([size], list(ratios)), RULES, 4)
    chances, summary = tables
    assert summary["verdict_now"].unique().tolist() == ["leans to more"]
    assert summary["truth"].tolist() == list(ratios.values())
    for row in chances.itertuples():
        truth = math.log(row.true_effect)
        known = analytic(mean, precision, truth, standard_error_at(truth, size, size, 0.3))
        groups = MOVED[ratios[row.true_effect]] | {"cannot_tell": {"cannot tell"}}
        for name, words in groups.items():
            p, mcse = getattr(row, f"p_{name}"), getattr(row, f"mcse_{name}")
            expected = sum(known.get(word, 0.0) for word in words)
            assert p == pytest.approx(expected, abs=4 * max(mcse, 0.001)), (row, name)
    # An enormous trial settles the matter.
    if size == 100_000:
        assert (chances["p_towards"] > 0.999).all()


@pytest.mark.long
def test_larger_trials_move_a_verdict_more_often_where_studies_do_not_differ():
    now = current([estimate("a", 0.05, 0.25), estimate("b", 0.05, 0.3)], ALIKE)
    sizes = [50, 100, 200, 400, 800, 1600]
    chances, summary = simulated(now, 2, 0.3, plan(sizes, [0.6]), RULES, 4)
    assert (chances["p_towards"].diff().dropna() >= 0).all()
    reached = chances.loc[chances["p_towards"] >= 0.8, "people_per_arm"]
    assert summary.loc[0, "smallest_per_arm"] == reached.iloc[0]
    assert summary.loc[0, "verdict_now"] == "cannot tell"
    for name in ("towards", "away", "cannot_tell"):
        assert summary.loc[0, f"p_{name}"] == chances[f"p_{name}"].iloc[-1]


@pytest.mark.long
def test_heterogeneity_keeps_even_an_enormous_trial_from_settling_it():
    rows = [estimate("a", 1.0, 0.1), estimate("b", -0.6, 0.1), estimate("c", 0.4, 0.1)]
    chances, summary = simulated(current(rows), 3, 0.3, plan([1000, 100_000], [1.0]), RULES, 4)
    assert summary["smallest_per_arm"].isna().all()
    assert "one trial tells of one place" in summary.loc[0, "reason"]
    first, last = chances["p_towards"]
    assert last - first < 0.03


def test_the_second_study_makes_a_verdict_of_a_first_one_that_was_too_few():
    now = current([estimate("a", 0.8, 0.3)])
    chances, summary = simulated(now, 1, 0.3, plan([50, 100], [1.5]), RULES, 4)
    assert summary.loc[0, "verdict_now"] == "few, leaning to more"
    # Any verdict is another rule, and most of them are stronger in the same direction.
    total = chances[["p_towards", "p_away", "p_cannot_tell"]].sum(axis=1)
    assert total.to_numpy() == pytest.approx(1)
    assert (chances["p_towards"] > 0.75).all()


def test_a_verdict_that_says_all_cannot_move_towards_the_truth():
    now = current([estimate("a", 1.0, 0.1), estimate("b", 1.1, 0.1)], ALIKE)
    chances, summary = simulated(now, 2, 0.3, plan([50], [2.5]), RULES, 4)
    assert chances["p_towards"].item() == 0 and summary["smallest_per_arm"].isna().all()
    assert summary.loc[0, "reason"] == "the verdict says so already, and no verdict says more"


def test_a_trial_after_which_studies_are_too_few_still_is_told():
    rules = RULES.model_copy(update={"fewest_studies_for_a_verdict": 4})
    now = current([estimate("a", 0.3, 0.25), estimate("b", 0.1, 0.3)], ALIKE)
    _, summary = simulated(now, 2, 0.3, plan([50, 100], [1.5]), rules, 4)
    assert summary.loc[0, "reason"] == "with one study more there are still too few for a verdict"


def test_no_trial_leads_to_none_where_it_leaves_the_size_untold():
    rows = [estimate("a", 0.05, 0.1), estimate("b", -0.05, 0.1)]
    now, design = current(rows, ALIKE), plan([5000, 6000], [1.0])
    learnt = np.array([False, True])
    chances, summary = simulate_next_trial(now, 2, 0.3, design, RULES, 4, False, learnt)
    assert summary.loc[0, "verdict_now"] == "cannot tell"
    assert chances["p_towards"].iloc[0] == 0 and chances["p_towards"].iloc[1] > 0.8


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


@pytest.mark.long
def test_the_same_seed_gives_the_same_table():
    arguments = (3, 0.3, plan([100], [1.0], 300), RULES)
    tables = [simulated(current(MIXED), *arguments, seed)[0] for seed in (1, 1, 2)]
    pd.testing.assert_frame_equal(tables[0], tables[1])
    assert not tables[0].equals(tables[2])
