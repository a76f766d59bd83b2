r"""Selective printing, as a term for each effect.

A result that is not significant is printed with relative probability w, the *printing weight*, a
significant one always (Vevea and Hedges 1995, Psychometrika 60, 419-435). What is in print comes
from a population of studies, so the likelihood of each effect is divided by the probability of
being printed over that population (docs/methods.md, "Selection"):

.. math:: 1 - (1 - w) P(|z| < b), \qquad z \sim N(m / s,\; 1 + \sigma^2 / s^2)

with m the expected effect, :math:`\sigma^2` the variance of effects around it, s the standard
error and b the \|z\| from which the source called a result significant.
"""

from __future__ import annotations

import pytensor.tensor as pt

from livingreview.effects.data_set import Dataset, Floats
from livingreview.effects.forms.form import Tensor
from livingreview.effects.forms.interval_probability import log_interval_probability
from livingreview.effects.likelihood_tables import printing_errors


def printing_numbers(data: Dataset) -> dict[str, Floats]:
    """Standard error and bound of significance of each effect."""
    error, bound = printing_errors(data)
    return {"printing_error": error, "printing_bound": bound}


def log_printing(
    numbers: dict[str, Tensor], expected: Tensor, variance: Tensor, weight: Tensor
) -> Tensor:
    """Log probability that each effect is printed, relative to certainty, shape (effect,).

    Parameters
    ----------
    numbers : dict of tensor
        With those of `printing_numbers`.
    expected : tensor, shape (effect,)
    variance : tensor
        Of effects around `expected`.
    weight : tensor
        Printing weight.
    """
    error, bound = numbers["printing_error"], numbers["printing_bound"]
    spread = pt.sqrt(error**2 + variance)
    inner = bound * error / spread
    inside = log_interval_probability(-inner, inner, expected / spread)
    return pt.log1p(-(1.0 - weight) * pt.exp(inside))
