"""The prior of shrunk coefficients has the spread that is said of it."""

import numpy as np
import pytest

from livingreview.models.horseshoe import coefficient_sd
from livingreview.protocol.priors import LOCAL_DEGREES


@pytest.mark.parametrize(("global_scale", "slab"), [(0.25, 0.5), (1.0, 1.0), (0.05, 2.0)])
def test_spread_is_that_of_draws(global_scale: float, slab: float):
    rng = np.random.default_rng(1)
    size = 300_000
    g = np.abs(rng.normal(0, global_scale, size))
    local = np.abs(rng.standard_t(LOCAL_DEGREES, size))
    beta = rng.standard_normal(size) * slab * g * local / np.sqrt(slab**2 + (g * local) ** 2)
    error = np.std(beta**2) / np.sqrt(size) / (2 * beta.std())  # of a standard deviation
    assert coefficient_sd(global_scale, slab) == pytest.approx(beta.std(), abs=4 * error)


def test_a_wide_global_scale_leaves_the_slab_alone():
    assert coefficient_sd(1e6, 0.5) == pytest.approx(0.5, rel=1e-3)
