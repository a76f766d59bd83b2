"""What a review's studies report, as a few numbers that a replicated review has as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livingreview.effects.data_set import Dataset, Floats
from livingreview.effects.forms.form import Form
from livingreview.effects.simulation import truth


@dataclass(frozen=True)
class Reports:
    """Reports of one review, or of many replications of it.

    Attributes
    ----------
    value, error : ndarray, shape (..., numeric)
        θ and standard error of each effect with a number.
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
    return _reports(data, data.forms)


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
        Whether each effect's source would call it significant.
    """
    drawn_from = truth(data, theta, control_logit, rng)
    drawn, significant = {}, np.zeros(theta.shape, dtype=bool)
    for name, form in data.forms.items():
        drawn[name], z = form.drawn(drawn_from, rng)
        rows = form.rows_of_effects
        significant[..., form.effect[rows]] = np.abs(z[..., rows]) > form.significant_z[rows]
    return _reports(data, drawn), significant


def effects_of(data: Dataset) -> dict[str, NDArray[np.int64]]:
    """Effect behind each column of the arrays of `Reports`."""
    parts = [(f.reported().effect, *_reporting(f)) for f in data.forms.values()]
    numeric = np.concatenate([effect[numbers] for effect, numbers, _ in parts])
    judged = np.concatenate([effect[states] for effect, _, states in parts])
    return {"value": numeric, "error": numeric, "verdict": judged}


def _reporting(form: Form) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which effects report a number, and which say whether they are significant.

    A finding that leaves its significance open ("more", no test given) cannot be counted,
    neither in the review nor in a replication.
    """
    reported = form.reported()
    return ~np.isnan(reported.value), ~np.isnan(reported.verdict)


def _reports(data: Dataset, forms: Mapping[str, Form]) -> Reports:
    """Numbers and verdicts of the effects that report them in the data set."""
    columns: dict[str, list[Floats]] = {"value": [], "error": [], "verdict": []}
    for name, form in data.forms.items():
        numbers, states = _reporting(form)
        reported = forms[name].reported()
        for column, chosen in (("value", numbers), ("error", numbers), ("verdict", states)):
            columns[column].append(getattr(reported, column)[..., chosen])
    return Reports(**{name: np.concatenate(parts, axis=-1) for name, parts in columns.items()})
