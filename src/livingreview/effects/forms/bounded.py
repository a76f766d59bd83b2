r"""A z, or a value, of which only bounds are known.

The z of a study varies as :math:`z \sim N(\theta / s, 1)`. A statement says that z lies between
two bounds; a value y that rounding leaves between two bounds says that :math:`z s` does; both may
hold at once. Sizes that no source gives have the protocol's prior and are integrated out
(`livingreview.effects.forms.unknown_sizes`).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logsumexp

from livingreview.effects.forms.form import (
    Baselines,
    Dimensions,
    Floats,
    Form,
    Indices,
    Reported,
    SharedErrors,
    Tensor,
    Truth,
    numbers_of,
)
from livingreview.effects.forms.log_probabilities import (
    log_bounded_probability,
    log_interval_probability,
)
from livingreview.effects.forms.printing import Printing
from livingreview.effects.forms.shared_errors import SharedNodes
from livingreview.effects.forms.unknown_sizes import group_sizes
from livingreview.records.evidence.statements import SIGNIFICANT_Z

RowLaw = Callable[[Floats, Floats], Floats]
# Log probability of what no z can be: far below any other, and finite, so that gradients are.
IMPOSSIBLE = -700.0
# Table of the log probability of an interval: its ends, and its points. It bends by at most 1, so
# that linear interpolation is wrong by at most 2e-6.
FURTHEST = 60.0
FINE = 30_001
# Bounds of z are equal to those of significance if they are this close.
CLOSE = 1e-9


@dataclass(frozen=True, eq=False)
class Bounded(Form):
    """Rows of bounds on z, on the reported value, or on both.

    Attributes
    ----------
    z_low, z_high : ndarray, shape (row,)
    value_low, value_high : ndarray, shape (row,)
        Infinite where no value was reported.
    n_treated, n_control, log_weight : ndarray, shape (row, node)
        Sizes of both arms, and the weight of each node.
    effects, baselines : int
        Sizes of these dimensions.
    """

    z_low: Floats
    z_high: Floats
    value_low: Floats
    value_high: Floats
    n_treated: Floats
    n_control: Floats
    log_weight: Floats
    effects: int
    baselines: int

    numeric = False

    @classmethod
    def _columns(cls, terms: pd.DataFrame, dimensions: Dimensions) -> dict[str, Any]:
        """Fields that every such form has."""
        factors = numbers_of(terms, "design_effect", 1.0)
        every = (dimensions.priors[outcome].sizes for outcome in terms["outcome"])
        priors = [
            prior and prior.divided(factor) for prior, factor in zip(every, factors, strict=True)
        ]
        known = numbers_of(terms, "n_treated"), numbers_of(terms, "n_control")
        sizes = group_sizes(*known, *cls._size_bounds(terms), priors)
        # A statement beside a value tells of sizes: where they are known, it repeats the value.
        repeats = np.isfinite(numbers_of(terms, "value_low")) & ~np.isnan(known).any(axis=0)
        return {
            "effect": dimensions.positions(terms["effect_id"], dimensions.effects),
            "study": dimensions.positions(terms["study_id"], dimensions.studies),
            "z_low": np.where(repeats, -np.inf, numbers_of(terms, "z_low", -np.inf)),
            "z_high": np.where(repeats, np.inf, numbers_of(terms, "z_high", np.inf)),
            "value_low": numbers_of(terms, "value_low", -np.inf),
            "value_high": numbers_of(terms, "value_high", np.inf),
            "n_treated": sizes.treated,
            "n_control": sizes.control,
            "log_weight": sizes.log_weight,
            "significant_z": numbers_of(terms, "z_significant", SIGNIFICANT_Z),
            "effects": len(dimensions.effects),
            "baselines": len(dimensions.baselines),
        }

    @classmethod
    def _size_bounds(cls, terms: pd.DataFrame) -> tuple[Floats, Floats]:
        """Least and largest size that an arm may have where it is not known, each (row,)."""
        # Of an arm whose size is known, a planned size bounds nothing.
        most = [
            np.where(np.isnan(numbers_of(terms, f"n_{arm}")), numbers_of(terms, column), np.nan)
            for arm, column in (("treated", "most_treated"), ("control", "most_control"))
        ]
        return np.zeros(len(terms)), np.fmin(np.fmin(*most), np.inf)

    @abstractmethod
    def error_tensor(self, numbers: dict[str, Tensor], theta: Tensor, logit: Tensor) -> Tensor:
        """Standard error of each of `pairs`, shape (pair,); theta has shape (row,)."""

    @abstractmethod
    def averaged_over_baseline(
        self,
        row: int,
        theta: Floats,
        baselines: Baselines,
        log_probability: RowLaw,
        kept: float = 1.0,
    ) -> Floats:
        """Log of a probability of one row, its control logit integrated out, shape (point,).

        `log_probability`: of the standard errors of each node, arrays of any one shape. `kept`:
        standard deviation of z around its expectation.
        """

    @property
    def has_unknown_sizes(self) -> bool:
        """Whether a group size of any row is not known."""
        return self.log_weight.shape[1] > 1

    @cached_property
    def pairs(self) -> tuple[Indices, Indices]:
        """Row and node of each pair that has a likelihood: rows of known sizes, then others."""
        known = np.isneginf(self.log_weight[:, 1:]).all(axis=1)
        rows, others = np.flatnonzero(known), np.flatnonzero(~known)
        nodes = self.log_weight.shape[1]
        return (
            np.concatenate([rows, np.repeat(others, nodes)]),
            np.concatenate([np.zeros_like(rows), np.tile(np.arange(nodes), others.size)]),
        )

    @property
    def numbers(self) -> dict[str, Floats]:
        """Those of sizes by pair."""
        sizes = ("n_treated", "n_control", "log_weight")
        return super().numbers | {
            f"{self.name}_{name}": getattr(self, name)[self.pairs] for name in sizes
        }

    @property
    def has_values(self) -> bool:
        """Whether any row reports a value."""
        return bool(np.isfinite(self.value_low).any() or np.isfinite(self.value_high).any())

    def tensor(
        self,
        numbers: dict[str, Tensor],
        theta: Tensor,
        logit: Tensor | None,
        shared: SharedErrors | None = None,
    ) -> Tensor:
        """Log probability of what is known of each row."""
        low, high = (self._tensor_of(numbers, name) for name in ("z_low", "z_high"))
        return self._log_probability(numbers, theta, logit, shared, low, high)

    def _log_probability(
        self,
        numbers: dict[str, Tensor],
        theta: Tensor,
        logit: Tensor | None,
        shared: SharedErrors | None,
        low: Tensor,
        high: Tensor,
    ) -> Tensor:
        """Log probability that z lies between two bounds, shape (row,), and the value in its."""
        import pytensor.tensor as pt  # takes a second, and integration works without it

        from livingreview.effects.forms.interval_probability import log_interval_probability
        from livingreview.effects.forms.tensors import elements

        def by_pair(of_row: Tensor) -> Tensor:
            return elements(of_row, self.pairs[0], self.effect.size)

        effect = elements(theta, self.effect, self.effects)
        error, effect = self.error_tensor(numbers, effect, logit), by_pair(effect)
        low, high = by_pair(low), by_pair(high)
        possible = None
        if self.has_values:
            value_low, value_high = (
                by_pair(self._tensor_of(numbers, name)) for name in ("value_low", "value_high")
            )
            low = pt.maximum(low, _over(value_low, error))
            high = pt.minimum(high, _over(value_high, error))
            possible = pt.lt(low, high)
            low, high = pt.where(possible, low, -1.0), pt.where(possible, high, 1.0)
        if shared is not None:
            common, kept = by_pair(shared.common[self.effect]), shared.kept[self.effect]
            kept = kept[self.pairs[0]]
            low, high = (low - common) / kept, (high - common) / kept
            error = error * kept
        terms = log_interval_probability(low, high, effect / error)
        if possible is not None:
            terms = pt.where(possible, terms, IMPOSSIBLE)
        return self._over_nodes(numbers, terms)

    def _over_nodes(self, numbers: dict[str, Tensor], terms: Tensor) -> Tensor:
        """Log of the average of each row's pairs, shape (row,)."""
        import pytensor.tensor as pt  # as above

        from livingreview.effects.forms.tensors import elements

        if not self.has_unknown_sizes:
            return terms
        weighted = terms + pt.maximum(self._tensor_of(numbers, "log_weight"), 2 * IMPOSSIBLE)
        nodes = self.log_weight.shape[1]
        unknown = (self.pairs[0].size - self.effect.size) // (nodes - 1)
        known = self.effect.size - unknown
        averages = pt.logsumexp(weighted[known:].reshape((unknown, nodes)), axis=1)
        if not known:
            return averages
        order = np.concatenate([self.pairs[0][:known], self.pairs[0][known::nodes]])
        return elements(pt.concatenate([terms[:known], averages]), np.argsort(order), order.size)

    def printed_share(
        self, numbers: dict[str, Tensor], theta: Tensor, logit: Tensor | None, weight: Tensor
    ) -> Tensor:
        """Of a statement that leaves significance open, between that of either part."""
        import pytensor.tensor as pt  # as above

        low, high, bound = (
            self._tensor_of(numbers, name) for name in ("z_low", "z_high", "significant_z")
        )
        # The part of the statement in which the result is not significant; none for a
        # significant one, whose interval only touches it.
        inner_low, inner_high = pt.maximum(low, -bound), pt.minimum(high, bound)
        has_inner = pt.lt(inner_low + CLOSE, inner_high)
        inner_low = pt.where(has_inner, inner_low, -bound)
        inner_high = pt.where(has_inner, inner_high, bound)
        whole = self.tensor(numbers, theta, logit)
        inner = self._log_probability(numbers, theta, logit, None, inner_low, inner_high)
        share = pt.where(has_inner, pt.exp(pt.minimum(inner - whole, 0.0)), 0.0)
        return pt.log1p(-(1.0 - weight) * share)

    def add_printed_share(
        self, table: Floats, theta: Floats, baselines: Baselines, printing: Printing
    ) -> None:
        """Of a statement that leaves open whether it is favoured, between that of either part."""
        bounds = printing.unfavoured(self.significant_z)
        # The part of the statement in which the result is unfavoured; one that only touches it
        # has none.
        low, high = np.maximum(self.z_low, bounds[0]), np.minimum(self.z_high, bounds[1])
        for row in np.flatnonzero(low + CLOSE < high).tolist():
            share = np.zeros(theta.size)
            if low[row] > self.z_low[row] + CLOSE or high[row] < self.z_high[row] - CLOSE:
                whole, part = (
                    self._table(row, theta, baselines, z, self._value_bounds(row))
                    for z in (self._z_bounds(row), (float(low[row]), float(high[row])))
                )
                # Where even the whole has no probability there is nothing to weigh.
                whole = np.where(np.isfinite(whole), whole, 0.0)
                share = np.minimum(part - whole, 0.0)
            table[self.effect[row]] += np.log1p(-(1.0 - printing.weight) * np.exp(share))

    def add_to_table(self, table: Floats, theta: Floats, baselines: Baselines) -> None:
        """Probability of what is known of each row."""
        for row, effect in enumerate(self.effect):
            bounds = self._z_bounds(row), self._value_bounds(row)
            table[effect] += self._table(row, theta, baselines, *bounds)

    def _z_bounds(self, row: int) -> tuple[float, float]:
        return float(self.z_low[row]), float(self.z_high[row])

    def _value_bounds(self, row: int) -> tuple[float, float]:
        return float(self.value_low[row]), float(self.value_high[row])

    def tables_given(
        self, row: int, theta: Floats, baselines: Baselines, shared: SharedNodes
    ) -> Floats:
        """Probability of what is known of the row."""
        z, value = self._z_bounds(row), self._value_bounds(row)
        kept = shared.kept
        if shared.common.size == 1 or np.isfinite(value).any():
            return np.stack(
                [
                    self._table(row, theta, baselines, z, value, float(common), kept)
                    for common in shared.common
                ]
            )
        # A function of one argument, whatever the node: it is read off a fine table.
        centre = np.linspace(-FURTHEST, FURTHEST, FINE)
        log_p = log_interval_probability(z[0] / kept, z[1] / kept, centre)

        def at_node(common: float) -> Floats:
            def log_probability(error: Floats, effect: Floats) -> Floats:
                return np.interp((effect / error + common) / kept, centre, log_p)

            return self.averaged_over_baseline(row, theta, baselines, log_probability, kept)

        return np.stack([at_node(float(common)) for common in shared.common])

    def _table(
        self,
        row: int,
        theta: Floats,
        baselines: Baselines,
        z: tuple[float, float],
        value: tuple[float, float],
        common: float = 0.0,
        kept: float = 1.0,
    ) -> Floats:
        """Log probability that z and the value lie between their bounds, shape (point,).

        The error of z is `common`, and a normal one with standard deviation `kept`.
        """
        (low, high), (value_low, value_high) = z, value

        def log_probability(error: Floats, effect: Floats) -> Floats:
            if np.isinf(value_low) and np.isinf(value_high):
                ends = (low - common) / kept, (high - common) / kept
                return log_interval_probability(*ends, effect / error / kept)
            return log_bounded_probability(
                (np.maximum(low, value_low / error) - common) / kept,
                (np.minimum(high, value_high / error) - common) / kept,
                effect / error / kept,
            )

        return self.averaged_over_baseline(row, theta, baselines, log_probability, kept)

    def weighted(self, row: int, terms: list[Floats]) -> Floats:
        """Log of the average over a row's nodes."""
        if len(terms) == 1:
            return terms[0]
        stacked = np.stack(
            [t + w for t, w in zip(terms, self.log_weight[row, : len(terms)], strict=True)]
        )
        return logsumexp(stacked, axis=0)

    def drawn_nodes(self, rng: np.random.Generator) -> Indices:
        """One node of each row, by their weights."""
        if self.log_weight.shape[1] == 1:
            return np.zeros(self.effect.size, dtype=np.int64)
        share = np.cumsum(np.exp(self.log_weight), axis=1)
        return (rng.random((self.effect.size, 1)) * share[:, -1:] > share).sum(axis=1)

    def drawn_sizes_of(
        self, row: int, draws: int, rng: np.random.Generator
    ) -> tuple[Floats, Floats]:
        """Sizes of both arms of one row, drawn by the weights of its nodes, each shape (draw,)."""
        share = np.exp(self.log_weight[row])
        node = rng.choice(share.size, draws, p=share / share.sum())
        return self.n_treated[row, node], self.n_control[row, node]

    def nodes(self, row: int) -> range:
        """Nodes that a row has."""
        return range(int(np.isfinite(self.log_weight[row]).sum()))

    def add_tails(self, below: Floats, upto: Floats, theta: Floats, baselines: Baselines) -> None:
        """Of a value below either end of its bounds; without a value, of z below its own."""
        for row, effect in enumerate(self.effect):
            of_value = np.isfinite(self.value_low[row])
            bounds = (self.value_low, self.value_high) if of_value else (self.z_low, self.z_high)
            for bound, tail in zip(bounds, (below, upto), strict=True):
                if np.isinf(bound[row]):
                    tail[effect] = 0.0 if bound[row] > 0 else -np.inf
                    continue
                under, every = (-np.inf, float(bound[row])), (-np.inf, np.inf)
                z, value = (every, under) if of_value else (under, every)
                tail[effect] = self._table(row, theta, baselines, z, value)

    @property
    def has_number(self) -> NDArray[np.bool_]:
        """Rows with a value that rounding leaves between two bounds."""
        return np.isfinite(self.value_low) & np.isfinite(self.value_high)

    def set_people(self, people: Floats) -> None:
        """Sizes as known, or at the middle of their weights."""
        people[self.effect] = sum(self.typical_sizes)

    @property
    def typical_sizes(self) -> tuple[Floats, Floats]:
        """Sizes at the middle of their weights, each shape (row,); one that is known as it is."""
        weight = np.exp(self.log_weight)
        heaviest = weight.argmax(axis=1)[:, None]

        def middle(arm: Floats) -> Floats:
            # Logs around one of its sizes, so that the size of a single one loses no digits.
            base = np.take_along_axis(arm, heaviest, axis=1)
            sizes: Floats = base[:, 0] * np.exp((np.log(arm / base) * weight).sum(axis=1))
            return sizes

        return middle(self.n_treated), middle(self.n_control)

    def set_widths(self, widths: Floats) -> None:
        """As if the control share were a half."""
        weight = np.exp(self.log_weight)
        n = (weight * (4.0 / self.n_treated + 4.0 / self.n_control)).sum(axis=1)
        widths[self.effect] = np.sqrt(n)

    def drawn(
        self, truth: Truth, rng: np.random.Generator, by_law: bool = False
    ) -> tuple[Self, Floats]:
        """A z for each row, in place of its bounds; and a value where one was reported."""
        z, error = self.draw_z(truth, rng, by_law)
        low, high = self.value_low, self.value_high
        # Rounded as finely as the value that it takes the place of.
        given = np.isfinite(low) & np.isfinite(high)
        unit = np.where(given, high, 1.0) - np.where(given, low, 0.0)
        step = np.floor(z * error / unit)
        low = np.where(given, step * unit, low)
        high = np.where(given, (step + 1) * unit, high)
        return replace(self, z_low=z, z_high=z, value_low=low, value_high=high), z

    @abstractmethod
    def draw_z(self, truth: Truth, rng: np.random.Generator, by_law: bool) -> tuple[Floats, Floats]:
        """The z of each study, and the standard error behind it, shape (..., row)."""

    def as_printed(self, rng: np.random.Generator) -> Self:
        """Statements in place of z; of a value, nothing but itself."""
        z = self.z_low
        low, high = statement(z, rng.random(z.size) < 0.5, self.significant_z)
        given = np.isfinite(self.value_low) & np.isfinite(self.value_high)
        return replace(
            self, z_low=np.where(given, -np.inf, low), z_high=np.where(given, np.inf, high)
        )

    def reported(self) -> Reported:
        """No numbers; the verdict of statements that do not leave it open."""
        bound = self.significant_z - CLOSE
        verdict = np.select(
            [
                self.z_low >= bound,
                self.z_high <= -bound,
                (self.z_low >= -bound - 2 * CLOSE) & (self.z_high <= bound + 2 * CLOSE),
            ],
            [1.0, -1.0, 0.0],
            np.nan,
        )
        nothing = np.full(verdict.shape, np.nan)
        return Reported(self.effect, nothing, nothing, verdict)


def _over(bound: Tensor, error: Tensor) -> Tensor:
    """A bound of the value as one of z; an infinite one has no slope in the error."""
    import pytensor.tensor as pt  # as above

    infinite = pt.isinf(bound)
    return pt.where(infinite, bound, pt.where(infinite, 0.0, bound) / error)


def statement(z: Floats, names_direction: np.ndarray, bound: Floats) -> tuple[Floats, Floats]:
    """Interval that the authors' statement names.

    Parameters
    ----------
    z : ndarray
        Each study's z.
    names_direction : ndarray of bool
        Whether authors of a result that is not significant say which way it went.
    bound : ndarray
        The |z| from which they call a result significant.
    """
    cases = [z > bound, z < -bound, names_direction & (z > 0), names_direction]
    infinite = np.full(z.shape, np.inf)
    low = np.select(cases, [bound, -infinite, 0.0 * z, -bound], -bound)
    high = np.select(cases, [infinite, -bound, bound, 0.0 * z], bound)
    return low, high
