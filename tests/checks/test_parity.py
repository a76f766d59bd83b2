"""Sampling held against integration: right answers pass, wrong ones do not."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from livingreview.checks.parity import parity_table

LEVELS = {"q2_5": 0.025, "q5": 0.05, "q50": 0.5, "q95": 0.95, "q97_5": 0.975}
# A skewed posterior, as that of a heterogeneity.
LAW = stats.gamma(2.0)


def table(draws: np.ndarray, shift: float = 0.0, stretch: float = 1.0) -> pd.DataFrame:
    """Parity of draws (data set in one chain each) with the law they come from, moved."""
    coords = {"setting": ["all_studies"]}
    names = ("mu", "tau")
    posterior = xr.Dataset(dict.fromkeys(names, (("chain", "draw"), draws)), coords=coords)
    posterior["theta_new"] = (("chain", "draw", "setting"), draws[..., None])
    fit = xr.DataTree.from_dict({"posterior": posterior})
    exact = {"mean": LAW.mean(), "sd": LAW.std(), **{q: LAW.ppf(p) for q, p in LEVELS.items()}}
    answer = {s: shift + stretch * v if s != "sd" else stretch * v for s, v in exact.items()}
    integrated = pd.DataFrame([{"fit": "o/m", "quantity": "tau", **answer}])
    return parity_table([("o/m", fit)], integrated, 4.0)


def drawn(seed: int) -> np.ndarray:
    return LAW.rvs(size=(4, 2000), random_state=np.random.default_rng(seed))


@pytest.mark.long
def test_right_answers_are_a_standard_normal_number_of_errors_apart():
    apart = pd.concat(table(drawn(seed)).assign(seed=seed) for seed in range(80))
    of = apart.groupby("statistic")["errors_apart"]
    assert set(of.groups) == {"mean", "sd", *LEVELS}
    # The mean square of a standard normal is 1, its standard error over 80 sets 0.16.
    np.testing.assert_allclose(of.apply(lambda e: (e**2).mean()), 1.0, atol=0.5)
    assert apart["agrees"].all()


@pytest.mark.parametrize(("shift", "stretch"), [(0.15, 1.0), (0.0, 1.1)])
def test_wrong_answers_are_told(shift: float, stretch: float):
    found = table(drawn(0), shift, stretch)
    assert not found["agrees"].all()


def test_difference_within_the_error_of_integration_is_none():
    same = np.full((4, 2000), LAW.ppf(0.5)) + 1e-6 * drawn(0)
    found = table(same).set_index("statistic")
    assert found.loc["q50", "errors_apart"] == 0
