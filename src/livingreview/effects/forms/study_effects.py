"""Effects of one study on one outcome, by what their joint likelihood needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from livingreview.effects.data_set import Dataset, Floats, Indices
from livingreview.effects.forms.shared_control import Arm, SharedControl
from livingreview.effects.forms.shared_errors import SharedError, counts_given, interval_given


@dataclass(frozen=True)
class StudyEffects:
    """Effects of one study.

    Attributes
    ----------
    value, error : ndarray, shape (estimate,)
        Of the effects that are estimates.
    intervals : ndarray of int
        Rows of `data` that are intervals of z.
    counts : tuple of ndarray of int
        Arms of each effect with a control arm of its own.
    shared_controls : tuple of SharedControl
        Counts of effects that share a control arm.
    shared_widths : ndarray
        Rough standard errors of these effects.
    """

    data: Dataset
    value: Floats
    error: Floats
    intervals: Indices
    counts: tuple[Indices, ...]
    shared_controls: tuple[SharedControl, ...]
    shared_widths: Floats

    @property
    def sharing(self) -> int:
        """Number of effects whose sampling errors are correlated by the protocol."""
        return self.value.size + self.intervals.size + len(self.counts)

    @property
    def only_estimates(self) -> bool:
        """Whether all effects are estimates."""
        return not (self.intervals.size or self.counts or self.shared_controls)

    @property
    def other_widths(self) -> Floats:
        """Rough standard errors of the effects that `tables` has."""
        n = 4.0 / self.data.n_treated[self.intervals] + 4.0 / self.data.n_control[self.intervals]
        of_counts = [variances(self.data, rows).sum() for rows in self.counts]
        return np.sqrt([*n, *of_counts])

    @property
    def widths(self) -> Floats:
        """Rough standard errors of the effects whose errors are correlated by the protocol."""
        return np.concatenate([self.error, self.other_widths])

    def tables(self, theta: Floats, shared: SharedError) -> Floats:
        """Log likelihoods given what errors share, shape (effect, node, point)."""
        tables = [interval_given(self.data, row, theta, shared) for row in self.intervals]
        tables += [counts_given(self.data, rows, theta, shared) for rows in self.counts]
        return np.reshape(tables, (len(tables), shared.common.size, theta.size))


def effects_of_study(data: Dataset, study: int) -> StudyEffects:
    """Effects of one study of a data set."""
    normal = data.effect_study[data.normal_effect] == study
    of_study = np.flatnonzero(data.arm_study == study)
    counts, controls, widths = [], [], []
    for baseline in np.unique(data.arm_baseline[of_study]):
        rows = of_study[data.arm_baseline[of_study] == baseline]
        treated, [control] = (rows[data.arm_treated[rows] == kind] for kind in (1, 0))
        if treated.size == 1:
            counts.append(rows)
            continue
        location, scale = data.baseline_location[baseline], data.baseline_scale[baseline]
        arms = tuple(_arm(data, row) for row in treated)
        controls.append(SharedControl(float(location), float(scale), _arm(data, control), arms))
        widths += list(np.sqrt(variances(data, treated) + variances(data, control)))
    return StudyEffects(
        data=data,
        value=data.normal_value[normal],
        error=data.normal_error[normal],
        intervals=np.flatnonzero(data.effect_study[data.interval_effect] == study),
        counts=tuple(counts),
        shared_controls=tuple(controls),
        shared_widths=np.array(widths),
    )


def _arm(data: Dataset, row: int) -> Arm:
    return Arm(float(data.arm_events[row]), float(data.arm_total[row]))


def variances(data: Dataset, rows: Indices | int) -> Floats:
    """Of arms' logits, as if all events were of the rarer sort."""
    events, total = data.arm_events[rows], data.arm_total[rows]
    return 1 / (np.minimum(events, total - events) + 0.5)
