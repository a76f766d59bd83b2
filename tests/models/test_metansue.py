"""Statements that are not significant, against the published likelihood of MetaNSUE.

Radua and others 2015, Biological Psychiatry 78, 816-828 (R's metansue): an effect that is told as
not significant lies between l and u, the values that would have been significant, and its
likelihood at a pooled effect mu and a variance tau^2 between studies is that of a normal law,
log[Phi((u - mu) / sqrt(v + tau^2)) - Phi((l - mu) / sqrt(v + tau^2))], v its sampling variance.
"""

import numpy as np
import pytest
from made_up_fits import finding, priors, terms_of
from scipy import stats

from livingreview.effects.data_set import dataset
from livingreview.models.quadrature.study_tables import StudyLikelihoods
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior

Z = 1.96
# People in each arm of a study that says: not significant, with no direction or with one.
SIZES = np.array([150, 220, 300, 420, 700, 1100, 1600, 2400])
LOW = np.array([-Z, -Z, 0.0, -Z, 0.0, -Z, 0.0, 0.0])
TAU = np.array([0.0, 0.05, 0.1])


@pytest.fixture(scope="module")
def tables():
    """Points of the pooled effect, and log likelihoods of each study, (study, tau, point).

    At a control share of a half, known to three digits, the variance of a log odds ratio hardly
    hangs on the effect, as the peer has it.
    """
    half = Prior.parse("normal(0, 0.001)")
    rows = [finding(f"s{i}", low, Z, n) for i, (low, n) in enumerate(zip(LOW, SIZES, strict=True))]
    data = dataset(terms_of(*rows), BaselinePriors(findings=half, counts=half))
    return StudyLikelihoods.from_readings([data]).tables(-0.3, 0.3, 0.01, TAU)


def published(mu, tau):
    """MetaNSUE's log likelihood of each statement."""
    v = 2 / (SIZES * 0.25)
    sd = np.sqrt(v + tau**2)
    upper, lower = ((z * np.sqrt(v) - mu) / sd for z in (Z, LOW))
    return np.log(stats.norm.cdf(upper) - stats.norm.cdf(lower))


def mode(points, values):
    """Point of the pooled effect, and node of the SD between studies, of the largest density."""
    by_mu = priors().mu.distribution.logpdf(points)
    by_tau = priors().spread.distribution.logpdf(TAU)
    density = values.sum(axis=0) + by_mu + by_tau[:, None]
    node, point = np.unravel_index(density.argmax(), density.shape)
    return point, node


def test_without_an_effect_the_marginal_likelihood_is_that_of_the_published_peer(tables):
    points, values = tables
    np.testing.assert_allclose(values[:, 0, np.abs(points).argmin()], published(0, 0), atol=1e-12)


def test_marginal_likelihoods_near_the_mode_are_those_of_the_published_peer(tables):
    points, values = tables
    at, _ = mode(points, values)
    assert 0.05 < points[at] < 0.07
    near = np.flatnonzero(np.abs(points - points[at]) < 0.055)
    # The peer's variance is that without an effect; ours grows by a share of theta^2 / 8.
    for k, tau in enumerate(TAU):
        ours, theirs = values[:, k, near].T, [published(mu, tau) for mu in points[near]]
        np.testing.assert_allclose(ours, theirs, atol=2e-3)
