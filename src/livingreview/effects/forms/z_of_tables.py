"""The z of every 2 x 2 table of two groups, by the tests that sources name."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy.special import ndtri

from livingreview.base.types import NamedTest
from livingreview.effects.forms.form import Floats
from livingreview.effects.forms.log_probabilities import log_choose

# The direction of a table whose test finds no difference at all: a z of this size.
NEARLY_NONE = 1e-9
# As in R's `fisher.test`: tables this much more probable than the one observed count as no more.
AS_PROBABLE = 1 + 1e-7
# z of Fisher's test is finite: no p of two small groups is smaller.
LEAST_P = 1e-300


@lru_cache(maxsize=64)
def z_of_tables(test: NamedTest, n_treated: int, n_control: int) -> Floats:
    """Z of all tables, shape (n_treated + 1, n_control + 1), by the events in either group.

    Positive where the treated group has the larger share; exactly 0 where the shares are the
    same, and where no table of its events has a test: none at all, or nothing else.
    """
    a = np.arange(n_treated + 1.0)[:, None]
    c = np.arange(n_control + 1.0)[None, :]
    # From whole numbers, so that equal shares are exactly equal.
    difference = a * n_control - c * n_treated
    tested = (a + c > 0) & (a + c < n_treated + n_control)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = _SIZES[test](a, c, n_treated, n_control)
    z = np.where(difference == 0, 0.0, np.sign(difference) * np.maximum(size, NEARLY_NONE))
    z = np.where(tested, z, 0.0)
    z.setflags(write=False)
    return z


def _pearson(a: Floats, c: Floats, n_treated: int, n_control: int, less: float = 0.0) -> Floats:
    """Root of Pearson's chi-squared; `less`: taken from the difference of the shares."""
    inverse = 1 / n_treated + 1 / n_control
    p = (a + c) / (n_treated + n_control)
    difference = np.abs(a / n_treated - c / n_control)
    return np.maximum(difference - less, 0.0) / np.sqrt(p * (1 - p) * inverse)


def _yates(a: Floats, c: Floats, n_treated: int, n_control: int) -> Floats:
    """With the continuity correction of Yates 1934, Suppl. JRSS 1, 217-235."""
    return _pearson(a, c, n_treated, n_control, (1 / n_treated + 1 / n_control) / 2)


def _wald(a: Floats, c: Floats, n_treated: int, n_control: int) -> Floats:
    """Of the log odds ratio, half an event added where a cell is empty (Haldane 1956)."""
    cells = np.stack(np.broadcast_arrays(a, n_treated - a, c, n_control - c))
    a, b, c, d = cells + 0.5 * (cells == 0).any(axis=0)
    return np.abs(np.log(a * d / (b * c))) / np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)


def _fisher(a: Floats, c: Floats, n_treated: int, n_control: int) -> Floats:
    """Of the two-sided p of Fisher's exact test (1935, JRSS 98, 39-82)."""
    ways = log_choose(n_treated, a) + log_choose(n_control, c)
    size = np.zeros(ways.shape)
    for events in range(n_treated + n_control + 1):
        rows = np.arange(max(0, events - n_control), min(n_treated, events) + 1)
        probability = np.exp(ways[rows, events - rows] - ways[rows, events - rows].max())
        probability /= probability.sum()
        order = np.argsort(probability)
        cumulated = np.cumsum(probability[order])
        upto = np.searchsorted(probability[order], probability * AS_PROBABLE, side="right")
        p = np.clip(cumulated[upto - 1], LEAST_P, 1.0)
        size[rows, events - rows] = -ndtri(p / 2)
    return size


_SIZES: dict[NamedTest, Callable[[Floats, Floats, int, int], Floats]] = {
    "pearson": _pearson,
    "yates": _yates,
    "wald": _wald,
    "fisher": _fisher,
}
