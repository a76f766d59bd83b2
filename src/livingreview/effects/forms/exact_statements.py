r"""Exact probability of a statement about z: a sum over the 2 x 2 tables of two small groups.

.. math::
   P(A \mid \theta, \alpha) = \sum_a \sum_c B(a; n_1, \mathrm{expit}(\alpha + \theta))\,
       B(c; n_0, \mathrm{expit}(\alpha))\, w_A(z(a, c))

(docs/methods.md, "Statements from small groups").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from livingreview.base.types import NamedTest
from livingreview.effects.forms.averaging import BLOCK, REACH
from livingreview.effects.forms.form import Floats, Row, StatementLaw
from livingreview.effects.forms.log_probabilities import log_choose, softplus
from livingreview.effects.forms.z_of_tables import NEARLY_NONE, z_of_tables
from livingreview.records.evidence.statements import SIGNIFICANT_Z

# People in a group below which the normal law of z is not relied on.
SMALL = 50
# People in the other group beyond which tables are too many, far above any such study.
LARGEST = 5_000
# Sizes are whole numbers, and bounds the same, if they are this close.
CLOSE = 1e-6


@dataclass(frozen=True)
class SmallGroupRows:
    """Statements from small groups among the rows of a form.

    Attributes
    ----------
    tests : dict of str or None
        By row, the test that its source names, if any.
    sizes : dict of tuple of int
        By row, people in the treated and the control group.
    law : {"pearson", "wald", "normal"}
        As `livingreview.effects.forms.form.StatementLaw`.
    """

    tests: dict[int, NamedTest | None]
    sizes: dict[int, tuple[int, int]]
    # ASSUME: a source that names no test of two small groups used Pearson's.
    law: StatementLaw = "pearson"

    @classmethod
    def of(cls, terms: pd.DataFrame) -> Self:
        """Of rows of `livingreview.tables.effects.Terms`."""
        small = {i: t for i, t in enumerate(terms.to_dict("records")) if has_exact_law(t)}
        return cls(
            tests={i: _named(t["significance_test"]) for i, t in small.items()},
            sizes={i: whole_sizes(t["n_treated"], t["n_control"]) for i, t in small.items()},
        )

    @property
    def rows(self) -> list[int]:
        """Rows that have an exact law beside the normal one."""
        return list(self.tests)

    @property
    def exact(self) -> bool:
        """Whether these rows have their exact law in integration."""
        return self.law != "normal"

    def _z_of_tables(self, row: int) -> Floats:
        test = self.tests[row] or ("wald" if self.law == "wald" else "pearson")
        return z_of_tables(test, *self.sizes[row])

    def log_probabilities(
        self, row: int, bounds: tuple[float, float], theta: Floats, prior: tuple[float, float]
    ) -> Floats:
        """As `log_probabilities`, of z between bounds, for one row."""
        share = within(self._z_of_tables(row), *bounds)
        return log_probabilities(share, theta, prior)

    def drawn_z(
        self,
        row: int,
        treated: NDArray[np.int64],
        control: NDArray[np.int64],
        rng: np.random.Generator,
    ) -> Floats:
        """Z of events in both groups; which direction equal shares are taken for is drawn."""
        z = self._z_of_tables(row)[treated, control]
        either = np.where(rng.random(z.shape) < 0.5, NEARLY_NONE, -NEARLY_NONE)
        return np.where(z == 0, either, z)


def _named(test: object) -> NamedTest | None:
    """A test, or none from an empty cell."""
    return cast(NamedTest, test) if isinstance(test, str) else None


def whole_sizes(n_treated: float, n_control: float) -> tuple[int, int]:
    """Both sizes as whole people, of the same total; of two halves the treated one is rounded up.

    Examples
    --------
    >>> whole_sizes(20.5, 20.5)
    (21, 20)
    """
    treated = int(np.floor(n_treated + 0.5))
    return treated, round(n_treated + n_control) - treated


def has_exact_law(term: Row) -> bool:
    """Whether a row of `livingreview.tables.effects.Terms` is a statement from small groups.

    One that no table of these groups bears out, by the test that is meant, has the normal law:
    the source tested something else, or a size is wrong.
    """
    n = np.array([term["n_treated"], term["n_control"]], dtype=float)
    bound = term["z_significant"]
    small = (
        term["kind"] == "finding"
        and bool(n.min() < SMALL and n.max() <= LARGEST)
        and abs(n.sum() - np.rint(n.sum())) < CLOSE
        and min(whole_sizes(*n)) > 0
        and bool(np.isnan(bound) or abs(bound - SIGNIFICANT_Z) < CLOSE)
    )
    if not small:
        return False
    named = _named(term["significance_test"])
    tests: tuple[NamedTest, ...] = (named,) if named else ("pearson", "wald")
    bounds = term["z_low"], term["z_high"]
    return all(within(z_of_tables(test, *whole_sizes(*n)), *bounds).any() for test in tests)


def within(z: Floats, low: float, high: float) -> Floats:
    """1 for a z within the bounds, a half for one on either, 0 outside."""
    # ASSUME: a source that names a direction where both shares are the same is as likely to name
    # either.
    below = 0.5 * (z < high) + 0.5 * (z <= high)
    return below - 0.5 * (z < low) - 0.5 * (z <= low)


def log_probabilities(share: Floats, theta: Floats, prior: tuple[float, float]) -> Floats:
    """Log probability of a statement, averaged over the control logit, shape (point,).

    Parameters
    ----------
    share : ndarray, shape (n_treated + 1, n_control + 1)
        How much of each table the statement holds of, by the events in both groups, of which one
        has 1,000 people at most.
    theta : ndarray, shape (point,)
    prior : tuple of float
        Location and scale of the normal prior of the control logit.
    """
    location, scale = prior
    # The larger group is summed over at each of its levels y; the other one's level is x.
    of_control = share.shape[1] >= share.shape[0]
    share = share if of_control else share.T
    smaller, larger = (n - 1 for n in share.shape)
    # Prior and groups together can make nothing narrower of the control logit.
    finest = (scale**-2 + (smaller + larger) / 4) ** -0.5
    lowest, highest = location - REACH * scale, location + REACH * scale
    low, high = lowest, highest
    if not of_control:
        low, high = lowest + float(theta.min()), highest + float(theta.max())
    y, step = np.linspace(low, high, int(np.ceil((high - low) / finest)) + 1, retstep=True)
    events = np.arange(larger + 1.0)[:, None]
    pmf = np.exp(log_choose(larger, events) + events * y - larger * softplus(y))
    # Coefficients of the polynomial in the odds of the smaller group, shape (events, level).
    coefficients = (share @ pmf) * np.exp(log_choose(smaller, np.arange(smaller + 1.0)))[:, None]
    total = np.zeros(theta.size)
    for part in np.array_split(np.arange(y.size), max(1, theta.size * y.size // BLOCK)):
        level, points = y[part, None], np.ones(theta.size, dtype=bool)
        if not of_control:
            # Effects at which the prior allows for one of these levels.
            points = (theta >= y[part[0]] - highest) & (theta <= y[part[-1]] - lowest)
        x = level + theta[points] if of_control else level - theta[points]
        control = level if of_control else x
        weight = np.exp(-0.5 * ((control - location) / scale) ** 2)
        total[points] += (weight * _polynomial(coefficients[:, part], x)).sum(axis=0)
    with np.errstate(divide="ignore"):
        return np.log(total) + np.log(step / (scale * np.sqrt(2 * np.pi)))


def _polynomial(coefficients: Floats, x: Floats) -> Floats:
    """Sum over events of coefficient times p^events (1 - p)^others, p = expit(x).

    `coefficients`: shape (events, level); `x`: shape (level, point). Horner's rule in whichever of
    the odds and their inverse is below 1.
    """
    positive, odds = x > 0, np.exp(-np.abs(x))
    total = np.zeros(x.shape)
    for rising, falling in zip(coefficients, coefficients[::-1], strict=True):
        total *= odds
        total += np.where(positive, rising[:, None], falling[:, None])
    return total * (1 + odds) ** -(len(coefficients) - 1.0)
