"""A fit that went wrong as fits of few studies do: a centred funnel, and too few draws."""

import numpy as np
import nutpie
import pymc as pm
import pytest
from test_check_verdicts import judged

from livingreview.checks.sampling import sampling_table, trajectory_table


@pytest.fixture(scope="module")
def funnel():
    """Centred study effects that know little of themselves, and far too few draws."""
    with pm.Model(coords={"effect": range(8)}) as graph:
        mu, tau = pm.Normal("mu", 0, 1), pm.HalfNormal("tau", 1)
        theta = pm.Normal("theta", mu, tau, dims="effect")
        pm.Normal("y", theta, 1.0, observed=np.linspace(-0.2, 0.2, 8))
    draws = nutpie.sample(
        nutpie.compile_pymc_model(graph),
        draws=100,
        tune=100,
        chains=4,
        cores=1,
        seed=3,
        target_accept=0.8,
        progress_bar=False,
    )
    return [("o/funnel", draws)]


@pytest.mark.slow
def test_a_centred_funnel_with_few_draws_stops(funnel, protocol):
    sampling, trajectories = sampling_table(funnel), trajectory_table(funnel)
    checks = judged(protocol.checks, sampling=sampling, trajectories=trajectories)
    stopped = set(checks.index[checks["verdict"] == "stop"])
    assert {"r_hat", "ess_bulk", "ess_tail", "divergences"} <= stopped
    assert checks.loc["r_hat", "quantity"] == "tau"
    assert checks.loc["divergences", "value"] > 0
