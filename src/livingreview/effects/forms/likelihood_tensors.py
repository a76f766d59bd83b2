r"""The log likelihood of every term in PyTensor, given the true effects, by form.

The interval probability is written so that neither value nor gradient is lost in either tail
(docs/methods.md, "The interval likelihood").

Selection (Vevea and Hedges 1995, Psychometrika 60, 419-435): a result that is not significant
is printed with relative probability w, the *printing weight*, a significant one always. With S
the event :math:`|z| < 1.96`, every study's likelihood is divided by :math:`1 - (1 - w) P(S)`; a
result in S is multiplied by w; and a statement A that leaves significance open has
:math:`P(A) - (1 - w) P(A \cap S)`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt

from livingreview.effects.data_set import Dataset, Indices
from livingreview.records.evidence.statements import SIGNIFICANT_Z
from livingreview.records.evidence.two_by_two import woolf_error

Tensor = Any
_SQRT_2 = float(np.sqrt(2.0))


def term_likelihoods(
    data: Dataset,
    numbers: dict[str, Tensor],
    theta: Tensor,
    logit: Tensor | None,
    weight: Tensor | None = None,
) -> dict[str, Tensor]:
    """Log likelihood of each term, by form.

    Parameters
    ----------
    data : Dataset
        Structure: which term belongs to which effect and baseline.
    numbers : dict of tensor
        Reported numbers of the terms, by their names in `data`.
    theta : tensor, shape (effect,)
    logit : tensor, shape (baseline,), optional
    weight : tensor, optional
        Printing weight.
    """
    terms = {}
    if data.arm_study.size:
        terms["binomial_terms"] = _binomial(data, numbers, theta, logit, weight)
    if data.interval_effect.size:
        terms["interval_terms"] = _interval(data, numbers, theta, logit, weight)
    if data.normal_effect.size:
        terms["normal_terms"] = _normal(data, numbers, theta, weight)
    return terms


def _binomial(
    data: Dataset,
    numbers: dict[str, Tensor],
    theta: Tensor,
    logit: Tensor | None,
    weight: Tensor | None,
) -> Tensor:
    """Counts, exact: logit p = control logit, + theta in the treated arm."""
    control = elements(logit, data.arm_baseline, len(data.baselines))
    effect = elements(theta, data.arm_effect, len(data.effects))
    arm_logit = control + numbers["arm_treated"] * effect
    terms = log_binomial(numbers["arm_events"], numbers["arm_total"], arm_logit)
    if weight is None:
        return terms
    # The selection of a study stands with its treated arm.
    error = woolf_error(control, effect, numbers["arm_total"], numbers["arm_control_total"], pt)
    log_weight = pt.where(numbers["arm_significant"] > 0, 0.0, pt.log(weight))
    return terms + numbers["arm_treated"] * (log_weight - _log_printing(effect / error, weight))


def _interval(
    data: Dataset,
    numbers: dict[str, Tensor],
    theta: Tensor,
    logit: Tensor | None,
    weight: Tensor | None,
) -> Tensor:
    """Finding: z ~ normal(theta / standard error, 1) lies where the statement says."""
    effect = elements(theta, data.interval_effect, len(data.effects))
    error = woolf_error(
        elements(logit, data.interval_baseline, len(data.baselines)),
        effect,
        numbers["n_treated"],
        numbers["n_control"],
        pt,
    )
    centre = effect / error
    low, high = numbers["z_low"], numbers["z_high"]
    terms = log_interval_probability(low, high, centre)
    if weight is None:
        return terms
    # The part of the statement in which the result is not significant; none for a
    # significant one, whose interval only touches it.
    inner_low, inner_high = pt.maximum(low, -SIGNIFICANT_Z), pt.minimum(high, SIGNIFICANT_Z)
    has_inner = pt.lt(inner_low, inner_high)
    inner = log_interval_probability(
        pt.where(has_inner, inner_low, -SIGNIFICANT_Z),
        pt.where(has_inner, inner_high, SIGNIFICANT_Z),
        centre,
    )
    share = pt.where(has_inner, pt.exp(pt.minimum(inner - terms, 0.0)), 0.0)
    return terms + pt.log1p(-(1.0 - weight) * share) - _log_printing(centre, weight)


def _normal(
    data: Dataset, numbers: dict[str, Tensor], theta: Tensor, weight: Tensor | None
) -> Tensor:
    """Estimate: the reported log odds ratio lies around theta."""
    effect = elements(theta, data.normal_effect, len(data.effects))
    value, error = numbers["normal_value"], numbers["normal_error"]
    if data.normal_whitener.size:
        white = numbers["normal_whitener"]
        scaled = (white * (value - effect)).sum(axis=1)
        terms = -0.5 * scaled**2 - 0.5 * np.log(2 * np.pi) + pt.log(pt.diag(white))
    else:
        terms = log_normal_density(value, error, effect)
    if weight is None:
        return terms
    log_weight = pt.where(pt.gt(pt.abs(value / error), SIGNIFICANT_Z), 0.0, pt.log(weight))
    return terms + log_weight - _log_printing(effect / error, weight)


def _log_printing(centre: Tensor, weight: Tensor) -> Tensor:
    """Log probability that a study with expected z `centre` is printed, relative to certainty."""
    low, high = -SIGNIFICANT_Z * pt.ones_like(centre), SIGNIFICANT_Z * pt.ones_like(centre)
    return pt.log1p(-(1.0 - weight) * pt.exp(log_interval_probability(low, high, centre)))


def elements(values: Tensor, index: Indices, length: int) -> Tensor:
    """Elements at `index`; a run of neighbours is sliced, which compiles ten times faster."""
    if not index.size:
        return values[:0]
    first, last = int(index[0]), int(index[-1])
    if np.array_equal(index, np.arange(first, last + 1)):
        return values if index.size == length else values[first : last + 1]
    return values[index]


def log_normal_cdf(x: Tensor) -> Tensor:
    """Log of the standard normal distribution function, stable for any x.

    Each branch sees only arguments from its own side, so that the branch not
    taken cannot put a NaN into the gradient.
    """
    below, above = pt.minimum(x, 0.0), pt.maximum(x, 0.0)
    left = pt.log(0.5 * pt.erfcx(-below / _SQRT_2)) - 0.5 * below**2
    right = pt.log1p(-0.5 * pt.erfc(above / _SQRT_2))
    return pt.switch(pt.lt(x, 0.0), left, right)


def log_interval_probability(low: Tensor, high: Tensor, centre: Tensor) -> Tensor:
    """Log P(low < z < high) for z ~ normal(centre, 1).

    `low`, `high`: bounds with low < high; either may be infinite. `centre`: expected z.
    """
    open_below, open_above = pt.isinf(low), pt.isinf(high)
    a = pt.switch(open_below, 0.0, low) - centre
    b = pt.switch(open_above, 0.0, high) - centre
    # Mirror an interval in the upper tail into the lower one, where log Phi keeps its digits.
    mirror = pt.gt(a, 0.0)
    a_low, b_low = pt.switch(mirror, -b, a), pt.switch(mirror, -a, b)
    log_b = log_normal_cdf(b_low)
    # The step below 0 only guards the branch that is not taken (there a may exceed b).
    gap = pt.minimum(log_normal_cdf(a_low) - log_b, -1e-15)
    closed = log_b + pt.log1mexp(gap)
    return pt.switch(
        open_below, log_normal_cdf(b), pt.switch(open_above, log_normal_cdf(-a), closed)
    )


def log_binomial(events: Tensor, total: Tensor, logit: Tensor) -> Tensor:
    """Binomial log probability, the coefficient included, at a logit."""
    coefficient = pt.gammaln(total + 1) - pt.gammaln(events + 1) - pt.gammaln(total - events + 1)
    return coefficient + events * logit - total * pt.softplus(logit)


def log_normal_density(value: Tensor, error: Tensor, centre: Tensor) -> Tensor:
    """Normal log density of an estimate with known standard error."""
    return -0.5 * ((value - centre) / error) ** 2 - pt.log(error) - 0.5 * np.log(2 * np.pi)
