"""Our sampler on the 13 BCG trials against numerical integration, Stan and JAGS.

Means, SDs and quantiles within 4 Monte Carlo standard errors, ours and theirs combined.
"""

from math import sqrt

import arviz as az
import numpy as np
import peers
import pytest

from livingreview.run_config import Sampler
from livingreview.sampling import fit_models
from livingreview.specification import Specification

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


def furthest(draws, pinned):
    """Largest difference in combined Monte Carlo standard errors, which, and how many."""
    apart = {}
    for quantity in pinned.keys() & draws.keys():
        ours, theirs = draws[quantity], pinned[quantity]
        levels = {f"q{p}": float(p) for p in theirs["quantiles"]}
        values = {"mean": ours.mean(), "sd": ours.std(ddof=1)}
        values |= {name: np.quantile(ours, p) for name, p in levels.items()}
        expected = {name: theirs[name] for name in ("mean", "sd")}
        expected |= {f"q{p}": value for p, value in theirs["quantiles"].items()}
        for name, value in values.items():
            # Draws of one posterior have errors in proportion to 1/sqrt(effective size).
            if name in levels:
                error = az.mcse(ours, method="quantile", prob=levels[name])
                size = az.ess(ours, method="quantile", prob=levels[name])
                tail = theirs.get("ess_tail", theirs.get("ess_bulk", np.inf))
            else:
                error = az.mcse(ours, method=name)
                size = az.ess(ours, method="bulk")
                tail = theirs.get("ess_bulk", np.inf)
            combined = float(error) * sqrt(1 + float(size) / tail)
            apart[quantity, name] = abs(value - expected[name]) / combined
    which = max(apart, key=apart.get)
    return apart[which], which, len(apart)


@pytest.mark.parametrize(
    ("peer", "figure", "compared"),
    [
        ("numerical_integration", "counts_mu1.5", 18),
        ("brms_and_jags", "rstan_counts", 10),
        ("brms_and_jags", "jags_counts", 10),
    ],
)
def test_counts(counts, peer, figure, compared):
    largest, which, number = furthest(counts, peers.figures(peer)[figure])
    print(f"counts against {figure}: largest {largest:.1f} MCSE, at {which}, of {number}")
    assert number == compared
    assert largest < MOST_MCSE, which


@pytest.mark.parametrize(
    ("model", "figure", "compared"),
    [("overall", "logOR_mu1.5", 27), ("latitude", "logOR_latitude", 36)],
)
def test_normal_estimates(estimates, model, figure, compared):
    pinned = peers.figures("numerical_integration")[figure]
    largest, which, number = furthest(estimates[model], pinned)
    print(f"estimates against {figure}: largest {largest:.1f} MCSE, at {which}, of {number}")
    assert number == compared
    assert largest < MOST_MCSE, which
