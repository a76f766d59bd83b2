"""Two samples of one posterior agree; a posterior that moved does not."""

import numpy as np
import pandas as pd
import pytest
from agreement import STANDARD_ERRORS, disagreements, tolerances

DRAWS = 4000


def row(draws: np.ndarray, quantity: str, engine: str = "nuts") -> dict:
    """A row of pooled.csv for independent draws, whose effective size is their number."""
    low, middle, high = np.quantile(draws, [0.025, 0.5, 0.975])
    return {
        "fit": "a/overall",
        "engine": engine,
        "quantity": quantity,
        "mean": draws.mean(),
        "sd": draws.std(),
        "q2_5": low,
        "q50": middle,
        "q97_5": high,
        "p_above_zero": (draws > 0).mean(),
        "ess_bulk": DRAWS,
        "ess_tail": DRAWS,
    }


def sample(generator: np.random.Generator, quantity: str) -> np.ndarray:
    if quantity == "tau":
        return np.abs(generator.normal(0, 0.4, DRAWS))
    return generator.normal(0.3, 0.25, DRAWS)


@pytest.mark.parametrize("quantity", ["mu", "tau"])
def test_tolerance_is_what_independent_samples_differ_by(quantity: str):
    """Against simulation: a fifth of the tolerance; in the tails less, down to half of that."""
    generator = np.random.default_rng(1)
    pairs = [
        (row(sample(generator, quantity), quantity), row(sample(generator, quantity), quantity))
        for _ in range(400)
    ]
    allowed = tolerances(pairs[0][0])
    for figure, tolerance in allowed.items():
        spread = np.std([one[figure] - other[figure] for one, other in pairs])
        ratio = tolerance / spread if spread else STANDARD_ERRORS
        if figure in ("mean", "q50", "p_above_zero"):
            assert ratio == pytest.approx(STANDARD_ERRORS, rel=0.12), figure
        elif (quantity, figure) != ("tau", "q2_5"):  # where a half-normal is far denser
            assert STANDARD_ERRORS < ratio < 2.3 * STANDARD_ERRORS, figure


def test_another_sample_of_the_same_posterior_agrees():
    generator = np.random.default_rng(2)
    names = ("mu", "tau")
    pooled = pd.DataFrame([row(sample(generator, name), name) for name in names])
    compared, apart = disagreements([row(sample(generator, n), n) for n in names], pooled)
    assert compared == 10
    assert apart == []


def test_a_posterior_that_moved_by_a_quarter_of_its_sd_is_told():
    generator = np.random.default_rng(3)
    pooled = pd.DataFrame([row(sample(generator, "mu"), "mu")])
    moved = row(sample(generator, "mu") + 0.0625, "mu")
    _, apart = disagreements([moved], pooled)
    assert {d.figure for d in apart} >= {"mean", "q50", "p_above_zero"}
    assert "a/overall mu (nuts), mean: released 0.3" in "\n".join(map(str, apart))


def test_integration_may_differ_by_rounding_only():
    draws = sample(np.random.default_rng(4), "mu")
    pooled = pd.DataFrame([row(draws, "mu", "quadrature")])
    assert disagreements([row(draws + 1e-8, "mu", "quadrature")], pooled)[1] == []
    assert disagreements([row(draws + 1e-4, "mu", "quadrature")], pooled)[1]


def test_a_quantity_that_is_not_here_is_told():
    draws = sample(np.random.default_rng(5), "mu")
    with pytest.raises(LookupError, match=r"a/overall theta_new \(nuts\) is in the release"):
        disagreements([row(draws, "theta_new")], pd.DataFrame([row(draws, "mu")]))
