"""From moderators to the columns of a model, coded so that a coefficient means its label.

A categorical moderator has treatment coding: the first level of the protocol that
any included study has is the reference, where ``mu`` holds, and each coefficient is
a log ratio of odds ratios, that level against the reference. A numeric one is
centred and scaled by the protocol: ``mu`` holds at the centre, and the coefficient
is per stated unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from livingreview.effects.refusal import Refusal
from livingreview.protocol.moderators import NOT_KNOWN, Coding

ALL_STUDIES = "all_studies"


@dataclass(frozen=True)
class DesignMatrix:
    """Columns of a model, and the settings at which it is reported.

    Attributes
    ----------
    coefficients : tuple of str
        Such as ``design=experimental``.
    columns : ndarray, shape (study, coefficient)
        0 where the study is not included.
    included : ndarray of bool, shape (study,)
        False where a moderator of the model is not known.
    settings : tuple of str
        ``all_studies`` for a model without moderators; else one name per level
        (or the centre of a numeric moderator).
    setting_columns : ndarray, shape (setting, coefficient)
        Row of the design matrix in that setting.
    setting_studies : tuple of int
        Included studies in that setting.
    """

    studies: tuple[str, ...]
    coefficients: tuple[str, ...]
    columns: NDArray[np.float64]
    included: NDArray[np.bool_]
    settings: tuple[str, ...]
    setting_columns: NDArray[np.float64]
    setting_studies: tuple[int, ...]

    def in_order(self, studies: Sequence[str]) -> DesignMatrix:
        """Rows of these studies, in their order."""
        places = {study: i for i, study in enumerate(self.studies)}
        rows = [places[study] for study in studies]
        return replace(
            self, studies=tuple(studies), columns=self.columns[rows], included=self.included[rows]
        )


def design_matrix(
    studies: pd.DataFrame,
    moderators: dict[str, Coding],
    candidates: NDArray[np.bool_] | None = None,
) -> DesignMatrix:
    """Code the moderators of one model.

    Parameters
    ----------
    studies : DataFrame
        Rows of the studies that carry the outcome, with ``study_id`` and
        ``moderator_<name>`` columns.
    moderators : dict of Coding
        Those of the model, by name, from the protocol.
    candidates : ndarray of bool, shape (study,), optional
        Studies that the model may use; all by default.

    Returns
    -------
    DesignMatrix
        A level that no included study has gets no column: nothing would inform it.

    Raises
    ------
    Refusal
        If the included studies do not differ in a moderator.
    """
    studies = studies.copy()
    for name, moderator in moderators.items():
        if moderator.unknown == "own_level":
            studies[f"moderator_{name}"] = studies[f"moderator_{name}"].fillna(NOT_KNOWN)
    names = [f"moderator_{name}" for name in moderators]
    known_values = studies[names].notna().all(axis="columns").to_numpy(dtype=bool)
    included = known_values & candidates if candidates is not None else known_values
    known = studies[included]
    coefficients: list[str] = []
    columns: list[NDArray[np.float64]] = []
    settings: list[tuple[str, dict[str, float], int]] = []
    for name, moderator in moderators.items():
        values, words = studies[f"moderator_{name}"], name.replace("_", " ")
        if moderator.kind == "numeric":
            coefficient = f"{name}"
            numbers = pd.to_numeric(values).to_numpy(dtype=float)
            if len(np.unique(numbers[included])) < 2:
                raise Refusal(f"all {len(known)} studies with a known value are alike in {words}")
            columns.append((numbers - (moderator.centre or 0.0)) / (moderator.per or 1.0))
            coefficients.append(coefficient)
            settings.append((f"{name}={moderator.centre:g}", {}, int(included.sum())))
            continue
        present = known[f"moderator_{name}"].value_counts()
        levels = [level for level in (*(moderator.levels or ()), NOT_KNOWN) if level in present]
        if len(levels) < 2:
            raise Refusal(f"all {len(known)} studies with a known value are alike in {words}")
        for i, level in enumerate(levels):
            at: dict[str, float] = {}
            if i > 0:
                coefficients.append(f"{name}={level}")
                columns.append((values == level).to_numpy(dtype=float))
                at = {f"{name}={level}": 1.0}
            settings.append((f"{name}={level}", at, int(present[level])))
    if not moderators:
        settings = [(ALL_STUDIES, {}, int(included.sum()))]
    matrix = np.column_stack(columns) if columns else np.zeros((len(studies), 0))
    return DesignMatrix(
        studies=tuple(studies["study_id"]),
        coefficients=tuple(coefficients),
        columns=np.where(included[:, None], matrix, 0.0),
        included=included,
        settings=tuple(name for name, _, _ in settings),
        setting_columns=np.array(
            [[at.get(c, 0.0) for c in coefficients] for _, at, _ in settings]
        ).reshape(len(settings), len(coefficients)),
        setting_studies=tuple(count for _, _, count in settings),
    )
