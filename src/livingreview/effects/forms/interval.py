r"""A statement about the study's own z, or an odds ratio whose standard error is not known.

The standard error is Woolf's, :math:`s(n, \alpha, \theta)`, of the table that is expected
(docs/methods.md, "Finding").
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, ndtr

from livingreview.base.rounding import significant
from livingreview.effects.forms.averaging import averaged
from livingreview.effects.forms.binomial import binomial_quantiles, wald
from livingreview.effects.forms.bounded import Bounded, RowLaw
from livingreview.effects.forms.exact_statements import SmallGroupRows, has_exact_law, within
from livingreview.effects.forms.form import (
    Baselines,
    Dimensions,
    Floats,
    Indices,
    Row,
    SharedErrors,
    StatementLaw,
    Tensor,
    Truth,
)
from livingreview.effects.forms.shown import UNKNOWN_SIZES, Shown
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior
from livingreview.records.evidence.ranges import Range
from livingreview.records.evidence.two_by_two import woolf_error


@dataclass(frozen=True, eq=False)
class Interval(Bounded):
    r"""Rows whose standard error is Woolf's, :math:`s(n, \alpha, \theta)`, of the expected table.

    Attributes
    ----------
    baseline : ndarray of int, shape (row,)
    small_groups : SmallGroupRows
        Rows that have an exact law beside the normal one.
    """

    baseline: Indices
    small_groups: SmallGroupRows

    name = "interval"
    law = "{z_low:g} < z < {z_high:g}, z ~ Normal(θ/s(α, θ), 1)"

    @classmethod
    def from_terms(cls, terms: pd.DataFrame, dimensions: Dimensions) -> Self:
        """Rows of terms."""
        baseline = dimensions.positions(terms["baseline_id"], dimensions.baselines)
        small_groups = SmallGroupRows.of(terms)
        return cls(**cls._columns(terms, dimensions), baseline=baseline, small_groups=small_groups)

    @classmethod
    def traced(cls, term: Row) -> str:
        """Of the bounds that there are, with the sizes; of small groups the exact law."""
        law = super().traced(term)
        if np.isfinite(term["value_low"]):
            bounds = f"{term['value_low']:.3f} < y < {term['value_high']:.3f}, y = z s(α, θ)"
            law = f"{bounds}; {law}"
        if has_exact_law(term):
            test = term["significance_test"]
            law += (
                "; integrated exactly, over all tables of Binomial(expit(α + θ)) and"
                f" Binomial(expit(α)), with the z of {test if isinstance(test, str) else 'pearson'}"
            )
        treated, control = (
            "an unknown number" if math.isnan(n) else f"{n:g}"
            for n in (term["n_treated"], term["n_control"])
        )
        return f"{law}; {treated} treated and {control} control"

    @property
    def exact_statements(self) -> Indices:
        """Statements from small groups of known sizes."""
        return self.effect[self.small_groups.rows]

    def with_statement_law(self, law: StatementLaw) -> Self:
        """The same with another law of statements from small groups."""
        return replace(self, small_groups=replace(self.small_groups, law=law))

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
        """Exact where groups are small; given what errors share, there is the normal law alone."""
        if kept < 1.0 or not self.small_groups.exact or row not in self.small_groups.rows:
            return super()._table(row, theta, baselines, z, value, common, kept)
        baseline = self.baseline[row]
        prior = float(baselines.location[baseline]), float(baselines.scale[baseline])
        return self.small_groups.log_probabilities(row, z, theta, prior)

    @property
    def findings_baselines(self) -> Indices:
        """All of these."""
        return self.baseline

    @staticmethod
    def control_prior(priors: BaselinePriors, term: Row) -> Prior:
        """Prior of the control logit behind a finding."""
        return priors.findings

    @classmethod
    def shown(cls, term: Row, control: Row | None, share: float) -> Shown:
        """What a statement allows; of a narrow interval of a test's z, its middle."""
        n, stated = (term["n_treated"], term["n_control"]), Range(term["z_low"], term["z_high"])
        if np.isfinite(term["value_low"]):
            return Shown.without_error((term["value_low"] + term["value_high"]) / 2, n)
        if np.isnan(n).any():
            # Without sizes a statement still says on which side of no difference z lies.
            low = 0.0 if stated.low >= 0 else -math.inf
            return Shown(math.nan, low, 0.0 if stated.high <= 0 else math.inf, UNKNOWN_SIZES)
        if term["kind"] == "finding":
            return Shown.statement(stated, n, share)
        z = (stated.low + stated.high) / 2
        return Shown.of_z(z, n, share, f"z = {significant(z)}".replace("-", "−"))

    def error_tensor(self, numbers: dict[str, Tensor], theta: Tensor, logit: Tensor) -> Tensor:
        """Woolf's error."""
        import pytensor.tensor as pt  # as above

        from livingreview.effects.forms.tensors import elements

        control = elements(logit, self.baseline, self.baselines)
        control, theta = (
            elements(each, self.pairs[0], self.effect.size) for each in (control, theta)
        )
        treated, control_size = (
            self._tensor_of(numbers, name) for name in ("n_treated", "n_control")
        )
        return woolf_error(control, theta, treated, control_size, pt)

    def averaged_over_baseline(
        self,
        row: int,
        theta: Floats,
        baselines: Baselines,
        log_probability: RowLaw,
        kept: float = 1.0,
    ) -> Floats:
        r"""Averaged over the prior of the control logit.

        As :math:`|\partial \log s / \partial \alpha| \le 1/2`, the expected z turns by at most
        :math:`|z|/2` per unit of logit. Where it is near a bound b, the probability thus has
        structure no finer than 2/|b|, and none where it is far from every bound.
        """
        sizes = [(self.n_treated[row, k], self.n_control[row, k]) for k in self.nodes(row)]
        # No error is smaller than that of the largest sizes at a share of a half.
        least = min(np.sqrt(4 / a + 4 / b) for a, b in sizes)
        bounds = [self.z_low[row], self.z_high[row]]
        bounds += [self.value_low[row] / least, self.value_high[row] / least]
        # 8 more: z varies around its expectation, and that far out nothing is left.
        finest = 2.0 * kept / (max(abs(b) for b in bounds if np.isfinite(b)) + 8.0)
        baseline = self.baseline[row]
        prior = float(baselines.location[baseline]), float(baselines.scale[baseline])

        def log_likelihood(logit: Floats, part: Floats) -> Floats:
            return self.weighted(
                row,
                [log_probability(woolf_error(logit, part, a, b, np), part) for a, b in sizes],
            )

        return averaged(*prior, theta, finest, log_likelihood)

    def set_printing_errors(self, errors: Floats, baselines: Baselines) -> None:
        """Without an effect, at the middle of the prior of the control logit and of the sizes."""
        location = baselines.location[self.baseline]
        none = np.zeros(self.effect.size)
        errors[self.effect] = woolf_error(location, none, *self.typical_sizes, np)

    def draw_z(self, truth: Truth, rng: np.random.Generator, by_law: bool) -> tuple[Floats, Floats]:
        """By people, events and the z of a test; by law, normal where the law is not exact.

        The test is Wald's where a row has no law but the normal one.
        """
        logit, theta = truth.logit[..., self.baseline], truth.theta[..., self.effect]
        n_treated, n_control = self.drawn_sizes(rng)
        # Of an exact law, the process is the law.
        small = self.small_groups.rows if self.small_groups.exact or not by_law else []
        if by_law:
            error = woolf_error(logit, theta, n_treated, n_control, np)
            z = theta / error + truth.errors(self.effect, rng.standard_normal(theta.shape))
        if small or not by_law:
            n_treated, n_control = np.rint(n_treated), np.rint(n_control)
            for row in small:
                n_treated[row], n_control[row] = self.small_groups.sizes[row]
            treated, control = self._drawn_events(truth, n_treated, n_control, rng)
        if not by_law:
            value, error = wald(treated, n_treated, control, n_control)
            z = value / error
        for row in small:
            table = treated[..., row].astype(int), control[..., row].astype(int)
            z[..., row] = self.small_groups.drawn_z(row, *table, rng)
        return z, error

    def _drawn_events(
        self, truth: Truth, n_treated: Floats, n_control: Floats, rng: np.random.Generator
    ) -> tuple[Floats, Floats]:
        """Events in both arms of each row, shape (..., row)."""
        logit, theta = truth.logit[..., self.baseline], truth.theta[..., self.effect]

        def drawn(n: Floats, x: Floats, shared: SharedErrors | None) -> Floats:
            if shared is None:
                return rng.binomial(n.astype(int), expit(x)).astype(float)
            noise = rng.standard_normal(x.shape)
            errors = shared.common[..., self.effect] + shared.kept[self.effect] * noise
            return binomial_quantiles(ndtr(errors), n, expit(x))

        return drawn(n_treated, logit + theta, truth.treated), drawn(
            n_control, logit, truth.control
        )

    def drawn_sizes(self, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Sizes of each row; those that are not known from their prior."""
        rows, node = np.arange(self.effect.size), self.drawn_nodes(rng)
        return self.n_treated[rows, node], self.n_control[rows, node]

    def drawn_numbers(
        self, row: int, theta: Floats, baselines: Baselines, rng: np.random.Generator
    ) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """By people and events; the test is Wald's where a row has no law but the normal one."""
        treated, control = self.drawn_sizes_of(row, theta.size, rng)
        small = self.small_groups.exact and row in self.small_groups.rows
        if small:
            treated, control = (np.full(theta.size, n) for n in self.small_groups.sizes[row])
        baseline = self.baseline[row]
        logit = rng.normal(baselines.location[baseline], baselines.scale[baseline], theta.size)
        value, error, events = counted(theta, logit, treated, control, rng)
        z = self.small_groups.drawn_z(row, *events, rng) if small else value / error
        low, high = self._value_bounds(row)
        agrees = rng.random(theta.size) < within(z, *self._z_bounds(row))
        return value, error, agrees & (low <= value) & (value <= high)


def counted(
    theta: Floats, logit: Floats, n_treated: Floats, n_control: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats, tuple[Indices, Indices]]:
    """Log odds ratio, its standard error and the events of both arms of tables that are drawn.

    Sizes are rounded to whole people, one at least. All arrays have shape (draw,).
    """
    sizes = [np.maximum(np.rint(n), 1.0) for n in (n_treated, n_control)]
    shares = expit(logit + theta), expit(logit)
    treated, control = (
        rng.binomial(n.astype(np.int64), p) for n, p in zip(sizes, shares, strict=True)
    )
    value, error = wald(treated, sizes[0], control, sizes[1])
    return value, error, (treated, control)
