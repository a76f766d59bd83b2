"""Studies of a known truth, fitted by one compiled model whose data are swapped.

Truths are of two sorts. Drawn from the prior, a 90% interval must cover 90% of them and
the posterior mean must be right on average, whatever the prior: that is a test of the
code. Held at one value, nothing promises either: that is a measurement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from livingreview.effects.data_set import Dataset, Floats
from livingreview.effects.simulation import correlated_effects, simulate, study_effects
from livingreview.models.nuts.compiling import compile_model
from livingreview.models.nuts.draws import sample, sampler_of
from livingreview.models.nuts.graph import build_model, model_numbers
from livingreview.protocol.models import ModelSpecification, Priors
from livingreview.protocol.run_config import Sampler

LEVEL = 0.9
# Both ends together: chance alone puts a correct coverage outside once in 500.
CHANCE = 0.002
SAMPLER = Sampler(chains=2, tune=500, draws=500, target_accept=0.9)


@dataclass(frozen=True)
class Truth:
    """One truth.

    Attributes
    ----------
    named : dict of float
        Quantities to be recovered.
    theta : ndarray, shape (effect,)
    control_logit : ndarray, shape (baseline,)
    """

    named: dict[str, float]
    theta: Floats
    control_logit: Floats


@dataclass(frozen=True)
class Simulation:
    """A set of studies, a model, and where truth comes from.

    Attributes
    ----------
    data : Dataset
        Structure, group sizes and standard errors.
    specification : ModelSpecification
    named : callable
        From variables of the model (leading dimensions kept) to the named quantities.
    truth : dict of ndarray or None
        ``mu``, ``tau`` and for a joint model ``correlation``; None draws them from the prior.
    data_sets, seed : int
    """

    data: Dataset
    specification: ModelSpecification
    named: Callable[[dict[str, NDArray]], dict[str, NDArray]]
    truth: dict[str, NDArray] | None
    data_sets: int
    seed: int


def overall_quantities(values: dict[str, NDArray]) -> dict[str, NDArray]:
    """Quantities of a model of one outcome."""
    return {name: values[name] for name in ("mu", "tau")}


def joint_quantities(outcomes: tuple[str, ...]) -> Callable[[dict], dict[str, NDArray]]:
    """Quantities of a joint model: differences of outcomes, and correlations."""
    pairs = list(combinations(range(len(outcomes)), 2))

    def named(values: dict[str, NDArray]) -> dict[str, NDArray]:
        mu, correlation = values["mu"], values["correlation"]
        found = {f"{outcomes[a]} - {outcomes[b]}": mu[..., a] - mu[..., b] for a, b in pairs}
        return found | {f"{outcomes[a]} ~ {outcomes[b]}": correlation[..., a, b] for a, b in pairs}

    return named


def recovered(simulation: Simulation) -> pd.DataFrame:
    """Fit every data set.

    Returns
    -------
    DataFrame
        Columns data_set, quantity, truth, mean, sd, low, high, divergences; `low` and
        `high` end the central 90% interval.
    """
    data, specification = simulation.data, simulation.specification
    compiled = compile_model(build_model(data, 0, specification))
    sampler = sampler_of(specification, SAMPLER)
    rows = []
    for i, seed in enumerate(np.random.SeedSequence(simulation.seed).spawn(simulation.data_sets)):
        rng = np.random.default_rng(seed)
        truth, reports = drawn(simulation, rng)
        fit_seed = int(rng.integers(2**31))
        fit = sample(compiled, model_numbers(reports, 0, specification), sampler, fit_seed)
        posterior = {name: draws.to_numpy() for name, draws in fit["posterior"].items()}
        divergences = int(fit["sample_stats"]["diverging"].sum())
        for name, draws in simulation.named(posterior).items():
            low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
            figures = (draws.mean(), draws.std(ddof=1), low, high)
            rows.append((i, name, truth.named[name], *figures, divergences))
    columns = ["data_set", "quantity", "truth", "mean", "sd", "low", "high", "divergences"]
    return pd.DataFrame(rows, columns=columns)


def drawn(simulation: Simulation, rng: np.random.Generator) -> tuple[Truth, Dataset]:
    """Draw a truth, and what studies report of it."""
    truth = _truth(simulation, rng)
    return truth, simulate(simulation.data, truth.theta, truth.control_logit, rng)


def _truth(simulation: Simulation, rng: np.random.Generator) -> Truth:
    """Draw what one data set is to be simulated from."""
    data, priors = simulation.data, simulation.specification.priors
    values = simulation.truth
    if simulation.specification.kind == "joint":
        if values is None:
            values = _from_priors(priors, len(data.outcomes), rng)
            eta = simulation.specification.lkj
            assert eta is not None
            values["correlation"] = lkj(len(data.outcomes), eta, rng)
        theta = correlated_effects(data, **values, rng=rng)
    else:
        values = values or _from_priors(priors, (), rng)
        theta = study_effects(data, float(values["mu"]), float(values["tau"]), rng)
    named = {name: float(value) for name, value in simulation.named(values).items()}
    return Truth(named, theta, rng.normal(data.baseline_prior.location, data.baseline_prior.scale))


def _from_priors(
    priors: Priors, shape: int | tuple[int, ...], rng: np.random.Generator
) -> dict[str, NDArray]:
    """Draw mu and tau by scipy, so that the model's own graph is not needed for its truth."""
    spread = priors.spread.distribution.rvs(size=shape, random_state=rng)
    return {
        "mu": np.asarray(priors.mu.distribution.rvs(size=shape, random_state=rng)),
        "tau": np.asarray(spread if priors.tau is not None else np.sqrt(spread)),
    }


def lkj(size: int, eta: float, rng: np.random.Generator) -> Floats:
    """Draw a correlation matrix with density proportional to its determinant to the eta - 1.

    By partial correlations on a vine (Lewandowski, Kurowicka and Joe 2009, Journal of
    Multivariate Analysis 100, 1989-2001, section 2.4), which shares no code with PyMC.
    """
    partial, matrix = np.zeros((size, size)), np.eye(size)
    for k in range(size - 1):
        shape = eta + (size - 2 - k) / 2
        for i in range(k + 1, size):
            value = partial[k, i] = 2 * rng.beta(shape, shape) - 1
            for j in range(k - 1, -1, -1):
                root = np.sqrt((1 - partial[j, i] ** 2) * (1 - partial[j, k] ** 2))
                value = value * root + partial[j, i] * partial[j, k]
            matrix[k, i] = matrix[i, k] = value
    return matrix


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Coverage, its bounds by chance, and bias, by quantity.

    Returns
    -------
    DataFrame
        Columns quantity, truth (empty when it varies), data_sets, coverage, least and most
        (binomial bounds of a correct coverage), bias (mean of posterior mean less truth),
        bias_error (its Monte Carlo standard error), sd (mean posterior SD), divergences.
    """
    rows = []
    for quantity, group in table.groupby("quantity", sort=False):
        number, misses = len(group), group["mean"] - group["truth"]
        least, most = stats.binom.ppf([CHANCE / 2, 1 - CHANCE / 2], number, LEVEL) / number
        rows.append(
            {
                "quantity": quantity,
                "truth": group["truth"].iloc[0] if group["truth"].nunique() == 1 else np.nan,
                "data_sets": number,
                "coverage": group["truth"].between(group["low"], group["high"]).mean(),
                "least": least,
                "most": most,
                "bias": misses.mean(),
                "bias_error": misses.std(ddof=1) / np.sqrt(number),
                "sd": group["sd"].mean(),
                "divergences": int(group["divergences"].sum()),
            }
        )
    return pd.DataFrame(rows)
