r"""A value whose standard error would follow from group sizes that are not known.

Percentages without their totals give the log odds ratio y and :math:`s(n) = c / \sqrt{n}`, with c
the *unit error*. Sizes have the protocol's prior and are integrated out; a statement of
significance about the same effect bounds :math:`y / s(n)`, and so tells of n.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from livingreview.effects.forms.bounded import Bounded, RowLaw
from livingreview.effects.forms.form import (
    Baselines,
    Dimensions,
    Floats,
    Indices,
    Row,
    Tensor,
    Truth,
    known_shares,
    numbers_of,
)
from livingreview.effects.forms.shown import Shown


@dataclass(frozen=True, eq=False)
class Rounded(Bounded):
    """Rows of values between the bounds that rounding leaves.

    Attributes
    ----------
    unit_error : ndarray, shape (row,)
        Standard error of the value in groups of one.
    share_row : ndarray of int, shape (share,)
        Rows whose control share is known.
    share_logit, share_error : ndarray, shape (share,)
        Its logit and standard error.
    """

    unit_error: Floats
    share_row: Indices
    share_logit: Floats
    share_error: Floats

    has_baseline = False
    name = "rounded"
    law = "{value_low:.3f} < y < {value_high:.3f}, y ~ Normal(θ, {unit_error:.3f}² / n)"

    @classmethod
    def from_terms(cls, terms: pd.DataFrame, dimensions: Dimensions) -> Self:
        """Rows of terms."""
        # What a statement says of the value is in the bounds of the sizes.
        columns = cls._columns(terms, dimensions) | {
            "z_low": np.full(len(terms), -np.inf),
            "z_high": np.full(len(terms), np.inf),
        }
        unit_error = numbers_of(terms, "unit_error")
        return cls(**columns, unit_error=unit_error, **known_shares(terms))

    @property
    def control_shares(self) -> tuple[Indices, Floats, Floats]:
        """Those that are known."""
        return self.effect[self.share_row], self.share_logit, self.share_error

    @classmethod
    def _size_bounds(cls, terms: pd.DataFrame) -> tuple[Floats, Floats]:
        """Sizes at which the value, at the middle of its bounds, has a z as the source states."""
        least, most = super()._size_bounds(terms)
        value = (numbers_of(terms, "value_low") + numbers_of(terms, "value_high")) / 2
        low, high = numbers_of(terms, "z_low", -np.inf), numbers_of(terms, "z_high", np.inf)
        low, high = np.where(value < 0, -high, low), np.where(value < 0, -low, high)
        # |z| = |value| / s, and (s / unit error)^2 = (1/n + 1/m) / 2 of sizes n and m.
        known = np.fmax(numbers_of(terms, "n_treated"), numbers_of(terms, "n_control"))
        ratio = (numbers_of(terms, "unit_error") / np.abs(value)) ** 2
        sizes = []
        for z in (np.maximum(low, 0.0), np.maximum(high, 0.0)):
            with np.errstate(divide="ignore", invalid="ignore"):
                inverse = 2 / (ratio * z**2) - 1 / known
                equal = ratio * z**2
            sizes.append(
                np.where(np.isnan(known), equal, np.where(inverse > 0, 1 / inverse, np.inf))
            )
        return np.fmax(least, np.where(low > 0, sizes[0], 0.0)), np.fmin(most, sizes[1])

    @classmethod
    def shown(cls, term: Row, control: Row | None, share: float) -> Shown:
        """The middle of the bounds; with no interval, as its width hangs on the sizes."""
        middle = (term["value_low"] + term["value_high"]) / 2
        return Shown.without_error(middle, (term["n_treated"], term["n_control"]))

    def error_tensor(self, numbers: dict[str, Tensor], theta: Tensor, logit: Tensor) -> Tensor:
        """Of groups of the harmonic mean size."""
        import pytensor.tensor as pt  # takes a second, and integration works without it

        unit, treated, control = (
            self._tensor_of(numbers, name) for name in ("unit_error", "n_treated", "n_control")
        )
        return unit[self.pairs[0]] * pt.sqrt(0.5 / treated + 0.5 / control)

    def _errors(self, row: int) -> Floats:
        """Standard error of a row at each node."""
        nodes = self.nodes(row)
        treated, control = self.n_treated[row, nodes], self.n_control[row, nodes]
        return self.unit_error[row] * np.sqrt(0.5 / treated + 0.5 / control)

    def averaged_over_baseline(
        self,
        row: int,
        theta: Floats,
        baselines: Baselines,
        log_probability: RowLaw,
        kept: float = 1.0,
    ) -> Floats:
        """There is no control logit to average over."""
        return self.weighted(row, [log_probability(s, theta) for s in self._errors(row)])

    def set_widths(self, widths: Floats) -> None:
        """Of the smallest error that weighs: the finest structure of the likelihood."""
        for row, effect in enumerate(self.effect):
            error, weight = self._errors(row), np.exp(self.log_weight[row, self.nodes(row)])
            widths[effect] = error[weight > 1e-3].min()

    def set_printing_errors(self, errors: Floats, baselines: Baselines) -> None:
        """At the middle of the weights."""
        for row, effect in enumerate(self.effect):
            weight = np.exp(self.log_weight[row, self.nodes(row)])
            errors[effect] = np.exp((weight * np.log(self._errors(row))).sum())

    def draw_z(self, truth: Truth, rng: np.random.Generator, by_law: bool) -> tuple[Floats, Floats]:
        """Normal around the expected z, with sizes from their prior."""
        theta = truth.theta[..., self.effect]
        node = self.drawn_nodes(rng)
        error = np.array([self._errors(row)[k] for row, k in enumerate(node)])
        z = theta / error + truth.errors(self.effect, rng.standard_normal(theta.shape))
        return z, error

    def drawn_numbers(
        self, row: int, theta: Floats, baselines: Baselines, rng: np.random.Generator
    ) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """The value between the bounds of rounding: percentages and sizes are the whole table."""
        treated, control = self.drawn_sizes_of(row, theta.size, rng)
        error = self.unit_error[row] * np.sqrt(0.5 / treated + 0.5 / control)
        value = theta + error * rng.standard_normal(theta.size)
        low, high = self._value_bounds(row)
        return value, error, (low < value) & (value < high)
