"""Our sampler on the 13 BCG trials against numerical integration, Stan and JAGS.

Means, SDs and quantiles within 4 Monte Carlo standard errors, ours and theirs combined.
"""

from math import sqrt

import arviz as az
import numpy as np
import peers
import pytest

from livingreview.effects.specification import Specification
from livingreview.models.nuts.sampling import fit_models
from livingreview.models.quadrature.engine import answer
from livingreview.protocol.run_config import Sampler

pytestmark = pytest.mark.slow

MOST_MCSE = 4.0
SAMPLER = Sampler(chains=4, tune=1000, draws=5000, target_accept=0.99)
SEED = 20261123


def sampled(data, studies, models):
    """Draws of each quantity by model, with shape (chain, draw)."""
    specifications = [
        Specification(name, peers.design(studies, name), peers.protocol().specifications()[name])
        for name in models
    ]
    found = {}
    for name, fit in fit_models(data, specifications, SAMPLER, SEED, "tuberculosis"):
        posterior = fit["posterior"].to_dataset()
        found[name] = {
            "mu": posterior["mu"].to_numpy(),
            "tau": posterior["tau"].to_numpy(),
            "theta_new": posterior["theta_new"].isel(setting=0).to_numpy(),
        }
        if "beta" in posterior:
            found[name]["slope"] = posterior["beta"].isel(coefficient=0).to_numpy()
    return found


@pytest.fixture(scope="module")
def counts():
    return sampled(*peers.counts(), ["overall"])["overall"]


@pytest.fixture(scope="module")
def estimates():
    return sampled(*peers.estimates(), ["overall", "latitude"])


def statistics(draws, figure):
    """Mean, SD and the figure's quantiles of draws, in the form of a figure."""
    return {
        quantity: {"mean": draws[quantity].mean(), "sd": draws[quantity].std(ddof=1)}
        | {"quantiles": {p: np.quantile(draws[quantity], float(p)) for p in values["quantiles"]}}
        for quantity, values in figure.items()
        if quantity in draws
    }


def flat(values):
    return {name: values[name] for name in ("mean", "sd")} | values["quantiles"]


def error(draws, name):
    """Monte Carlo standard error of a mean, an SD or a quantile, and the effective draws."""
    if name in ("mean", "sd"):
        return float(az.mcse(draws, method=name)), float(az.ess(draws, method="bulk"))
    of_quantile = {"method": "quantile", "prob": float(name)}
    return float(az.mcse(draws, **of_quantile)), float(az.ess(draws, **of_quantile))


def furthest(found, pinned, draws, found_is_sampled=True):
    """Largest difference in combined Monte Carlo standard errors, which, and how many.

    `draws` are of the same posterior: errors go with 1/sqrt(effective draws), so theirs tell
    the error of pinned figures, which come with their effective draws if they are sampled.
    """
    apart = {}
    for quantity in pinned.keys() & found.keys() & draws.keys():
        ours, theirs = flat(found[quantity]), flat(pinned[quantity])
        bulk = pinned[quantity].get("ess_bulk", np.inf)
        tail = pinned[quantity].get("ess_tail", bulk)
        for name in ours.keys() & theirs.keys():
            one, effective = error(draws[quantity], name)
            share = effective / (bulk if name in ("mean", "sd") else tail)
            combined = one * sqrt(found_is_sampled + share)
            apart[quantity, name] = abs(ours[name] - theirs[name]) / combined
    which = max(apart, key=apart.get)
    return apart[which], which, len(apart)


def of_draws(draws, pinned):
    """The same for our own draws."""
    return furthest(statistics(draws, pinned), pinned, draws)


@pytest.mark.parametrize(
    ("peer", "figure", "compared"),
    [
        ("numerical_integration", "counts_mu1.5", 18),
        ("brms_and_jags", "rstan_counts", 10),
        ("brms_and_jags", "jags_counts", 10),
    ],
)
def test_counts(counts, peer, figure, compared):
    largest, which, number = of_draws(counts, peers.figures(peer)[figure])
    print(f"counts against {figure}: largest {largest:.1f} MCSE, at {which}, of {number}")
    assert number == compared
    assert largest < MOST_MCSE, which


@pytest.fixture(scope="module")
def integrated():
    data, studies = peers.counts()
    found = answer(data, peers.design(studies, "overall"), peers.priors(), peers.LIMIT)
    assert found.converged
    return peers.as_figure(found.quantities)


def test_counts_against_quadrature(counts, integrated):
    largest, which, number = of_draws(counts, integrated)
    print(f"counts against quadrature: largest {largest:.1f} MCSE, at {which}, of {number}")
    assert number == 21
    assert largest < MOST_MCSE, which


@pytest.mark.parametrize("figure", ["rstan_counts", "jags_counts"])
def test_quadrature_of_counts_against_samplers(counts, integrated, figure):
    pinned = peers.figures("brms_and_jags")[figure]
    largest, which, number = furthest(integrated, pinned, counts, found_is_sampled=False)
    print(f"quadrature against {figure}: largest {largest:.1f} MCSE, at {which}, of {number}")
    assert number == 10
    assert largest < MOST_MCSE, which


@pytest.mark.parametrize(
    ("model", "figure", "compared"),
    [("overall", "logOR_mu1.5", 27), ("latitude", "logOR_latitude", 36)],
)
def test_normal_estimates(estimates, model, figure, compared):
    pinned = peers.figures("numerical_integration")[figure]
    largest, which, number = of_draws(estimates[model], pinned)
    print(f"estimates against {figure}: largest {largest:.1f} MCSE, at {which}, of {number}")
    assert number == compared
    assert largest < MOST_MCSE, which
