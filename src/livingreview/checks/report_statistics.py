"""What a review's studies report, as a few numbers that a replicated review has as well."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livingreview.effects.data_set import Dataset, Floats
from livingreview.effects.forms.simulation import arm_events, estimates, finding_z, wald
from livingreview.records.evidence.statements import SIGNIFICANT_Z


@dataclass(frozen=True)
class Reports:
    """Reports of one review, or of many replications of it.

    Attributes
    ----------
    value, error : ndarray, shape (..., numeric)
        Log odds ratio and standard error of each effect with a number.
    verdict : ndarray, shape (..., judged)
        1 for a significant increase, -1 for a significant decrease, 0 for neither, of each
        effect whose report says which.
    """

    value: Floats
    error: Floats
    verdict: Floats

    def statistics(self) -> dict[str, Floats]:
        """Statistics of `predictive.csv`; of spread and extremes, from two numbers on."""
        statistics = {}
        if self.value.shape[-1] > 1:
            weight = self.error**-2.0
            centre = (weight * self.value).sum(axis=-1) / weight.sum(axis=-1)
            # Cochran's Q (1954, Biometrics 10, 101-129).
            statistics["spread"] = (weight * (self.value - centre[..., None]) ** 2).sum(axis=-1)
            statistics["smallest"] = self.value.min(axis=-1)
            statistics["largest"] = self.value.max(axis=-1)
        if self.verdict.shape[-1]:
            statistics["significant_increases"] = (self.verdict > 0).mean(axis=-1)
            statistics["significant_decreases"] = (self.verdict < 0).mean(axis=-1)
            statistics["not_significant"] = (self.verdict == 0).mean(axis=-1)
        return statistics


def observed(data: Dataset) -> Reports:
    """What the studies did report."""
    limit, states = _significance(data)
    stated = np.where(data.z_low >= limit, 1.0, np.where(data.z_high <= -limit, -1.0, 0.0))
    return _reports(data, data.arm_events, data.normal_value, stated[states])


def replicated(
    data: Dataset, theta: Floats, control_logit: Floats, rng: np.random.Generator
) -> tuple[Reports, NDArray[np.bool_]]:
    """What the studies would report if their true effects were others.

    Parameters
    ----------
    data : Dataset
        Gives structure, group sizes and standard errors.
    theta : ndarray, shape (draw, effect)
    control_logit : ndarray, shape (draw, baseline)

    Returns
    -------
    significant : ndarray of bool, shape (draw, effect)
        Whether the z of each effect is beyond 1.96 either way.
    """
    events = arm_events(data, theta, control_logit, rng)
    z = finding_z(data, theta, control_logit, rng)
    value = estimates(data, theta, rng)
    limit, states = _significance(data)
    verdict = np.where(np.abs(z) > limit, np.sign(z), 0.0)[..., states]
    reports = _reports(data, events, value, verdict)
    significant = np.zeros(theta.shape, dtype=bool)
    significant[..., effects_of(data)["value"]] = (
        np.abs(reports.value / reports.error) > SIGNIFICANT_Z
    )
    significant[..., data.interval_effect] = np.abs(z) > SIGNIFICANT_Z
    return reports, significant


def effects_of(data: Dataset) -> dict[str, NDArray[np.int64]]:
    """Effect behind each column of the arrays of `Reports`."""
    numeric = np.concatenate([data.arm_effect[data.arm_treated > 0], data.normal_effect])
    _, states = _significance(data)
    judged = np.concatenate([numeric, data.interval_effect[states]])
    return {"value": numeric, "error": numeric, "verdict": judged}


def _significance(data: Dataset) -> tuple[Floats, NDArray[np.bool_]]:
    """Bound on abs(z) that each finding names, and whether it names one.

    A finding that leaves its significance open ("more", no test given) cannot be counted,
    neither in the review nor in a replication. The bound is not always 1.96: that of a
    study which ignored its clusters is smaller (`livingreview.records.evidence.clusters`).
    """
    bounds = np.abs(np.stack([data.z_low, data.z_high]))
    bounds = np.where(np.isfinite(bounds) & (bounds > 0), bounds, np.inf).min(axis=0)
    return bounds, np.isfinite(bounds)


def _reports(data: Dataset, events: Floats, estimate: Floats, verdict: Floats) -> Reports:
    """Numbers of counts and estimates, and all verdicts."""
    treated = np.flatnonzero(data.arm_treated > 0)
    control = data.arm_control[treated]
    of_counts, error_of_counts = wald(
        events[..., treated],
        data.arm_total[treated],
        events[..., control],
        data.arm_total[control],
    )
    value = np.concatenate([of_counts, estimate], axis=-1)
    error = np.concatenate(
        [error_of_counts, np.broadcast_to(data.normal_error, estimate.shape)], axis=-1
    )
    z = value / error
    of_numbers = np.where(np.abs(z) > SIGNIFICANT_Z, np.sign(z), 0.0)
    return Reports(value, error, np.concatenate([of_numbers, verdict], axis=-1))
