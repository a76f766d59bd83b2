"""Effects of one study on one outcome, by what their joint likelihood needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from livingreview.effects.data_set import Dataset, Floats, Indices
from livingreview.effects.forms.form import Baselines, Form
from livingreview.effects.forms.shared_control import SharedControl
from livingreview.effects.forms.shared_errors import SharedNodes
from livingreview.effects.likelihood_tables import widths


@dataclass(frozen=True)
class StudyEffects:
    """Effects of one study.

    Attributes
    ----------
    value, error : ndarray, shape (estimate,)
        Of the effects that are estimates.
    rows : tuple of tuple of (Form, int)
        Rows of each effect that is no estimate and has a control arm to itself, if any.
    row_effects : ndarray of int
        These effects, in the data set.
    row_widths : ndarray
        Rough standard errors of these.
    shared_controls : tuple of SharedControl
        Counts of effects that share a control arm.
    shared_widths : ndarray
        Rough standard errors of these.
    """

    value: Floats
    error: Floats
    rows: tuple[tuple[tuple[Form, int], ...], ...]
    row_effects: Indices
    row_widths: Floats
    shared_controls: tuple[SharedControl, ...]
    shared_widths: Floats
    baselines: Baselines

    @property
    def sharing(self) -> int:
        """Number of effects whose sampling errors are correlated by the protocol."""
        return self.value.size + len(self.rows)

    @property
    def only_estimates(self) -> bool:
        """Whether all effects are estimates."""
        return not (self.rows or self.shared_controls)

    @property
    def widths(self) -> Floats:
        """Rough standard errors of the effects whose errors are correlated by the protocol."""
        return np.concatenate([self.error, self.row_widths])

    def tables(self, theta: Floats, shared: SharedNodes, locations: Floats | None) -> Floats:
        """Log likelihoods of `rows` given what errors share, (location, effect, node, point).

        `locations`: of control shares; None where nothing hangs on one.
        """
        count = 1 if locations is None else locations.size
        tables = np.zeros((count, len(self.rows), shared.common.size, theta.size))
        for i, rows in enumerate(self.rows):
            for form, row in rows:
                given = row, theta, self.baselines, shared
                tables[:, i] += (
                    form.tables_given(*given)
                    if locations is None
                    else form.located_given(*given, locations)
                )
        return tables


def effects_of_studies(data: Dataset) -> list[StudyEffects]:
    """Effects of each study of a data set."""
    width, (value, error) = widths(data), data.estimates
    shares_control = np.zeros(len(data.effects), dtype=bool)
    for form in data.forms.values():
        shares_control[form.effects_with_shared_control] = True
    of_studies = []
    for study in range(len(data.studies)):
        of_study = np.flatnonzero(data.effect_study == study)
        estimates = of_study[~np.isnan(error[of_study])]
        others = of_study[np.isnan(error[of_study]) & ~shares_control[of_study]]
        of_studies.append(
            StudyEffects(
                value=value[estimates],
                error=error[estimates],
                rows=tuple(_rows(data, int(effect)) for effect in others),
                row_effects=others,
                row_widths=width[others],
                shared_controls=tuple(
                    control
                    for form in data.forms.values()
                    for control in form.shared_controls(study, data.baseline_prior)
                ),
                shared_widths=width[of_study[shares_control[of_study]]],
                baselines=data.baseline_prior,
            )
        )
    return of_studies


def _rows(data: Dataset, effect: int) -> tuple[tuple[Form, int], ...]:
    """Rows that stand for an effect."""
    return tuple(
        (form, int(row))
        for form in data.forms.values()
        for row in form.rows_of_effects
        if form.effect[row] == effect
    )
