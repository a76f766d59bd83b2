r"""The log likelihood of every term, given the true effects; with selection where a model has it.

Selection (Vevea and Hedges 1995, Psychometrika 60, 419-435): a result that is not
significant is printed with relative probability :math:`\omega`, a significant one
always. With :math:`S` the event :math:`|z| < 1.96`, every study's likelihood is divided by
:math:`1 - (1 - \omega) P(S)`; a result in S is multiplied by :math:`\omega`; and a statement
A that leaves significance open has :math:`P(A) - (1 - \omega) P(A \cap S)`.
"""

from __future__ import annotations

import numpy as np
import pytensor.tensor as pt

from livingreview.effects.data_set import Dataset
from livingreview.effects.likelihood import (
    Tensor,
    log_binomial,
    log_interval_probability,
    log_normal_density,
    standard_error_of_log_odds_ratio,
)
from livingreview.models.nuts.structures import taken
from livingreview.records.evidence.statements import SIGNIFICANT_Z


def term_likelihoods(
    data: Dataset,
    given: dict[str, Tensor],
    theta: Tensor,
    logit: Tensor | None,
    omega: Tensor | None = None,
) -> dict[str, Tensor]:
    """Log likelihood of each term, by kind.

    Parameters
    ----------
    data : Dataset
        Structure: which term belongs to which effect and baseline.
    given : dict of tensor
        Numbers of the terms.
    theta : tensor, shape (effect,)
    logit : tensor, shape (baseline,), optional
    omega : tensor, optional
        Relative probability of printing a result that is not significant.
    """
    terms = {}
    if data.arm_study.size:
        terms["binomial_terms"] = _binomial(data, given, theta, logit, omega)
    if data.interval_effect.size:
        terms["interval_terms"] = _interval(data, given, theta, logit, omega)
    if data.normal_effect.size:
        terms["normal_terms"] = _normal(data, given, theta, omega)
    return terms


def _binomial(
    data: Dataset,
    given: dict[str, Tensor],
    theta: Tensor,
    logit: Tensor | None,
    omega: Tensor | None,
) -> Tensor:
    """Exact: logit p = baseline, + theta in the treated arm."""
    control = taken(logit, data.arm_baseline, len(data.baselines))
    effect = taken(theta, data.arm_effect, len(data.effects))
    arm_logit = control + given["arm_treated"] * effect
    terms = log_binomial(given["arm_events"], given["arm_total"], arm_logit)
    if omega is None:
        return terms
    # The selection of a study stands with its treated arm.
    error = standard_error_of_log_odds_ratio(
        control, effect, given["arm_total"], given["arm_control_total"]
    )
    kept = pt.where(given["arm_significant"] > 0, 0.0, pt.log(omega))
    return terms + given["arm_treated"] * (kept - _log_printed(effect / error, omega))


def _interval(
    data: Dataset,
    given: dict[str, Tensor],
    theta: Tensor,
    logit: Tensor | None,
    omega: Tensor | None,
) -> Tensor:
    """Interval: z ~ normal(theta / standard error, 1) lies where the statement says."""
    effect = taken(theta, data.interval_effect, len(data.effects))
    error = standard_error_of_log_odds_ratio(
        taken(logit, data.interval_baseline, len(data.baselines)),
        effect,
        given["n_treated"],
        given["n_control"],
    )
    centre = effect / error
    low, high = given["z_low"], given["z_high"]
    terms = log_interval_probability(low, high, centre)
    if omega is None:
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
    return terms + pt.log1p(-(1.0 - omega) * share) - _log_printed(centre, omega)


def _normal(data: Dataset, given: dict[str, Tensor], theta: Tensor, omega: Tensor | None) -> Tensor:
    """Normal: the reported log odds ratio lies around theta."""
    effect = taken(theta, data.normal_effect, len(data.effects))
    value, error = given["normal_value"], given["normal_error"]
    if data.normal_whitener.size:
        white = given["normal_whitener"]
        scaled = (white * (value - effect)).sum(axis=1)
        terms = -0.5 * scaled**2 - 0.5 * np.log(2 * np.pi) + pt.log(pt.diag(white))
    else:
        terms = log_normal_density(value, error, effect)
    if omega is None:
        return terms
    kept = pt.where(pt.gt(pt.abs(value / error), SIGNIFICANT_Z), 0.0, pt.log(omega))
    return terms + kept - _log_printed(effect / error, omega)


def _log_printed(centre: Tensor, omega: Tensor) -> Tensor:
    """Log probability that a study with expected z `centre` is printed, relative to certainty."""
    low, high = -SIGNIFICANT_Z * pt.ones_like(centre), SIGNIFICANT_Z * pt.ones_like(centre)
    return pt.log1p(-(1.0 - omega) * pt.exp(log_interval_probability(low, high, centre)))
