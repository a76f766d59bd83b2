r"""Which moderators the studies of an outcome can tell apart.

Two measures. The *condition index* of Belsley, Kuh and Welsch (1980, Regression Diagnostics,
ch. 3): with the columns of the design matrix, intercept included, scaled to length 1 and
singular values :math:`s_j`, the index of direction j is :math:`s_{max} / s_j`. The variance of a
coefficient is a sum over directions, of :math:`v_{kj}^2 / s_j^2`; its own index is the one at
which at least half of its variance has such an index or a larger one.

The *number of studies that tell two groupings apart* is the partition distance (Gusfield 2002,
Information Processing Letters 82, 159-164): the fewest studies to be set aside so that
both divide the others in the same way. The others must still differ, else any two
groupings would be alike once the smaller groups are set aside.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from livingreview.effects.design_matrix import design_matrix
from livingreview.effects.refusal import Refusal
from livingreview.protocol.moderators import NOT_KNOWN, Coding

# Square root of the machine's precision. A column closer than this to a combination of the others
# counts as that combination.
SINGULAR = 1e-8


@dataclass(frozen=True)
class Aliasing:
    """How well the studies tell one moderator from the others.

    Attributes
    ----------
    condition_index : float
        Largest of its coefficients, in the matrix of all moderators that differ; infinite when one
        is a combination of the others.
    aliased_with : tuple of str
        Moderators that cannot be told apart from it, in the order of the protocol.
    """

    condition_index: float
    aliased_with: tuple[str, ...]


def condition_indices(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Condition index of each coefficient.

    `columns`, shape (study, coefficient): without the intercept, which is added. No column may be
    all 0. Returns shape (coefficient,): at least 1, infinite for a column that others make up.
    """
    matrix = np.column_stack([np.ones(len(columns)), columns])
    matrix = matrix / np.linalg.norm(matrix, axis=0)
    _, values, directions = np.linalg.svd(matrix, full_matrices=True)
    # With more columns than studies the last directions have no singular value.
    singular = np.zeros(matrix.shape[1])
    singular[: len(values)] = values
    singular = np.maximum(singular, SINGULAR * singular[0])
    parts = (directions.T / singular) ** 2
    # Singular values fall from left to right, so the worst direction is the last.
    from_worst = np.cumsum(parts[:, ::-1], axis=1) / parts.sum(axis=1, keepdims=True)
    at = np.argmax(from_worst >= 0.5, axis=1)
    indices = (singular[0] / singular)[::-1][at]
    return np.where(indices >= 0.5 / SINGULAR, np.inf, indices)[1:]


def partition_distance(first: pd.Series, second: pd.Series) -> int:
    """Fewest studies to set aside so that two groupings of the others are the same.

    `first`, `second`: level of each study; both have two levels or more.
    """
    of_first, of_second = pd.factorize(first)[0], pd.factorize(second)[0]
    shared = np.zeros((of_first.max() + 1, of_second.max() + 1), dtype=int)
    np.add.at(shared, (of_first, of_second), 1)
    rows, columns = range(shared.shape[0]), range(shared.shape[1])
    most = 0
    # At least two groups must be left: each pair of them in turn, then the best of the rest.
    for (i, j), (k, m) in product(product(rows, columns), repeat=2):
        if i < k and j != m and shared[i, j] and shared[k, m]:
            rest = np.delete(np.delete(shared, [i, k], axis=0), [j, m], axis=1)
            alike = rest[linear_sum_assignment(rest, maximize=True)].sum()
            most = max(most, int(shared[i, j] + shared[k, m] + alike))
    return int(shared.sum()) - most


def aliasing(
    studies: pd.DataFrame, moderators: dict[str, Coding], limit: float, fewest_apart: int
) -> dict[str, Aliasing]:
    """Compare all moderators in which the studies differ.

    A moderator is aliased with another one if fewer than `fewest_apart` studies tell the two
    apart; if its condition index in the matrix of only these two exceeds the limit; or if its
    index in the matrix of all moderators exceeds the limit, and no longer does without the
    other one (three or more moderators of which each is a combination of the others).

    Parameters
    ----------
    studies : DataFrame
        Rows of `livingreview.tables.records.Studies`, those of one fit.
    limit : float
        Largest condition index at which two coefficients count as told apart.

    Returns
    -------
    dict of Aliasing
        By name, for the moderators in which the studies differ.
    """

    @cache
    def index(name: str, matrix: frozenset[str]) -> float | None:
        codings = {key: coding for key, coding in moderators.items() if key in matrix}
        return _indices(studies, codings).get(name)

    differing = [name for name in moderators if index(name, frozenset([name]))]
    everything = frozenset(differing)
    measures = {}
    for name in differing:
        others = [other for other in differing if other != name]
        alone = index(name, frozenset([name])) or np.inf
        pairs = {other: index(name, frozenset([name, other])) or np.inf for other in others}
        among_all = index(name, everything) or max([alone, *pairs.values()])
        # Others that, combined, make up this moderator: without one of them the index is small.
        combined = set()
        if among_all > limit:
            without = {other: index(name, everything - {other}) for other in others}
            combined = {other for other, value in without.items() if value and value <= limit}
        aliased = [
            other
            for other in others
            if other in combined
            or pairs[other] > limit >= alone
            or _too_few_tell_apart(studies, {m: moderators[m] for m in (name, other)}, fewest_apart)
        ]
        measures[name] = Aliasing(among_all, tuple(aliased))
    return measures


def _indices(studies: pd.DataFrame, moderators: dict[str, Coding]) -> dict[str, float]:
    """Largest condition index of each moderator's coefficients, all in one matrix.

    Empty where the studies that tell all of these moderators are alike in one of them.
    """
    try:
        design = design_matrix(studies, moderators)
    except Refusal:
        return {}
    largest = dict.fromkeys(moderators, 1.0)
    indices = condition_indices(design.columns[design.included])
    for coefficient, value in zip(design.coefficients, indices, strict=True):
        name = coefficient.split("=")[0]
        largest[name] = max(largest[name], float(value))
    return largest


def _too_few_tell_apart(studies: pd.DataFrame, moderators: dict[str, Coding], fewest: int) -> bool:
    """Whether too few studies tell two categorical moderators apart."""
    if any(coding.kind == "numeric" for coding in moderators.values()):
        return False
    levels = pd.DataFrame({name: studies[f"moderator_{name}"] for name in moderators})
    for name, coding in moderators.items():
        if coding.unknown == "own_level":
            levels[name] = levels[name].fillna(NOT_KNOWN)
    first, second = (column for _, column in levels.dropna().items())
    if first.nunique() < 2 or second.nunique() < 2:
        return True
    return partition_distance(first, second) < fewest
