"""Where studies fall among those that the others predict must be uniform when the model is true."""

import numpy as np
import pytest
from made_up_fits import counts, data_of, drawn_fit, estimate, finding, model
from scipy import stats

from livingreview.checks.influence import draws_tree, integrated, left_out_rows
from livingreview.effects.forms.bounded import statement

DATA_SETS = 250


def simulated(rng):
    """Two studies of each kind of evidence, with truth drawn from the prior."""
    mu, tau = rng.normal(0, 1), abs(rng.normal(0, 0.5))
    theta = rng.normal(mu, tau, 6)
    studies = []
    for i, n in enumerate((80, 300)):
        logit = rng.normal(-1, 0.5)
        p0, p1 = 1 / (1 + np.exp(-logit)), 1 / (1 + np.exp(-logit - theta[i]))
        studies.append(counts(f"c{i}", rng.binomial(n, p1), n, rng.binomial(n, p0), n))
        logit = rng.normal(-1, 0.5)
        p0, p1 = 1 / (1 + np.exp(-logit)), 1 / (1 + np.exp(-logit - theta[2 + i]))
        error = np.sqrt(1 / (n * p0 * (1 - p0)) + 1 / (n * p1 * (1 - p1)))
        z = np.array([rng.normal(theta[2 + i] / error, 1)])
        low, high = statement(z, rng.random(1) < 0.5, np.array([1.96]))
        studies.append(finding(f"f{i}", low[0], high[0], float(n)))
        error = 3.3 / np.sqrt(n)
        studies.append(estimate(f"e{i}", rng.normal(theta[4 + i], error), error))
    return data_of(*studies)


@pytest.mark.slow
def test_pit_is_uniform():
    rng = np.random.default_rng(20261124)
    found = {}
    for seed in range(DATA_SETS):
        fit = drawn_fit(simulated(rng), model(), draws=1000, seed=seed)
        parts = integrated(fit)
        for row, _ in left_out_rows(fit, draws_tree(fit, parts), parts, 0.7, seed):
            found.setdefault(row["study_id"][0], []).append(row["pit"])
    for kind, pits in found.items():
        counts_, _ = np.histogram(pits, bins=np.linspace(0, 1, 11))
        p = stats.chisquare(counts_).pvalue
        print(f"{kind}: {len(pits)} places, {counts_}, p = {p:.3f}")
        assert p > 0.003
