"""Likelihood of each effect as a function of its true value, control logits integrated out."""

from __future__ import annotations

import numpy as np

from livingreview.effects.data_set import Dataset, Floats
from livingreview.effects.forms.printing import Printing

# A likelihood this many nats below its maximum is taken to be at this floor. The product of two
# such numbers is still a normal floating-point number; subnormal ones lose digits and take the
# processor a hundred times longer.
FLOOR = 300.0


def log_likelihoods(data: Dataset, theta: Floats) -> Floats:
    """Log likelihood of each effect on a grid, shape (effect, point).

    `theta`: true effects, shape (point,).
    """
    table = np.zeros((len(data.effects), theta.size))
    for form in data.forms.values():
        form.add_to_table(table, theta, data.baseline_prior)
    return table


def located_log_likelihoods(data: Dataset, theta: Floats, locations: Floats | None) -> Floats:
    """As `log_likelihoods`, at each location of control logits, shape (location, effect, point).

    With the log density of the control shares on record there. `locations`: None of data in which
    no control logit hangs on one.
    """
    if locations is None:
        return log_likelihoods(data, theta)[None]
    tables = np.zeros((locations.size, len(data.effects), theta.size))
    for form in data.forms.values():
        form.add_located(tables, theta, data.baseline_prior, locations)
    return tables + data.share_constants(locations)[..., None]


def log_printed_shares(data: Dataset, theta: Floats, printing: Printing) -> Floats:
    """Log relative probability that each effect's report was printed, shape (effect, point).

    `theta`: true effects, shape (point,).
    """
    table = np.zeros((len(data.effects), theta.size))
    for form in data.forms.values():
        form.add_printed_share(table, theta, data.baseline_prior, printing)
    return table


def printing_errors(data: Dataset) -> tuple[Floats, Floats]:
    """Standard error that decided on each effect's significance, and the z of it, (effect,)."""
    error, bound = np.full((2, len(data.effects)), np.nan)
    for form in data.forms.values():
        form.set_printing_errors(error, data.baseline_prior)
        rows = form.rows_of_effects
        bound[form.effect[rows]] = form.significant_z[rows]
    return error, bound


def log_tails(data: Dataset, theta: Floats) -> tuple[Floats, Floats]:
    """Log probability of a report below each effect's, and of one not above it.

    Parameters
    ----------
    theta : ndarray, shape (point,)

    Returns
    -------
    below, upto : ndarray, shape (effect, point)

    Raises
    ------
    Refusal
        If a study has more events than can be tabulated.
    """
    below, upto = np.zeros((2, len(data.effects), theta.size))
    for form in data.forms.values():
        form.add_tails(below, upto, theta, data.baseline_prior)
    return np.maximum(below, -FLOOR), upto


def widths(data: Dataset) -> Floats:
    """Rough standard error of each effect: the scale on which its likelihood varies, (effect,)."""
    width = np.full(len(data.effects), np.inf)
    for form in data.forms.values():
        form.set_widths(width)
    return width
