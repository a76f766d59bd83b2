r"""Events over person-time by arm: Poisson, or negative binomial where a spread is given.

The mean of an arm is its person-time times :math:`e^x`, x the log rate; :math:`\theta` is a log
rate ratio. With shape k the variance is :math:`m + m^2 / k`; an infinite shape is Poisson.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.special import expit, gammaln, log_ndtr

from livingreview.effects.forms.arms import Arms
from livingreview.effects.forms.form import (
    Baselines,
    Dimensions,
    Floats,
    Indices,
    Row,
    Tensor,
    numbers_of,
)
from livingreview.effects.forms.shown import Shown

# Size of the finest structure in the log rate of arms without events. Each has likelihood
# exp(-T e^x), the same curve at any T, as narrow as that of empty binomial arms.
EMPTY_ARMS = 0.15


def log_rate_ratio(
    events: tuple[Floats, Floats], time: tuple[Floats, Floats], shape: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Log rate ratio of treated and control arms, and its standard error.

    Half an event is added to both arms where one has none. Of each, the treated arm's first.
    """
    empty = 0.5 * ((events[0] == 0) | (events[1] == 0))
    a, c = events[0] + empty, events[1] + empty
    value = np.log(a / time[0]) - np.log(c / time[1])
    return value, np.sqrt(1 / a + 1 / c + 1 / shape[0] + 1 / shape[1])


@dataclass(frozen=True, eq=False)
class Poisson(Arms):
    """Rows of events over person-time.

    Attributes
    ----------
    shape : ndarray, shape (arm,)
        Of the negative binomial distribution; infinite for Poisson events.
    """

    shape: Floats

    name = "poisson"
    stabilised_by = ("total", "shape")
    law = "{events:g} events over {total:g} in arm {arm}, mean {total:g} exp(α + θ · {treated:g})"

    @classmethod
    def from_terms(cls, terms: pd.DataFrame, dimensions: Dimensions) -> Self:
        """Rows of terms."""
        columns: dict[str, Any] = cls._columns(terms, dimensions)
        return cls(**columns, shape=numbers_of(terms, "shape", np.inf))

    @staticmethod
    def estimate(term: Row, control: Row | None) -> tuple[float, float]:
        """Log rate ratio and its error."""
        assert control is not None
        events, time, shape = (
            (np.asarray(term[name]), np.asarray(control[name]))
            for name in ("events", "total", "shape")
        )
        # An empty cell of a table is Poisson.
        value, error = log_rate_ratio(
            events, time, tuple(np.nan_to_num(k, nan=np.inf) for k in shape)
        )
        return float(value), float(error)

    @classmethod
    def shown(cls, term: Row, control: Row | None, share: float) -> Shown:
        """As events over person-time."""
        assert control is not None
        arms = [(arm["events"], arm["total"]) for arm in (term, control)]
        numbers = " against ".join(
            f"{round(e, 1):.10g} in a time of {round(t, 1):.10g}" for e, t in arms
        )
        return Shown.normal(*cls.estimate(term, control), numbers)

    @property
    def levels_of_controls(self) -> tuple[Indices, Floats, Floats]:
        """Log rates; half an event is added where an arm is empty."""
        rows = np.flatnonzero(self.treated == 0)
        events = self.events[rows] + 0.5 * (self.events[rows] == 0)
        error = np.sqrt(1 / events + 1 / self.shape[rows])
        return rows, np.log(events / self.total[rows]), error

    def kernel(self, rows: Indices, x: Floats) -> Floats:
        """Negative binomial, without what does not depend on x."""
        events, time, shape = self._beside(rows, x)
        mean = time * np.exp(x)
        finite = np.where(np.isinf(shape), 1.0, shape)
        spread = np.where(np.isinf(shape), mean, (events + finite) * np.log1p(mean / finite))
        return events * x - spread

    def slopes(self, rows: Indices, x: Floats) -> tuple[Floats, Floats]:
        """By the log rate."""
        events, time, shape = self._beside(rows, x)
        mean = time * np.exp(x)
        kept = 1 / (1 + mean / shape)
        weight = kept * (1 + events / shape)
        return events - mean * weight, mean * kept * weight

    def arm_constants(self, rows: Indices) -> Floats:
        """What `kernel` leaves out."""
        y, time, shape = self.events[rows], self.total[rows], self.shape[rows]
        finite = np.where(np.isinf(shape), 1.0, shape)
        ways = gammaln(y + finite) - gammaln(finite) - y * np.log(finite)
        return np.where(np.isinf(shape), 0.0, ways) + y * np.log(time) - gammaln(y + 1)

    def unbounded(self, rows: Indices) -> bool:
        """No arm has events."""
        return bool((self.events[rows] == 0).all())

    def finest(self, rows: Indices) -> float:
        """Of arms without events."""
        return EMPTY_ARMS

    def _beside(self, rows: Indices, x: Floats) -> tuple[Floats, Floats, Floats]:
        """Events, person-time and shape beside x."""
        shape = (-1, *(1,) * (x.ndim - 1))
        parts = (self.events, self.total, self.shape)
        return tuple(part[rows].reshape(shape) for part in parts)  # type: ignore[return-value]

    def arm_tensor(self, numbers: dict[str, Tensor], x: Tensor) -> Tensor:
        """Exact, constants included."""
        import pytensor.tensor as pt  # takes a second, and integration works without it

        y, time, shape, constants = (
            self._tensor_of(numbers, name) for name in ("events", "total", "shape", "constants")
        )
        mean = time * pt.exp(x)
        poisson = pt.isinf(shape)
        finite = pt.where(poisson, 1.0, shape)
        spread = pt.where(poisson, mean, (y + finite) * pt.log1p(mean / finite))
        return constants + y * x - spread

    def stabilised_events(self, rows: Indices) -> Floats:
        """Root of the rate, of negative binomial events its inverse hyperbolic sine.

        Anscombe 1948, Biometrika 35, 246-254.
        """
        events, time, shape = self.events[rows], self.total[rows], self.shape[rows]
        k = np.where(np.isinf(shape), 1.0, shape)
        inner = np.sqrt((events + 0.375) / np.maximum(k - 0.75, 0.25))
        return np.where(
            np.isinf(shape),
            np.sqrt((events + 0.375) / time),
            np.sqrt(k / time) * np.arcsinh(inner),
        )

    @staticmethod
    def stabilised_mean(arms: dict[str, Any], x: Any, library: Any) -> Any:
        """The same of the expected rate."""
        time, shape = arms["total"], arms["shape"]
        poisson, root = library.isinf(shape), library.exp(0.5 * x)
        k = library.where(poisson, 1.0, shape) / time
        spread = library.sqrt(k) * library.arcsinh(root / library.sqrt(k))
        return library.where(poisson, root, spread)

    def wald(self, treated: Indices, control: Indices) -> tuple[Floats, Floats]:
        """Log rate ratio and its error."""
        return log_rate_ratio(
            (self.events[..., treated], self.events[..., control]),
            (self.total[treated], self.total[control]),
            (self.shape[treated], self.shape[control]),
        )

    def set_widths(self, widths: Floats) -> None:
        """Of the events as they are."""
        variance = 1 / (self.events + 0.5) + 1 / self.shape
        rows = self.rows_of_effects
        widths[self.effect[rows]] = np.sqrt(variance[self.control[rows]] + variance[rows])

    def draw_events(self, x: Floats, rng: np.random.Generator) -> Floats:
        """Poisson around a gamma mean, which makes it negative binomial."""
        mean = self.total * np.exp(x)
        finite = np.where(np.isinf(self.shape), 1.0, self.shape)
        around = np.where(np.isinf(self.shape), 1.0, rng.gamma(finite, 1 / finite, mean.shape))
        return rng.poisson(mean * around).astype(float)

    def events_at(self, x: Floats, probability: Floats) -> Floats:
        """Quantiles of either distribution."""
        from scipy import stats  # takes a second, and only simulations need it

        mean = self.total * np.exp(x)
        finite = np.where(np.isinf(self.shape), 1.0, self.shape)
        return np.where(
            np.isinf(self.shape),
            stats.poisson.ppf(probability, mean),
            stats.nbinom.ppf(probability, finite, finite / (finite + mean)),
        )

    def add_tails(self, below: Floats, upto: Floats, theta: Floats, baselines: Baselines) -> None:
        """Of the treated arm's events, given the total of both arms.

        Poisson events are then binomial, free of the control rate (Przyborowski and Wilenski
        1940, Biometrika 31, 313-323). Negative binomial ones have no such law, and get that of
        the log rate ratio's normal approximation.
        """
        from scipy import stats  # as above

        rows, control = self.rows_of_effects, self.control
        values, errors = self.wald(rows, control[rows])
        for i, row in enumerate(rows):
            effect, other = self.effect[row], control[row]
            if np.isfinite(self.shape[row]) or np.isfinite(self.shape[other]):
                below[effect] = upto[effect] = log_ndtr((values[i] - theta) / errors[i])
                continue
            share = expit(theta + np.log(self.total[row] / self.total[other]))
            total = self.events[row] + self.events[other]
            below[effect] = stats.binom.logcdf(self.events[row] - 1, total, share)
            upto[effect] = stats.binom.logcdf(self.events[row], total, share)
