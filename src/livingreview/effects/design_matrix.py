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
from itertools import compress

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
    studies : tuple of str
        Study of each row.
    effects : tuple of str or None
        Effect of each row; None where the row is for all effects of its study, and then the
        study has no other row.
    coefficients : tuple of str
        Such as ``design=experimental``.
    columns : ndarray, shape (row, coefficient)
        0 where the row is not included.
    included : ndarray of bool, shape (row,)
        False where a moderator of the model is not known.
    settings : tuple of str
        ``all_studies`` for a model without moderators; else one name per level
        (or the centre of a numeric moderator).
    setting_columns : ndarray, shape (setting, coefficient)
        Row of the design matrix in that setting.
    setting_rows : ndarray of bool, shape (setting, row)
        Included rows in that setting; at the centre of a numeric moderator, all of them.
    """

    studies: tuple[str, ...]
    effects: tuple[str | None, ...]
    coefficients: tuple[str, ...]
    columns: NDArray[np.float64]
    included: NDArray[np.bool_]
    settings: tuple[str, ...]
    setting_columns: NDArray[np.float64]
    setting_rows: NDArray[np.bool_]

    @property
    def included_studies(self) -> tuple[str, ...]:
        """Studies with an included row, each once."""
        rows = zip(self.studies, self.included, strict=True)
        return tuple(dict.fromkeys(study for study, used in rows if used))

    @property
    def setting_studies(self) -> tuple[int, ...]:
        """Number of included studies in each setting."""
        return tuple(len(set(compress(self.studies, rows))) for rows in self.setting_rows)

    def of_studies(self, studies: Sequence[str]) -> DesignMatrix:
        """One row for each of these studies, in their order.

        Raises
        ------
        Refusal
            If effects of one of them differ in a moderator.
        """
        coded = np.column_stack([self.columns, self.included])
        places: dict[str, list[int]] = {}
        for i, study in enumerate(self.studies):
            places.setdefault(study, []).append(i)
        differing = [s for s in studies if (coded[places[s]] != coded[places[s][0]]).any()]
        if differing:
            raise Refusal(f"moderators differ within {', '.join(differing)}; sampled only")
        rows = [places[study][0] for study in studies]
        return replace(
            self,
            studies=tuple(studies),
            effects=(None,) * len(rows),
            columns=self.columns[rows],
            included=self.included[rows],
            setting_rows=self.setting_rows[:, rows],
        )

    def of_effects(self, studies: Sequence[str], effects: Sequence[str]) -> DesignMatrix:
        """One row for each of these effects, in their order; `studies` has the study of each."""
        places = {key: i for i, key in enumerate(zip(self.studies, self.effects, strict=True))}
        rows = [
            places[study, effect if (study, effect) in places else None]
            for study, effect in zip(studies, effects, strict=True)
        ]
        return replace(
            self,
            studies=tuple(studies),
            effects=tuple(effects),
            columns=self.columns[rows],
            included=self.included[rows],
            setting_rows=self.setting_rows[:, rows],
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
        Columns ``study_id``, ``moderator_<name>``, and ``effect_id`` where effects of a study
        differ (`livingreview.tables.effects.StudyModerators`).
    candidates : ndarray of bool, shape (row,), optional
        Rows that the model may use; all by default.

    Returns
    -------
    DesignMatrix
        A level that no included study has gets no column.

    Raises
    ------
    Refusal
        If the included studies do not differ in a moderator.
    """
    values = {name: _values(studies, name, coding) for name, coding in moderators.items()}
    included = np.ones(len(studies), dtype=bool) if candidates is None else candidates.copy()
    for of_moderator in values.values():
        included &= of_moderator.notna().to_numpy()
    columns: dict[str, NDArray[np.float64]] = {}
    settings: dict[str, NDArray[np.bool_]] = {}
    for name, coding in moderators.items():
        _refuse_alike(name, values[name][included])
        coded = _numeric if coding.kind == "numeric" else _categorical
        of_moderator, at = coded(name, coding, values[name], included)
        columns |= of_moderator
        settings |= at
    settings = settings or {ALL_STUDIES: included}
    effects: tuple[str | None, ...] = (None,) * len(studies)
    if "effect_id" in studies:
        effects = tuple(None if pd.isna(effect) else effect for effect in studies["effect_id"])
    matrix = np.column_stack([np.zeros((len(studies), 0)), *columns.values()])
    # A level's setting and coefficient have one name; at a reference or centre all are 0.
    at_settings = [[float(name == setting) for name in columns] for setting in settings]
    return DesignMatrix(
        studies=tuple(studies["study_id"]),
        effects=effects,
        coefficients=tuple(columns),
        columns=np.where(included[:, None], matrix, 0.0),
        included=included,
        settings=tuple(settings),
        setting_columns=np.array(at_settings).reshape(len(settings), len(columns)),
        setting_rows=np.stack(list(settings.values())),
    )


# Columns of one moderator by coefficient, and the included rows by setting.
_Coded = tuple[dict[str, NDArray[np.float64]], dict[str, NDArray[np.bool_]]]


def _values(studies: pd.DataFrame, name: str, coding: Coding) -> pd.Series:
    """Values of a moderator, those not known as a level of their own where it says so."""
    values = studies[f"moderator_{name}"].set_axis(studies["study_id"])
    if coding.kind == "numeric":
        return pd.to_numeric(values)
    return values.fillna(NOT_KNOWN) if coding.unknown == "own_level" else values


def _refuse_alike(name: str, values: pd.Series) -> None:
    """Refuse a moderator in which the included studies do not differ."""
    if values.nunique() < 2:
        words = name.replace("_", " ")
        count = values.index.nunique()
        raise Refusal(f"all {count} studies with a known value are alike in {words}")


def _numeric(name: str, coding: Coding, values: pd.Series, included: NDArray[np.bool_]) -> _Coded:
    column = (values.to_numpy(dtype=float) - (coding.centre or 0.0)) / (coding.per or 1.0)
    return {name: column}, {f"{name}={coding.centre:g}": included}


def _categorical(
    name: str, coding: Coding, values: pd.Series, included: NDArray[np.bool_]
) -> _Coded:
    of_level = {
        level: included & (values == level).to_numpy() for level in values[included].unique()
    }
    levels = [level for level in (*(coding.levels or ()), NOT_KNOWN) if level in of_level]
    columns = {f"{name}={level}": (values == level).to_numpy(dtype=float) for level in levels[1:]}
    return columns, {f"{name}={level}": of_level[level] for level in levels}
