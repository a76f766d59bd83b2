"""Arms that share a control arm, against a dense double integral."""

import numpy as np
import pytest
from scipy import stats
from scipy.interpolate import CubicSpline
from scipy.special import expit, logsumexp

from livingreview.effects.data_set import dataset
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior
from livingreview.tables.effects import Terms

LEVEL = np.linspace(-6.0, 6.0, 49)


def shared_control(control, treated, prior):
    rows = [("c", None, 0.0, *control)]
    rows += [(f"e{i}", f"s/e{i}", 1.0, *arm) for i, arm in enumerate(treated)]
    terms = [
        {"study_id": "s", "effect_id": effect, "likelihood": "binomial", "baseline_id": "s/c"}
        | {"arm": arm, "treated": side, "events": events, "total": total}
        for arm, effect, side, events, total in rows
    ]
    of_counts = Prior.parse(prior)
    data = dataset(Terms.frame(terms), BaselinePriors(findings=of_counts, counts=of_counts))
    [found] = data.forms["binomial"].shared_controls(0, data.baseline_prior)
    return found


def dense(control, treated, location, scale, omega):
    alpha, step = np.linspace(-30, 30, 6001, retstep=True)
    u, du = np.linspace(-9, 9, 541, retstep=True)
    eta = np.linspace(-37, 37, 7401)
    terms = stats.norm.logpdf(alpha, location, scale) + np.log(step)
    terms = terms + stats.binom.logpmf(*control, expit(alpha))
    for events, total in treated:
        x = eta[:, None] + omega * u
        log_l = stats.binom.logpmf(events, total, expit(x))
        log_l = np.where(np.isfinite(log_l), log_l, -1e4)
        blurred = logsumexp(log_l + stats.norm.logpdf(u) + np.log(du), axis=1)
        terms = terms + CubicSpline(eta, blurred)(LEVEL[:, None] + alpha)
    return logsumexp(terms, axis=1)


@pytest.mark.long
@pytest.mark.parametrize("omega", [0.0, 0.05, 0.3, 2.0])
@pytest.mark.parametrize(
    ("control", "treated", "prior"),
    [
        ((12, 60), [(15, 70), (25, 66)], (0.0, 10.0)),
        ((0, 60), [(15, 70), (0, 66), (3, 80)], (0.0, 10.0)),
        ((400, 1000), [(500, 1100), (450, 1000)], (-1.0, 0.5)),
        ((60, 60), [(5, 70), (66, 66)], (0.0, 10.0)),
    ],
)
def test_shared_control_is_a_dense_double_integral(control, treated, prior, omega):
    location, scale = prior
    found = shared_control(control, treated, f"normal({location}, {scale})")
    ours = found.log_likelihood(LEVEL, omega)
    theirs = dense(control, treated, location, scale, omega)
    near = theirs > theirs.max() - 15
    assert near.sum() > 2
    np.testing.assert_allclose(ours[near], theirs[near], atol=5e-5)
