"""Every form of the likelihood: both engines, draws and tails against each other and scipy."""

import math

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from scipy import stats
from scipy.special import expit, logsumexp

from livingreview.effects.data_set import dataset
from livingreview.effects.forms.form import Truth
from livingreview.effects.forms.printing import Printing
from livingreview.effects.forms.registry import FORMS
from livingreview.effects.likelihood_tables import (
    log_likelihoods,
    log_printed_shares,
    log_tails,
)
from livingreview.models.nuts.graph import model_numbers
from livingreview.protocol.models import ModelSpecification, Priors
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior
from livingreview.tables.effects import Terms

PRIORS = BaselinePriors(
    findings=Prior.parse("normal(-1, 0.6)"),
    counts=Prior.parse("normal(-1, 0.8)"),
    sizes=Prior.parse("log_normal(5, 0.7)"),
)
MODEL = ModelSpecification(
    moderators={},
    priors=Priors(
        mu=Prior.parse("normal(0, 1)"),
        beta=Prior.parse("normal(0, 1)"),
        tau=Prior.parse("half_normal(1)"),
    ),
)


def arms(form, *pairs, **more):
    """A treated and a control arm, treated first."""
    rows = []
    for k, (events, total) in enumerate(pairs):
        name = "s/o" if k == 0 else None
        rows.append(
            {"effect_id": name, "treated": float(k == 0), "events": events, "total": total}
            | {"baseline_id": "s/c", "likelihood": form}
            | {key: values[k] for key, values in more.items()}
        )
    return rows


def one(form, **numbers):
    """One row of a form that has one row an effect."""
    return [{"effect_id": "s/o", "likelihood": form, "baseline_id": "s/c"} | numbers]


EXAMPLES = {
    "counts": arms("binomial", (12, 60), (20, 55)),
    "no events": arms("binomial", (0, 30), (0, 25)),
    "events over time": arms("poisson", (14, 90.0), (25, 80.0)),
    "no events over time": arms("poisson", (0, 40.0), (0, 30.0)),
    "events with a spread": arms("poisson", (14, 90.0), (25, 80.0), shape=(20.0, 15.0)),
    "estimate": one("normal", value=-0.4, standard_error=0.25),
    "not significant": one("interval", z_low=-1.96, z_high=1.96, n_treated=150.0, n_control=90.0),
    "significant": one("interval", z_low=1.96, n_treated=150.0, n_control=90.0),
    "unknown sizes": one("interval", z_low=0.0, z_high=1.96),
    "one unknown size": one("interval", z_high=-1.96, n_treated=120.0),
    "planned sizes": one("interval", z_low=0.0, z_high=1.96, most_treated=90.0, most_control=100.0),
    "planned sizes in clusters": one("interval", z_high=1.4, most_treated=90.0, design_effect=2.0),
    "about half": one("interval", value_low=-0.8, value_high=-0.6),
    "about half, significant": one("interval", value_low=-0.8, value_high=-0.6, z_high=-1.96),
    "percentages": one("rounded", value_low=0.4, value_high=0.6, unit_error=3.1),
    "percentages, not significant": one(
        "rounded", value_low=0.4, value_high=0.6, unit_error=3.1, z_low=-1.96, z_high=1.96
    ),
    "percentages in clusters": one(
        "rounded", value_low=0.4, value_high=0.6, unit_error=3.1, z_high=1.4, design_effect=2.0
    ),
}
SHARE = {"share_logit": -0.6, "share_error": 0.1}
RATIO = {"value": 0.35, "standard_error": 0.2}
EXAMPLES |= {
    "risk ratio": one("ratio", measure="risk_ratio", **RATIO, **SHARE),
    "hazard ratio": one("ratio", measure="hazard_ratio", **RATIO, **SHARE),
    "risk ratio, share unknown": one("ratio", measure="risk_ratio", **RATIO),
}
BOUNDS = {"z_low": -math.inf, "z_high": math.inf}
THETA = np.array([-2.0, -0.7, -0.1, 0.0, 0.4, 1.3, 3.0])


def data_of(rows):
    return dataset(Terms.frame([{"study_id": "s", "outcome": "o"} | row for row in rows]), PRIORS)


@pytest.fixture(params=EXAMPLES, scope="module")
def example(request):
    return EXAMPLES[request.param]


def test_every_form_has_an_example():
    assert {rows[0]["likelihood"] for rows in EXAMPLES.values()} == set(FORMS)


def sizes(row):
    """Arms' sizes and weights of a row by a fine sum over the prior of an arm's size."""
    given = row.get("n_treated"), row.get("n_control")
    if None not in given:
        return np.array([given[0]]), np.array([given[1]]), np.ones(1)
    most = np.nanmin([row.get("most_treated", np.nan), row.get("most_control", np.nan), np.inf])
    factor = row.get("design_effect", 1.0)
    x = np.linspace(5 - 9 * 0.7, min(5 + 9 * 0.7, math.log(most * factor)), 6001)
    weight = stats.norm.pdf(x, 5, 0.7)
    weight[[0, -1]] /= 2
    n = np.exp(x) / factor
    treated, control = (n if size is None else np.full(n.size, size) for size in given)
    return treated, control, weight / weight.sum()


def variance(row, treated, control, theta, alpha):
    """Of the effect, in groups of these sizes."""
    if row["likelihood"] == "rounded":
        return row["unit_error"] ** 2 * (0.5 / treated + 0.5 / control)
    p1, p0 = expit(alpha + theta), expit(alpha)
    return 1 / (treated * p1 * (1 - p1)) + 1 / (control * p0 * (1 - p0))


def log_likelihood(rows, theta, alpha):
    """Log probability or density of a report, from its definition."""
    row = rows[0]
    form = row["likelihood"]
    if form == "binomial":
        pairs = zip(rows, (alpha + theta, alpha), strict=True)
        return sum(stats.binom.logpmf(r["events"], r["total"], expit(x)) for r, x in pairs)
    if form == "poisson":
        total = 0.0
        for r, x in zip(rows, (alpha + theta, alpha), strict=True):
            mean = r["total"] * np.exp(x)
            if "shape" in r:
                law = stats.nbinom(r["shape"], r["shape"] / (r["shape"] + mean))
            else:
                law = stats.poisson(mean)
            total = total + law.logpmf(r["events"])
        return total
    if form == "ratio":
        p1, p0 = expit(alpha + theta), expit(alpha)
        ratio = p1 / p0 if row["measure"] == "risk_ratio" else np.log1p(-p1) / np.log1p(-p0)
        return stats.norm.logpdf(row["value"], np.log(ratio), row["standard_error"])
    if form == "normal":
        return stats.norm.logpdf(row["value"], theta, row["standard_error"])
    *groups, weight = sizes(row)
    error = np.sqrt(variance(row, *groups, theta, alpha))
    low, high = row.get("z_low", -np.inf), row.get("z_high", np.inf)
    allowed = True
    if form == "rounded":
        # The statement is one about the value as reported, and so about sizes.
        z = (row["value_low"] + row["value_high"]) / 2 / error
        allowed, low, high = (low < z) & (z < high), -np.inf, np.inf
        weight = weight / weight[allowed].sum()
    low = np.maximum(low, row.get("value_low", -np.inf) / error)
    high = np.minimum(high, row.get("value_high", np.inf) / error)
    # From the side on which tails are small.
    low, high = low - theta / error, high - theta / error
    low, high = np.where(low > 0, -high, low), np.where(low > 0, -low, high)
    inside = stats.norm.cdf(high) - stats.norm.cdf(low)
    return np.log((weight * np.where((low < high) & allowed, inside, 0.0)).sum())


def tolerance(rows, usual, expected):
    """How near nodes over unknown sizes come to a fine sum."""
    row = rows[0]
    if row["likelihood"] not in ("interval", "rounded") or sizes(row)[0].size == 1:
        return usual
    # Where a statement and a value must hold at once, the size at which they part hangs on the
    # control level, and nodes step over it; what it does far from any likelihood moves nothing.
    both = row["likelihood"] == "interval" and {"value_low", "z_high"} <= set(row)
    if both:
        return 0.05 if expected > -7 else np.inf
    return 3e-3 if expected > -15 else 0.03


def prior_of(rows):
    form = FORMS[rows[0]["likelihood"]]
    term = Terms.frame(rows[:1]).iloc[0].to_dict()
    return form.control_prior(PRIORS, term).arguments if form.has_baseline else None


@pytest.mark.long
def test_tensor_is_the_law_in_value_and_gradient(example):
    data = data_of(example)
    numbers = {name: pt.as_tensor(value) for name, value in model_numbers(data, 0, MODEL).items()}
    theta, logit = pt.vector("theta"), pt.vector("logit")
    form = next(iter(data.forms.values()))
    total = form.tensor(numbers, theta, logit).sum()
    gradients = pytensor.grad(total, [theta, logit], disconnected_inputs="ignore")
    with pytensor.config.change_flags(cxx=""):
        function = pytensor.function(
            [theta, logit], [total, *gradients], mode="FAST_COMPILE", on_unused_input="ignore"
        )
    has_baseline = prior_of(example) is not None
    step = 1e-5
    for t in THETA:
        for alpha in (-1.7, 0.3):
            value, by_theta, by_logit = function([t], [alpha])
            expected = log_likelihood(example, t, alpha)
            # Nodes over unknown sizes against a fine sum: as near as nodes can be.
            usual = 1e-8 * max(1, abs(expected))
            assert value == pytest.approx(expected, abs=tolerance(example, usual, expected))
            slopes = [(by_theta[0], (step, 0))] + [(by_logit[0], (0, step))] * has_baseline
            for slope, (dt, da) in slopes:
                above, under = (function([t + s * dt], [alpha + s * da])[0] for s in (1, -1))
                assert slope == pytest.approx((above - under) / (2 * step), rel=1e-4, abs=1e-4)


def averaged(rows, theta):
    """Log likelihood averaged over the control level."""
    prior = prior_of(rows)
    if prior is None:
        return log_likelihood(rows, theta, 0.0)
    alpha = np.linspace(prior[0] - 9 * prior[1], prior[0] + 9 * prior[1], 451)
    terms = np.array([log_likelihood(rows, theta, a) for a in alpha])
    return logsumexp(terms + stats.norm.logpdf(alpha, *prior)) + math.log(alpha[1] - alpha[0])


@pytest.mark.long
def test_rows_of_one_form_do_not_spoil_each_other():
    """Statements beside values, known sizes beside unknown ones: value and gradient are finite."""
    rows = [
        row
        | {"study_id": f"s{i}", "effect_id": f"s{i}/o", "baseline_id": f"s{i}/c", "outcome": "o"}
        for i, [row, *more] in enumerate(EXAMPLES.values())
        if not more and row["likelihood"] == "interval"
    ]
    data = dataset(Terms.frame(rows), PRIORS)
    numbers = {name: pt.as_tensor(value) for name, value in model_numbers(data, 0, MODEL).items()}
    theta, logit = pt.vector("theta"), pt.vector("logit")
    terms = data.forms["interval"].tensor(numbers, theta, logit)
    gradients = pytensor.grad(terms.sum(), [theta, logit])
    with pytensor.config.change_flags(cxx=""):
        function = pytensor.function([theta, logit], [terms, *gradients], mode="FAST_COMPILE")
    alone = [log_likelihood([row], 0.3, -0.9) for row in rows]
    together, *slopes = function(np.full(len(rows), 0.3), np.full(len(rows), -0.9))
    assert np.isfinite(slopes).all()
    names = [row["effect_id"] for row in rows]
    expected = [alone[names.index(data.effects[e])] for e in data.forms["interval"].effect]
    np.testing.assert_allclose(together, expected, atol=0.05)


def test_table_is_the_law_averaged_over_the_control_level(example):
    table = log_likelihoods(data_of(example), THETA)[0]
    for t, value in zip(THETA, table, strict=True):
        expected = averaged(example, t)
        assert value == pytest.approx(expected, abs=tolerance(example, 1e-6, expected))


@pytest.mark.parametrize("favoured", [0, 1, -1])
def test_printed_share_is_between_that_of_what_is_unfavoured_and_all(example, favoured):
    weight = 0.3
    share = log_printed_shares(data_of(example), THETA, Printing(weight, favoured))[0]
    assert (share >= math.log(weight) - 1e-9).all() and (share <= 1e-9).all()
    row = example[0]
    if row["likelihood"] != "interval":
        # A number has its own z, and is unfavoured at every true effect or at none.
        assert np.ptp(share) < 1e-12 or row["likelihood"] == "rounded"
        return
    low = -1.96 if favoured <= 0 else -math.inf
    high = 1.96 if favoured >= 0 else math.inf
    bounds = max(row.get("z_low", -math.inf), low), min(row.get("z_high", math.inf), high)
    unfavoured = [row | {"z_low": bounds[0], "z_high": bounds[1]}]
    # Every third effect: each is a sum over sizes and control levels.
    for t, found in zip(THETA[::3], share[::3], strict=True):
        whole = averaged(example, t)
        part = averaged(unfavoured, t) if bounds[0] < bounds[1] else -math.inf
        expected = math.log1p(-(1 - weight) * math.exp(part - whole))
        assert found == pytest.approx(expected, abs=tolerance(unfavoured, 1e-6, whole))


def test_draws_follow_the_law(example):
    """Mean of z over draws against that of z by the law's own quantiles."""
    data = data_of(example)
    form = next(iter(data.forms.values()))
    theta, alpha = 0.6, -0.8
    truth = Truth(np.full((20_000, 1), theta), np.full((20_000, 1), alpha))
    drawn, z = form.drawn(truth, np.random.default_rng(1), by_law=True)
    z = z[:, form.rows_of_effects[0]]
    row, name = example[0], example[0]["likelihood"]
    if name in ("binomial", "poisson"):
        reports = drawn.events[:, form.rows_of_effects[0]]
        level = alpha + theta
        mean = row["total"] * (expit(level) if name == "binomial" else math.exp(level))
        assert reports.mean() == pytest.approx(mean, abs=5 * reports.std() / math.sqrt(20_000))
        if "shape" in row:
            assert reports.var() == pytest.approx(mean + mean**2 / row["shape"], rel=0.05)
    elif name == "ratio":
        p1, p0 = expit(alpha + theta), expit(alpha)
        ratio = p1 / p0 if row["measure"] == "risk_ratio" else np.log1p(-p1) / np.log1p(-p0)
        assert z.mean() == pytest.approx(np.log(ratio) / row["standard_error"], abs=0.04)
        assert z.std() == pytest.approx(1, abs=0.03)
    elif name == "normal":
        assert z.mean() == pytest.approx(theta / row["standard_error"], abs=0.04)
        assert z.std() == pytest.approx(1, abs=0.03)
    else:
        # Sizes of the data set are drawn once for all draws.
        *groups, _ = sizes(row)
        centre = theta / np.sqrt(variance(row, *groups, theta, alpha))
        assert centre.min() - 0.05 < z.mean() < centre.max() + 0.05
        assert z.std() == pytest.approx(1, abs=0.03)


def test_tails_rise_from_the_report_below_to_the_one_given(example):
    below, upto = log_tails(data_of(example), THETA)
    assert (below <= upto + 1e-12).all() and (upto <= 1e-9).all()
    # A larger effect makes a smaller report less likely.
    assert (np.diff(upto[0]) <= 1e-9).all()


def test_tails_of_events_over_time_are_those_of_draws():
    rng = np.random.default_rng(7)
    a, time = 14, (90.0, 80.0)
    below, upto = log_tails(data_of(EXAMPLES["events over time"]), np.array([0.2]))
    treated = rng.poisson(time[0] * 0.3 * math.exp(0.2), 4_000_000)
    control = rng.poisson(time[1] * 0.3, 4_000_000)
    of_total = treated[treated + control == 39]
    assert math.exp(below[0, 0]) == pytest.approx((of_total < a).mean(), abs=0.006)
    assert math.exp(upto[0, 0]) == pytest.approx((of_total <= a).mean(), abs=0.006)


def test_the_law_of_a_row_is_told_without_what_is_not_known(example):
    term = Terms.frame(example).assign(kind="test", arm="visit").iloc[0].to_dict()
    term |= {name: example[0].get(name, bound) for name, bound in BOUNDS.items()}
    told = FORMS[term["likelihood"]].traced(term)
    assert "nan" not in told and "exactly" not in told
    if "value_low" in example[0]:
        assert f"{example[0]['value_low']:.3f} < y" in told


def test_numbers_of_a_form_can_be_shown(example):
    control = next((row for row in example if row["effect_id"] is None), None)
    term = Terms.frame(example).assign(kind="finding").iloc[0].to_dict()
    control = Terms.frame([control]).iloc[0].to_dict() if control else None
    term |= {name: example[0].get(name, bound) for name, bound in BOUNDS.items()}
    shown = FORMS[term["likelihood"]].shown(term, control, 0.3)
    assert not shown.low > shown.high


def test_a_statement_beside_a_value_tells_nothing_where_sizes_are_known():
    value = {"value_low": -0.8, "value_high": -0.6, "n_treated": 200.0, "n_control": 300.0}
    tables = [
        log_likelihoods(data_of(one("interval", **value, **statement)), THETA)
        for statement in ({}, {"z_high": -1.96})
    ]
    np.testing.assert_array_equal(*tables)


@pytest.mark.parametrize(
    ("bounds", "drawn"),
    [
        ((0.0, math.inf), (0.0, math.inf)),
        ((1.96, math.inf), (0.0, math.inf)),
        ((-1.96, 0.0), (-math.inf, 0.0)),
        ((-1.96, 1.96), (-math.inf, math.inf)),
    ],
)
def test_a_statement_without_sizes_is_drawn_by_its_side(bounds, drawn):
    row = one("interval", z_low=bounds[0], z_high=bounds[1])[0] | {"kind": "finding"}
    shown = FORMS["interval"].shown(Terms.frame([row]).iloc[0].to_dict(), None, 0.3)
    assert (shown.low, shown.high, shown.sizes) == (*drawn, "sizes not known")


@pytest.mark.parametrize("name", ["about half", "percentages"])
@pytest.mark.parametrize("by_law", [True, False])
def test_a_value_drawn_anew_takes_the_place_of_the_one_reported(name, by_law):
    data, rng = data_of(EXAMPLES[name]), np.random.default_rng(1)
    (form,) = data.forms.values()
    truth = Truth(np.full((2000, 1), 1.0), np.full((2000, len(data.baselines)), -0.5))
    drawn, z = form.drawn(truth, rng, by_law)
    width = form.value_high - form.value_low
    np.testing.assert_allclose(drawn.value_high - drawn.value_low, width * np.ones((2000, 1)))
    middle = (drawn.value_low + drawn.value_high) / 2
    # The value is z times an error, and has its sign but for rounding.
    assert (np.sign(middle) == np.sign(z)).mean() > 0.95
    # Rounding errors average out.
    assert middle.mean() == pytest.approx(1.0, abs=0.05)
    once = form.drawn(Truth(truth.theta[0], truth.logit[0]), rng, by_law)[0]
    printed = once.as_printed(rng)
    assert np.isinf([printed.z_low, printed.z_high]).all()
    np.testing.assert_array_equal(printed.value_low, once.value_low)
