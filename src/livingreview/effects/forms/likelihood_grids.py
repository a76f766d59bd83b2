r"""Likelihood of each study as a function of its own effect, baselines integrated out.

Binomial arms: the control logit is integrated by Gauss-Hermite quadrature around the
mode of its posterior at each :math:`\theta` (Liu and Pierce 1994, Biometrika 81,
624-629). Where counts bound the logit on one side at most (all arms empty or full), and for
intervals of z (findings, and tests without a control share): by a trapezium sum over its
prior, in steps that resolve how the likelihood turns with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from scipy.special import expit, gammaln, log_ndtr

from livingreview.effects.data_set import Dataset, Floats
from livingreview.records.evidence.two_by_two import woolf_error

HERMITE_NODES = 40
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(HERMITE_NODES)
_LOG_WEIGHTS = np.log(_WEIGHTS) - 0.5 * np.log(2 * np.pi)
_NEWTON_STEPS = 60
# How far the trapezium sum over a control logit goes, in standard deviations of its prior,
# and how many numbers it works on at once: few enough for a processor's cache.
REACH = 9.0
# Size of the finest structure in the logit where all arms are empty or full. Each has likelihood
# exp(-n e^logit) or its mirror image, the same curve at any n; within 25 nats of the top two of
# them together are no narrower than a normal with n p (1 - p) = 25.
EMPTY_ARMS = 0.15
BLOCK = 200_000
# Numbers of each step where there are many steps: arrays so small are not fresh memory each time.
CACHED = 10_000
# log(1 + e^x) is x to the last digit far below this, and e^x is still a number.
LARGE = 300.0


def log_likelihoods(data: Dataset, theta: Floats) -> Floats:
    """Log likelihood of each study on a grid of its own effect.

    Parameters
    ----------
    data : Dataset
        One effect per study.
    theta : ndarray, shape (point,)

    Returns
    -------
    ndarray, shape (study, point)
    """
    total = np.zeros((len(data.studies), theta.size))
    for row in range(data.normal_effect.size):
        z = (data.normal_value[row] - theta) / data.normal_error[row]
        density = -0.5 * z**2 - np.log(data.normal_error[row] * np.sqrt(2 * np.pi))
        total[data.effect_study[data.normal_effect[row]]] += density
    for row in range(data.interval_effect.size):
        study = data.effect_study[data.interval_effect[row]]
        total[study] += _interval(data, row, theta)
    arms = pd.Series(data.arm_baseline).groupby(data.arm_baseline).indices
    for baseline, rows in arms.items():
        total[data.arm_study[rows[0]]] += _counts(data, rows, baseline, theta)
    return total


def widths(data: Dataset) -> Floats:
    """Rough standard error of each study's effect: the scale on which its likelihood varies."""
    width = np.full(len(data.studies), np.inf)
    width[data.effect_study[data.normal_effect]] = data.normal_error
    n = 4.0 / data.n_treated + 4.0 / data.n_control
    width[data.effect_study[data.interval_effect]] = np.sqrt(n)
    variance = np.zeros(len(data.studies))
    rare = np.minimum(data.arm_events, data.arm_total - data.arm_events) + 0.5
    np.add.at(variance, data.arm_study, 1 / rare)
    return np.where(variance > 0, np.sqrt(variance), width)


def _interval(data: Dataset, row: int, theta: Floats) -> Floats:
    r"""Probability of an interval of z, averaged over the prior of the control logit.

    As :math:`|\partial \log s / \partial \alpha| \le 1/2`, the expected z turns by at most
    :math:`|z|/2` per unit of logit. Where it is near a bound b of the interval, the probability
    thus has structure no finer than 2/|b|, and none where it is far from every bound.
    """
    return averaged(
        data,
        int(data.interval_baseline[row]),
        theta,
        finest_of_interval(data, row),
        lambda logit, part: log_interval_probability(
            data.z_low[row] - (centre := expected_z(data, row, logit, part)),
            data.z_high[row] - centre,
        ),
    )


def finest_of_interval(data: Dataset, row: int) -> float:
    """Size in the control logit of the finest structure of the probability of an interval."""
    bounds = [abs(b) for b in (data.z_low[row], data.z_high[row]) if np.isfinite(b)]
    # 8 more: z varies around its expectation, and that far out nothing is left.
    return 2.0 / (max(bounds) + 8.0)


def averaged(
    data: Dataset,
    baseline: int,
    theta: Floats,
    finest: float,
    log_likelihood: Callable[[Floats, Floats], Floats],
) -> Floats:
    r"""Log of a likelihood averaged over the prior of a control logit, by a trapezium sum.

    The sum converges like :math:`\exp(-2\pi^2 w^2)` in w, the standard deviation in steps of
    the finest structure.

    `finest`: that structure's size in the logit, apart from the prior's own. `log_likelihood`: of
    logits, shape (node, 1), and effects, shape (point,).
    """
    location, scale = data.baseline_location[baseline], data.baseline_scale[baseline]
    half = int(np.ceil(REACH * scale / min(0.8 * scale, finest)))
    x, step = np.linspace(-REACH, REACH, 2 * half + 1, retstep=True)
    log_weights = (-0.5 * x**2 + np.log(step / np.sqrt(2 * np.pi)))[:, None]
    logit = location + scale * x[:, None]
    sums = []
    for part in np.array_split(theta, max(1, theta.size * x.size // BLOCK)):
        terms = log_likelihood(logit, part) + log_weights
        peak = terms.max(axis=0)
        sums.append(np.log(np.exp(terms - peak).sum(axis=0)) + peak)
    return np.concatenate(sums)


def expected_z(data: Dataset, row: int, logit: Floats, theta: Floats) -> Floats:
    """Effect over its standard error, shape (node, point)."""
    return theta / woolf_error(logit, theta, data.n_treated[row], data.n_control[row], np)


def log_interval_probability(low: Floats, high: Floats) -> Floats:
    """Log probability that a standard normal variable lies between two bounds."""
    if np.isinf(low).all():
        return log_ndtr(high)
    if np.isinf(high).all():
        return log_ndtr(-low)
    # From the side on which both tails are small.
    mirror = low > 0
    low, high = np.where(mirror, -high, low), np.where(mirror, -low, high)
    log_high, log_low = log_ndtr(high), log_ndtr(low)
    return log_high + np.log1p(-np.exp(np.minimum(log_low - log_high, -1e-300)))


def _counts(data: Dataset, rows: np.ndarray, baseline: int, theta: Floats) -> Floats:
    """Binomial arms that share a control logit, with the logit integrated out."""
    kernel = _one_sided_counts if one_sided(data, rows) else _bounded_counts
    return kernel(data, rows, baseline, theta) + log_coefficients(data, rows).sum()


def one_sided(data: Dataset, rows: np.ndarray) -> bool:
    """Whether all arms are empty or full, and so bound their logits on one side at most."""
    events, total = data.arm_events[rows], data.arm_total[rows]
    return bool(((events == 0) | (events == total)).all())


def log_coefficients(data: Dataset, rows: np.ndarray) -> Floats:
    """Logs of the binomial coefficients of arms."""
    events, total = data.arm_events[rows], data.arm_total[rows]
    return gammaln(total + 1) - gammaln(events + 1) - gammaln(total - events + 1)


def _one_sided_counts(data: Dataset, rows: np.ndarray, baseline: int, theta: Floats) -> Floats:
    """Arms that are all empty or full: far out the logit is as free as its prior has it."""
    arms = list(
        zip(data.arm_events[rows], data.arm_total[rows], data.arm_treated[rows], strict=True)
    )

    def log_likelihood(logit: Floats, part: Floats) -> Floats:
        return sum(e * (logit + t * part) - n * softplus(logit + t * part) for e, n, t in arms)

    return averaged(data, baseline, theta, EMPTY_ARMS, log_likelihood)


def _bounded_counts(data: Dataset, rows: np.ndarray, baseline: int, theta: Floats) -> Floats:
    """Arms of which one bounds the logit from both sides: close to normal around its mode."""
    sums = np.empty(theta.size)
    for part, _, terms, log_sd in bounded_counts_terms(data, rows, baseline, theta):
        peak = terms.max(axis=0)
        sums[part] = np.log(np.exp(terms - peak).sum(axis=0)) + peak + log_sd
    return sums


def bounded_counts_terms(
    data: Dataset, rows: np.ndarray, baseline: int, theta: Floats
) -> Iterator[tuple[slice, Floats, Floats, Floats]]:
    """Logits around their mode at each effect, and logs of the terms that sum to the likelihood.

    Yields a part of the effects, logits and terms of shape (node, part), and the log of a factor
    of the sum, shape (part,).
    """
    location, scale = data.baseline_location[baseline], data.baseline_scale[baseline]
    events, total = data.arm_events[rows, None, None], data.arm_total[rows, None, None]
    shift = data.arm_treated[rows, None, None] * theta
    # Mode in the control logit: the log posterior is concave.
    mode = np.full((1, 1, theta.size), location)
    for _ in range(_NEWTON_STEPS):
        p = expit(mode + shift)
        slope = (events - total * p).sum(axis=0) - (mode[0] - location) / scale**2
        curvature = (total * p * (1 - p)).sum(axis=0) + 1 / scale**2
        step = np.clip(slope / curvature, -2.0, 2.0)
        mode = mode + step
        if np.abs(step).max() < 1e-12:
            break
    p = expit(mode + shift)
    sd = 1 / np.sqrt((total * p * (1 - p)).sum(axis=0) + 1 / scale**2)
    # Weights are for a standard normal: divide its density out, and add the change of scale.
    log_weights = _LOG_WEIGHTS + 0.5 * _NODES**2 - np.log(scale)
    size = max(1, CACHED // (rows.size * HERMITE_NODES))
    for first in range(0, theta.size, size):
        part = slice(first, first + size)
        logit = mode[0, :, part] + sd[:, part] * _NODES[:, None]
        arms = logit + shift[..., part]
        terms = (events * arms - total * softplus(arms)).sum(axis=0)
        terms -= 0.5 * ((logit - location) / scale) ** 2 - log_weights[:, None]
        yield part, logit, terms, np.log(sd[0, part])


def softplus(x: Floats) -> Floats:
    """log(1 + e^x), from functions that numpy has much faster than its `logaddexp`."""
    bounded = np.minimum(x, LARGE)
    return np.log1p(np.exp(bounded)) + (x - bounded)
