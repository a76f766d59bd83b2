r"""Likelihood of each effect of a study that gives several, given what their errors share.

With :math:`g \sim N(0, 1)` of the study and the protocol's correlation :math:`\rho`, an effect's
error in units of its standard error is :math:`\sqrt\rho\,g + \sqrt{1 - \rho}\,e`, whatever the
form of its evidence (docs/methods.md, "Several effects of one study"). Effects that share the
counts of one control arm have no part in g (`livingreview.effects.forms.shared_control`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

from livingreview.effects.data_set import Dataset, Floats, Indices
from livingreview.effects.forms.likelihood_grids import (
    EMPTY_ARMS,
    averaged,
    bounded_counts_terms,
    expected_z,
    finest_of_interval,
    log_coefficients,
    log_interval_probability,
    one_sided,
    softplus,
)

# Steps of g per standard deviation of the narrowest function of it, and how far the sum goes.
STEPS_PER_SD = 1.0
REACH = 8.0


@dataclass(frozen=True)
class SharedError:
    """Nodes of what the errors of a study's effects share.

    Attributes
    ----------
    common : ndarray, shape (node,)
        sqrt(rho) g.
    kept : float
        sqrt(1 - rho).
    log_weight : ndarray, shape (node,)
        Log of the prior probability of each node.
    """

    common: Floats
    kept: float
    log_weight: Floats

    @classmethod
    def of(cls, effects: int, correlation: float) -> SharedError:
        """Nodes for so many effects; of a single one, or of independent errors, one."""
        if effects < 2 or correlation == 0.0:
            return cls(np.zeros(1), 1.0, np.zeros(1))
        # The log likelihood of each effect bends in g by at most rho / (1 - rho).
        sd = (1.0 + effects * correlation / (1.0 - correlation)) ** -0.5
        half = int(np.ceil(REACH * STEPS_PER_SD / sd))
        g, step = np.linspace(-REACH, REACH, 2 * half + 1, retstep=True)
        log_weight = -0.5 * g**2 + np.log(step / np.sqrt(2 * np.pi))
        return cls(correlation**0.5 * g, (1.0 - correlation) ** 0.5, log_weight)


def interval_given(data: Dataset, row: int, theta: Floats, shared: SharedError) -> Floats:
    """Log probability of an interval of z at each node, shape (node, point)."""
    low, high = data.z_low[row], data.z_high[row]
    finest = shared.kept * finest_of_interval(data, row)

    def at_node(common: float) -> Floats:
        def log_probability(logit: Floats, part: Floats) -> Floats:
            z = common + expected_z(data, row, logit, part)
            return log_interval_probability((low - z) / shared.kept, (high - z) / shared.kept)

        return averaged(data, int(data.interval_baseline[row]), theta, finest, log_probability)

    return np.stack([at_node(common) for common in shared.common])


def counts_given(data: Dataset, rows: Indices, theta: Floats, shared: SharedError) -> Floats:
    """Log likelihood of a treated and a control arm at each node, shape (node, point)."""
    treated, control = sorted(rows, key=lambda row: -data.arm_treated[row])
    baseline = int(data.arm_baseline[control])
    events, total = data.arm_events, data.arm_total
    constant = float(log_coefficients(data, rows).sum())

    def log_share(logit: Floats, part: Floats, common: Any) -> Floats:
        """Law of the standardised difference given what it shares, over that without."""
        r = _error(data, treated, logit + part) - _error(data, control, logit)
        r /= np.sqrt(0.25 / total[treated] + 0.25 / total[control])
        return -0.5 * ((r - common) / shared.kept) ** 2 + 0.5 * r**2 - np.log(shared.kept)

    def log_binomials(logit: Floats, part: Floats) -> Floats:
        arms = ((control, logit), (treated, logit + part))
        return sum(events[row] * at - total[row] * softplus(at) for row, at in arms)

    if one_sided(data, rows):

        def at_node(common: float) -> Floats:
            def log_likelihood(logit: Floats, part: Floats) -> Floats:
                return log_binomials(logit, part) + log_share(logit, part, common)

            return averaged(data, baseline, theta, EMPTY_ARMS, log_likelihood)

        return np.stack([at_node(common) for common in shared.common]) + constant
    sums = np.empty((shared.common.size, theta.size))
    for part, logit, terms, log_factor in bounded_counts_terms(data, rows, baseline, theta):
        given = terms + log_share(logit, theta[part], shared.common[:, None, None])
        peak = given.max(axis=1)
        sums[:, part] = np.log(np.exp(given - peak[:, None]).sum(axis=1)) + peak + log_factor
    return sums + constant


def _error(data: Dataset, row: int, logit: Floats) -> Floats:
    """Error of an arm's events on the scale on which its variance hardly depends on the logit."""
    share = (data.arm_events[row] + 0.375) / (data.arm_total[row] + 0.75)
    return np.arcsin(np.sqrt(share)) - np.arcsin(np.sqrt(expit(logit)))
