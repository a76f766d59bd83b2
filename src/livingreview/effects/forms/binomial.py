"""Events among people by arm, exactly binomial."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit, gammaln, logsumexp

from livingreview.effects.forms.arms import Arms
from livingreview.effects.forms.form import Baselines, Floats, Indices, Row, Tensor
from livingreview.effects.forms.log_probabilities import softplus
from livingreview.effects.forms.shown import Shown
from livingreview.effects.refusal import Refusal
from livingreview.records.evidence.two_by_two import log_odds_ratio

# Size of the finest structure in the logit where all arms are empty or full. Each has likelihood
# exp(-n e^logit) or its mirror image, the same curve at any n; within 25 nats of the top two of
# them together are no narrower than a normal with n p (1 - p) = 25.
EMPTY_ARMS = 0.15
# Most numbers of the table of tails of one study.
MOST_NUMBERS = 20_000_000


def wald(
    events_treated: Floats, n_treated: Floats, events_control: Floats, n_control: Floats
) -> tuple[Floats, Floats]:
    """Log odds ratio and standard error; half an event is added to all cells where one is empty."""
    cells = np.array(
        np.broadcast_arrays(
            events_treated, n_treated - events_treated, events_control, n_control - events_control
        ),
        dtype=float,
    )
    cells = cells + 0.5 * (cells == 0).any(axis=0)
    a, b, c, d = cells
    return np.log(a * d / (b * c)), np.sqrt((1 / cells).sum(axis=0))


def binomial_quantiles(probability: Floats, n: Floats, p: Floats) -> Floats:
    """Events at a probability of as many or fewer; arrays of shapes that broadcast."""
    from scipy import stats  # takes a second, and only simulations need it

    return stats.binom.ppf(probability, n, p)


@dataclass(frozen=True, eq=False)
class Binomial(Arms):
    """Rows of people with the outcome out of those observed."""

    name = "binomial"
    law = "{events:g} of {total:g} in arm {arm} ~ Binomial(expit(α + θ · {treated:g}))"

    @staticmethod
    def estimate(term: Row, control: Row | None) -> tuple[float, float]:
        """Log odds ratio and Woolf's error."""
        assert control is not None
        return log_odds_ratio(term["events"], term["total"], control["events"], control["total"])

    @classmethod
    def shown(cls, term: Row, control: Row | None, share: float) -> Shown:
        """As events of people."""
        assert control is not None
        arms = [(arm["events"], arm["total"]) for arm in (term, control)]
        # Effective events and people of a clustered study have decimals; one is shown.
        numbers = " against ".join(f"{round(e, 1):.10g} of {round(n, 1):.10g}" for e, n in arms)
        return Shown.normal(*cls.estimate(term, control), numbers)

    @property
    def control_shares(self) -> tuple[Indices, Floats, Floats]:
        """Of the control arms."""
        rows, logit, error = self.levels_of_controls
        return self.effect_of_row[rows], logit, error

    @property
    def levels_of_controls(self) -> tuple[Indices, Floats, Floats]:
        """Logits; half an event is added where an arm is empty or full."""
        rows = np.flatnonzero(self.treated == 0)
        events, others = self.events[rows], self.total[rows] - self.events[rows]
        empty = 0.5 * ((events == 0) | (others == 0))
        events, others = events + empty, others + empty
        return rows, np.log(events / others), np.sqrt(1 / events + 1 / others)

    def kernel(self, rows: Indices, x: Floats) -> Floats:
        """Binomial, without the coefficient."""
        events, total = self._shaped(rows, x)
        return events * x - total * softplus(x)

    def slopes(self, rows: Indices, x: Floats) -> tuple[Floats, Floats]:
        """By the logit."""
        events, total = self._shaped(rows, x)
        p = expit(x)
        return events - total * p, total * p * (1 - p)

    def arm_constants(self, rows: Indices) -> Floats:
        """Binomial coefficients."""
        e, n = self.events[rows], self.total[rows]
        return gammaln(n + 1) - gammaln(e + 1) - gammaln(n - e + 1)

    def unbounded(self, rows: Indices) -> bool:
        """All arms empty or full."""
        events, total = self.events[rows], self.total[rows]
        return bool(((events == 0) | (events == total)).all())

    def finest(self, rows: Indices) -> float:
        """Of arms that are empty or full."""
        return EMPTY_ARMS

    def _shaped(self, rows: Indices, x: Floats) -> tuple[Floats, Floats]:
        """Events and people beside x."""
        shape = (-1, *(1,) * (x.ndim - 1))
        return self.events[rows].reshape(shape), self.total[rows].reshape(shape)

    def arm_tensor(self, numbers: dict[str, Tensor], x: Tensor) -> Tensor:
        """Exact, the coefficient included."""
        import pytensor.tensor as pt  # takes a second, and integration works without it

        events, total, constants = (
            self._tensor_of(numbers, name) for name in ("events", "total", "constants")
        )
        return constants + events * x - total * pt.softplus(x)

    def wald(self, treated: Indices, control: Indices) -> tuple[Floats, Floats]:
        """Log odds ratio and Woolf's error."""
        events, total = self.events, self.total
        return wald(events[..., treated], total[treated], events[..., control], total[control])

    def set_people(self, people: Floats) -> None:
        """Those of both arms; effective ones where clusters were assigned."""
        rows = self.rows_of_effects
        people[self.effect[rows]] = self.total[rows] + self.total[self.control[rows]]

    def set_widths(self, widths: Floats) -> None:
        """As if all events were of the rarer sort."""
        variance = 1 / (np.minimum(self.events, self.total - self.events) + 0.5)
        rows = self.rows_of_effects
        widths[self.effect[rows]] = np.sqrt(variance[self.control[rows]] + variance[rows])

    def stabilised_events(self, rows: Indices) -> Floats:
        """Arcsine of the root of the share (Anscombe 1948, Biometrika 35, 246-254)."""
        return np.arcsin(np.sqrt((self.events[rows] + 0.375) / (self.total[rows] + 0.75)))

    @staticmethod
    def stabilised_mean(arms: dict[str, Any], x: Any, library: Any) -> Any:
        """The same of the probability: asin(sqrt(p)) = atan(exp(x / 2)), which has no pole."""
        return library.arctan(library.exp(0.5 * x))

    def events_at(self, x: Floats, probability: Floats) -> Floats:
        """Binomial quantiles."""
        return binomial_quantiles(probability, self.total.astype(int), expit(x))

    def draw_events(self, x: Floats, rng: np.random.Generator) -> Floats:
        """Binomial."""
        return rng.binomial(self.total.astype(int), expit(x)).astype(float)

    def add_tails(self, below: Floats, upto: Floats, theta: Floats, baselines: Baselines) -> None:
        """Of the treated arm's events, given the total of both arms.

        They have Fisher's noncentral hypergeometric distribution, which is free of the control
        logit (Fisher 1935, JRSS 98, 39-82; McCullagh and Nelder 1989, section 7.3.2). Effective
        counts of clustered studies need not be whole: events then move in steps of one from
        those observed.
        """
        controls = self.control
        for treated in self.rows_of_effects:
            effect, control = self.effect[treated], controls[treated]
            a, n_treated = self.events[treated], self.total[treated]
            c, n_control = self.events[control], self.total[control]
            fewer, more = int(min(a, n_control - c)), int(min(n_treated - a, c))
            shift = np.arange(-fewer, more + 1)
            if shift.size * theta.size > MOST_NUMBERS:
                raise Refusal(f"a study has {a + c:g} events, too many to tabulate")
            x, y = a + shift, c - shift
            cells = (x, n_treated - x, y, n_control - y)
            ways = -sum(gammaln(cell + 1) for cell in cells)
            log_p = ways[:, None] + x[:, None] * theta
            log_p -= logsumexp(log_p, axis=0)
            with np.errstate(divide="ignore"):
                below[effect] = logsumexp(log_p[shift < 0], axis=0) if fewer else -np.inf
            upto[effect] = logsumexp(log_p[shift <= 0], axis=0)
