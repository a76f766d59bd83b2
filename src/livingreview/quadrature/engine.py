"""The way into the quadrature engine: a data set and a model in, all reported quantities out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from livingreview.dataset import Dataset
from livingreview.moderators import ALL_STUDIES, DesignMatrix, Refusal
from livingreview.priors import Prior
from livingreview.protocol import Priors
from livingreview.quadrature.general import StudyTables, study_tables
from livingreview.quadrature.marginals import Floats, Marginal, gridded_marginal
from livingreview.quadrature.normal import (
    TOLERANCE,
    NormalPriors,
    NormalTerms,
    integrate,
)
from livingreview.quadrature.study_likelihoods import widths

STATISTICS = ("q2_5", "q5", "q50", "q95", "q97_5")
FIRST_POINTS = 65
MOST_POINTS = 257
# Table points at most: 800 spacings resolve an error of 0.01 over a range of 4.
MOST_BETWEEN = 800
# Log density, below the top, at which a grid ends.
DROP = 32.0
# The same for log tau, whose density falls only as fast as tau itself towards 0.
DROP_TAU = 17.0
PRIOR_TAIL = 1e-8


@dataclass(frozen=True)
class Answer:
    """Posterior of one model by integration.

    Attributes
    ----------
    quantities : dict of dict
        Statistics of `pooled.csv` by quantity.
    movement : float
        Largest change of a quantile at the last refinement of the grid.
    """

    quantities: dict[str, dict[str, float]]
    movement: float

    @property
    def converged(self) -> bool:
        """Whether refining the grid no longer moves a quantile."""
        return self.movement < TOLERANCE


def answer(data: Dataset, design: DesignMatrix, priors: Priors, limit: float) -> Answer:
    """Integrate one model.

    Parameters
    ----------
    data : Dataset
        Of one outcome.
    design : DesignMatrix
    priors : Priors
    limit : float
        Log odds ratio below which an effect is practically none.

    Raises
    ------
    Refusal
        If a study gives several effects, or there are several coefficients and
        terms that are not normal.
    """
    if data.has_several_effects:
        raise Refusal("a study gives several effects on the outcome")
    order = [design.studies.index(study) for study in data.studies]
    columns, included = design.columns[order], design.included[order]
    normal_priors = priors.mu.family == priors.beta.family == "normal"
    if data.normal_effect.size == len(data.studies) and normal_priors:
        return _normal(data, columns, included, design, priors, limit)
    if columns.shape[1] > 1:
        raise Refusal("more than one coefficient with terms that are not normal")
    return _general(data, columns, included, design, priors, limit)


def _normal(
    data: Dataset,
    columns: Floats,
    included: np.ndarray,
    design: DesignMatrix,
    priors: Priors,
    limit: float,
) -> Answer:
    """Normal terms and priors: closed form given tau."""
    study = data.effect_study[data.normal_effect]
    width = columns.shape[1]
    terms = NormalTerms(
        value=data.normal_value[None],
        error=data.normal_error[None],
        columns=np.column_stack([np.ones(study.size), columns[study]])[None],
        included=included[study][None],
    )
    of_coefficients = [priors.mu, *[priors.beta] * width]
    result = integrate(
        terms,
        NormalPriors(
            mean=np.array([p.arguments[0] for p in of_coefficients]),
            sd=np.array([p.arguments[1] for p in of_coefficients]),
            spread=priors.spread,
            on_square=priors.tau is None,
        ),
        np.column_stack([np.ones(len(design.settings)), design.setting_columns]),
        limit,
    )
    mu, *betas = result.coefficients
    return Answer(
        _named(design, mu, betas, result.tau, result.settings, result.new), result.movement
    )


def _general(
    data: Dataset,
    columns: Floats,
    included: np.ndarray,
    design: DesignMatrix,
    priors: Priors,
    limit: float,
) -> Answer:
    """Any terms: a grid over mu, beta and log tau, halved until quantiles stand still."""
    power = 1 if priors.tau is not None else 2
    spread = priors.spread.distribution
    log_tau_range = (
        float(np.log(spread.ppf(PRIOR_TAIL)) / power),
        float(np.log(spread.isf(PRIOR_TAIL)) / power),
    )
    column = columns[:, 0] if columns.shape[1] else np.zeros(len(data.studies))
    has_beta = bool(columns.shape[1])
    mu_range = _prior_range(priors.mu)
    beta_range = _prior_range(priors.beta) if has_beta else (0.0, 0.0)
    count, movement, located = FIRST_POINTS, np.inf, False
    before: dict[str, dict[str, float]] | None = None
    while count <= MOST_POINTS and movement >= TOLERANCE:
        step = float(mu_range[1] - mu_range[0]) / (count - 1)
        mu: Floats = mu_range[0] + step * np.arange(count, dtype=np.float64)
        width = int(np.ceil((beta_range[1] - beta_range[0]) / step))
        # The same step for both, so that their sums lie on the grid.
        beta: Floats = beta_range[0] + step * np.arange(width + 1, dtype=np.float64)
        log_tau: Floats = np.linspace(*log_tau_range, count)
        reach = [m + x * b for m in mu[[0, -1]] for x in column[included] for b in beta[[0, -1]]]
        # Fine enough for the narrowest study when tau is near 0.
        finest = min(step, 0.5 * float(widths(data).min()))
        between = int(np.ceil((max(reach) - min(reach)) / finest))
        points = np.linspace(min(reach), max(reach), min(max(between, 160), MOST_BETWEEN) + 1)
        tables = study_tables(data, points, log_tau)
        log_density = _log_density(tables, column, included, mu, beta, priors, power)
        density = np.exp(log_density - log_density.max())
        after = _marginals(density, mu, beta, log_tau, design, limit, has_beta)
        if before is not None:
            movement = _movement(before, after)
        # A first grid only shows where the posterior lies: a second one on the same range
        # would agree with it whatever it misses.
        before = after if located else None
        held = density > np.exp(-DROP)
        of_tau = density.sum(axis=(1, 2))
        log_tau_range = _held_range(log_tau, of_tau > of_tau.max() * np.exp(-DROP_TAU))
        mu_range = _held_range(mu, held.any(axis=(0, 2)))
        beta_range = _held_range(beta, held.any(axis=(0, 1))) if has_beta else beta_range
        count = 2 * count - 1 if located else count
        located = True
    assert before is not None
    return Answer(before, movement)


def _prior_range(prior: Prior) -> tuple[float, float]:
    """Where a first grid looks: all but a negligible share of the prior, odds up to e^12."""
    d = prior.distribution
    return max(float(d.ppf(PRIOR_TAIL)), -12.0), min(float(d.isf(PRIOR_TAIL)), 12.0)


def _held_range(points: Floats, held: np.ndarray) -> tuple[float, float]:
    """Ends of the part of a grid that holds mass, a step more on each side."""
    first, last = np.flatnonzero(held)[[0, -1]]
    return float(points[max(first - 1, 0)]), float(points[min(last + 1, points.size - 1)])


def _log_density(
    tables: StudyTables,
    column: Floats,
    included: np.ndarray,
    mu: Floats,
    beta: Floats,
    priors: Priors,
    power: int,
) -> Floats:
    """Log posterior density over (log tau, mu, beta), up to a constant."""
    log_prior_tau = priors.spread.distribution.logpdf(np.exp(power * tables.log_tau))
    log_prior = (log_prior_tau + power * tables.log_tau)[:, None, None]
    log_prior = log_prior + priors.mu.distribution.logpdf(mu)[None, :, None]
    if beta.size > 1:
        log_prior = log_prior + priors.beta.distribution.logpdf(beta)[None, None, :]
    return log_prior + tables.at(column, mu, beta, included)


def _marginals(
    density: Floats,
    mu: Floats,
    beta: Floats,
    log_tau: Floats,
    design: DesignMatrix,
    limit: float,
    has_beta: bool,
) -> dict[str, dict[str, float]]:
    """Every reported quantity from the joint density on a grid."""
    of_mu = gridded_marginal(mu, density.sum(axis=(0, 2))[None], limit)
    of_tau = gridded_marginal(log_tau, density.sum(axis=(1, 2))[None], limit, transform="exp")
    betas = []
    if has_beta:
        betas = [gridded_marginal(beta, density.sum(axis=(0, 1))[None], limit)]
    settings, new = [], []
    for row in design.setting_columns:
        z = float(row[0]) if has_beta else 0.0
        points, weights = _pooled_at(density, mu, beta, z)
        settings.append(gridded_marginal(points, weights.sum(axis=0)[None], limit))
        new.append(_new_study(points, weights, np.exp(log_tau), limit))
    return _named(design, of_mu, betas, of_tau, settings, new)


def _pooled_at(density: Floats, mu: Floats, beta: Floats, z: float) -> tuple[Floats, Floats]:
    """Density of mu + z beta by node of tau; z is 0 or 1, so sums stay on the grid."""
    if z == 0.0:
        return mu, density.sum(axis=2)
    if z != 1.0:
        raise Refusal("a setting that is no level of a categorical moderator")
    step = mu[1] - mu[0]
    weights = np.zeros((density.shape[0], mu.size + beta.size - 1))
    for j in range(beta.size):
        weights[:, j : j + mu.size] += density[:, :, j]
    return mu[0] + beta[0] + step * np.arange(weights.shape[1]), weights


def _new_study(points: Floats, weights: Floats, tau: Floats, limit: float) -> Marginal:
    """Effect of a new study: the pooled one blurred by a normal of SD tau, node by node.

    The blur is a product in Fourier space, exact for every tau, however narrow.
    """
    step = points[1] - points[0]
    share = weights.sum(axis=1) / weights.sum()
    largest = tau[share > 1e-12].max()
    reach = min(10 * largest, 200.0)
    extra = int(np.ceil(reach / step))
    size = int(2 ** np.ceil(np.log2(points.size + 2 * extra)))
    frequency = 2 * np.pi * np.fft.rfftfreq(size, step)
    padded = np.zeros((tau.size, size))
    padded[:, extra : extra + points.size] = weights
    blurred = np.fft.rfft(padded, axis=1) * np.exp(-0.5 * (tau[:, None] * frequency) ** 2)
    density = np.maximum(np.fft.irfft(blurred.sum(axis=0), size), 0.0)
    wide = points[0] + step * (np.arange(size) - extra)
    return gridded_marginal(wide, density[None], limit)


def _named(
    design: DesignMatrix,
    mu: Marginal,
    betas: list[Marginal],
    tau: Marginal,
    settings: list[Marginal],
    new: list[Marginal],
) -> dict[str, dict[str, float]]:
    """Marginals under the names of `pooled.csv`."""
    found = {"mu": mu, "tau": tau, "theta_new": new[0]}
    found |= {f"beta[{c}]": beta for c, beta in zip(design.coefficients, betas, strict=True)}
    if design.settings != (ALL_STUDIES,):
        found |= {f"mu[{s}]": m for s, m in zip(design.settings, settings, strict=True)}
        found |= {f"theta_new[{s}]": m for s, m in zip(design.settings, new, strict=True)}
    return {name: _statistics(marginal) for name, marginal in found.items()}


def _statistics(marginal: Marginal) -> dict[str, float]:
    """One row of `pooled.csv`."""
    return {
        "mean": float(marginal.mean[0]),
        "sd": float(marginal.sd[0]),
        **dict(zip(STATISTICS, map(float, marginal.quantiles[0]), strict=True)),
        "p_above_zero": float(np.clip(marginal.above[0], 0, 1)),
        "p_below_zero": float(np.clip(1 - marginal.above[0], 0, 1)),
        "p_practically_none": float(np.clip(marginal.near[0], 0, 1)),
    }


def _movement(before: dict[str, dict[str, float]], after: dict[str, dict[str, float]]) -> float:
    """Largest change of any reported quantile."""
    return max(abs(before[q][s] - after[q][s]) for q in after for s in STATISTICS)
