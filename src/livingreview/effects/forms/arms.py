r"""Two arms or more, each with a number of events, that share a control arm's level.

The linear predictor of an arm is :math:`x = \alpha`, plus :math:`\theta` in a treated arm. The
control level :math:`\alpha` is integrated by Gauss-Hermite quadrature around the mode of its
posterior at each :math:`\theta` (Liu and Pierce 1994, Biometrika 81, 624-629); where counts bound
it on one side at most, by a trapezium sum over its prior.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from livingreview.effects.forms.averaging import averaged
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
from livingreview.effects.forms.shared_control import Arm, SharedControl
from livingreview.effects.forms.shared_errors import SharedNodes
from livingreview.records.evidence.statements import SIGNIFICANT_Z

HERMITE_NODES = 40
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(HERMITE_NODES)
_LOG_WEIGHTS = np.log(_WEIGHTS) - 0.5 * np.log(2 * np.pi)
_NEWTON_STEPS = 60
# Numbers of each step where there are many steps: arrays so small are not fresh memory each time.
CACHED = 10_000


@dataclass(frozen=True, eq=False)
class Arms(Form):
    """Rows are arms.

    Attributes
    ----------
    baseline : ndarray of int, shape (arm,)
    treated : ndarray, shape (arm,)
        1 in a treated arm, 0 in a control arm.
    events, total : ndarray, shape (arm,)
        Effective, and not always whole, where clusters were assigned.
    effects, baselines : int
        Sizes of these dimensions.
    """

    baseline: Indices
    treated: Floats
    events: Floats
    total: Floats
    effects: int
    baselines: int

    has_residual = True
    # Fields that `stabilised_mean` needs.
    stabilised_by: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def _columns(cls, terms: pd.DataFrame, dimensions: Dimensions) -> dict[str, object]:
        """Fields that every form of arms has."""
        return {
            "effect": dimensions.effects_of(terms),
            "study": dimensions.positions(terms["study_id"], dimensions.studies),
            "baseline": dimensions.positions(terms["baseline_id"], dimensions.baselines),
            "treated": numbers_of(terms, "treated"),
            "events": numbers_of(terms, "events"),
            "total": numbers_of(terms, "total"),
            "significant_z": numbers_of(terms, "z_significant", SIGNIFICANT_Z),
            "effects": len(dimensions.effects),
            "baselines": len(dimensions.baselines),
        }

    @classmethod
    def from_terms(cls, terms: pd.DataFrame, dimensions: Dimensions) -> Self:
        """Rows of terms."""
        return cls(**cls._columns(terms, dimensions))  # type: ignore[arg-type]

    @property
    def rows_of_effects(self) -> Indices:
        """Treated arms."""
        return np.flatnonzero(self.treated > 0)

    def rows_for(self, effects: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Treated arms of the effects, and the control arms that these are compared with."""
        treated = (self.treated > 0) & effects[self.effect]
        return treated | (self.treated == 0) & np.isin(self.baseline, self.baseline[treated])

    @property
    def control(self) -> Indices:
        """Row of the control arm that each arm is compared with, shape (arm,)."""
        controls = np.flatnonzero(self.treated == 0)
        row_of = {self.baseline[row]: row for row in controls}
        return np.array([row_of[baseline] for baseline in self.baseline], dtype=np.int64)

    @property
    def effects_with_shared_control(self) -> Indices:
        """Effects of treated arms of which several have one control arm."""
        rows = self.rows_of_effects
        times = np.bincount(self.baseline[rows], minlength=self.baselines)
        return self.effect[rows[times[self.baseline[rows]] > 1]]

    @property
    def control_levels(self) -> tuple[Indices, Floats, Floats]:
        """As the counts have them."""
        rows, level, error = self.levels_of_controls
        return self.baseline[rows], level, error

    @property
    @abstractmethod
    def levels_of_controls(self) -> tuple[Indices, Floats, Floats]:
        """Row, level and its standard error of each control arm, as it stands."""

    @property
    def effect_of_row(self) -> Indices:
        """Effect of each arm; of a control arm, the first that is compared with it."""
        rows = self.rows_of_effects[::-1]
        of_baseline = dict(zip(self.baseline[rows], self.effect[rows], strict=True))
        return np.array([of_baseline[baseline] for baseline in self.baseline], dtype=np.int64)

    @abstractmethod
    def kernel(self, rows: Indices, x: Floats) -> Floats:
        """Log likelihood of arms without what does not depend on x, shape of `x` (arm, ...)."""

    @abstractmethod
    def slopes(self, rows: Indices, x: Floats) -> tuple[Floats, Floats]:
        """First and negative second derivative of `kernel` by x."""

    @abstractmethod
    def arm_constants(self, rows: Indices) -> Floats:
        """What `kernel` leaves out, shape (arm,)."""

    def constants(self, rows: Indices) -> float:
        """Sum over arms of what `kernel` leaves out."""
        return float(self.arm_constants(rows).sum())

    @property
    def numbers(self) -> dict[str, Floats]:
        """With what does not depend on x: made once, and not at every step of a sampler."""
        rows = np.arange(self.effect.size)
        return super().numbers | {
            f"{self.name}_constants": self.arm_constants(rows),
            f"{self.name}_stabilised": self.stabilised_events(rows),
            f"{self.name}_residual_sd": self.residual_sd(rows),
        }

    @abstractmethod
    def unbounded(self, rows: Indices) -> bool:
        """Whether the arms together bound the control level on one side at most."""

    @abstractmethod
    def finest(self, rows: Indices) -> float:
        """Size of the finest structure in the control level of arms that do not bound it."""

    @abstractmethod
    def arm_tensor(self, numbers: dict[str, Tensor], x: Tensor) -> Tensor:
        """Log likelihood of each arm, shape (arm,)."""

    @abstractmethod
    def wald(self, treated: Indices, control: Indices) -> tuple[Floats, Floats]:
        """Effect and standard error of arms as they stand, shape (..., effect row)."""

    @abstractmethod
    def stabilised_events(self, rows: Indices) -> Floats:
        """Events of arms on the scale on which their error hardly depends on x, shape (arm,)."""

    @staticmethod
    @abstractmethod
    def stabilised_mean(arms: dict[str, Any], x: Any, library: Any) -> Any:
        """What `stabilised_events` are expected to be.

        Parameters
        ----------
        arms : dict
            The fields of `stabilised_by`, in shapes that broadcast with x.
        x : ndarray or tensor, shape (arm, ...)
        library : module
            numpy or pytensor.tensor.
        """

    def residual_sd(self, rows: Indices) -> Floats:
        """Standard deviation on that scale of an arm less its control, shape (arm,)."""
        return np.sqrt(0.25 / self.total[rows] + 0.25 / self.total[self.control[rows]])

    def residual(self, numbers: dict[str, Tensor], theta: Tensor, logit: Tensor | None) -> Tensor:
        """Standardised difference of the errors of each treated arm and its control."""
        return self._arm_residual(numbers, self._predictor(numbers, theta, logit))[
            self.rows_of_effects
        ]

    def _arm_residual(self, numbers: dict[str, Tensor], x: Tensor) -> Tensor:
        """The same for all arms, 0 of control arms, shape (arm,)."""
        import pytensor.tensor as pt  # takes a second, and integration works without it

        arms = {name: self._tensor_of(numbers, name) for name in self.stabilised_by}
        events, sd = (self._tensor_of(numbers, name) for name in ("stabilised", "residual_sd"))
        error = events - self.stabilised_mean(arms, x, pt)
        return (error - error[self.control]) / sd

    def _predictor(self, numbers: dict[str, Tensor], theta: Tensor, logit: Tensor | None) -> Tensor:
        """Linear predictor of each arm, shape (arm,)."""
        from livingreview.effects.forms.tensors import elements  # as above

        control = elements(logit, self.baseline, self.baselines)
        effect = elements(theta, self.effect, self.effects)
        return control + self._tensor_of(numbers, "treated") * effect

    def tensor(
        self,
        numbers: dict[str, Tensor],
        theta: Tensor,
        logit: Tensor | None,
        shared: SharedErrors | None = None,
    ) -> Tensor:
        """Log likelihood of each arm; what errors share stands with the treated arm."""
        x = self._predictor(numbers, theta, logit)
        terms = self.arm_tensor(numbers, x)
        if shared is None:
            return terms
        # The law of the arms' standardised difference given what it shares, over that without.
        residual = self._arm_residual(numbers, x)
        kept = shared.kept[self.effect]
        scaled = (residual - shared.common[self.effect]) / kept
        share = -0.5 * scaled**2 + 0.5 * residual**2 - np.log(kept)
        return terms + np.where((self.treated > 0) & (kept < 1), 1.0, 0.0) * share

    def add_to_table(self, table: Floats, theta: Floats, baselines: Baselines) -> None:
        """Arms that share a control level, with the level integrated out.

        One effect to a control level: several need the level outside of their product.
        """
        arms = pd.Series(self.baseline).groupby(self.baseline).indices
        for baseline, rows in arms.items():
            prior = float(baselines.location[baseline]), float(baselines.scale[baseline])
            integrate = self._unbounded if self.unbounded(rows) else self._bounded
            effect = self.effect[rows[self.treated[rows] > 0][0]]
            table[effect] += integrate(rows, prior, theta) + self.constants(rows)

    def tables_given(
        self, row: int, theta: Floats, baselines: Baselines, shared: SharedNodes
    ) -> Floats:
        """Counts of a treated arm and of a control arm that no other is compared with."""
        treated, control = np.array([row]), self.control[[row]]
        rows = np.concatenate([control, treated])
        baseline = self.baseline[row]
        prior = float(baselines.location[baseline]), float(baselines.scale[baseline])
        if self.unbounded(rows):

            def at_node(common: float) -> Floats:
                def log_share(logit: Floats, part: Floats) -> Floats:
                    residual = self._residual_of(treated, control, logit, part)
                    return _log_share(residual, common, shared.kept)

                return self._unbounded(rows, prior, theta, log_share)

            tables = np.stack([at_node(float(common)) for common in shared.common])
        else:

            def log_shares(logit: Floats, part: Floats) -> Floats:
                residual = self._residual_of(treated, control, logit, part)
                return _log_share(residual, shared.common[:, None, None], shared.kept)

            tables = self._bounded(rows, prior, theta, log_shares)
        return tables + self.constants(rows)

    def _residual_of(
        self, treated: Indices, control: Indices, logit: Floats, theta: Floats
    ) -> Floats:
        """Standardised difference of the errors of two arms, shape of `logit`."""
        error, of_control = (
            self.stabilised_events(arm)[:, None, None]
            - self.stabilised_mean(
                {name: getattr(self, name)[arm, None, None] for name in self.stabilised_by},
                x[None],
                np,
            )
            for arm, x in ((treated, logit + theta), (control, logit + 0.0 * theta))
        )
        return ((error - of_control) / self.residual_sd(treated)[:, None, None])[0]

    def add_shared_covariance(self, covariance: Floats) -> None:
        """The control arm's own variance.

        Gleser and Olkin 1994, Handbook of Research Synthesis, ch. 22. It is half of that of the
        difference of two such arms.
        """
        rows = self.rows_of_effects
        variance = self.wald(self.control[rows], self.control[rows])[1] ** 2 / 2
        same = self.baseline[rows] == self.baseline[rows, None]
        np.fill_diagonal(same, False)
        covariance[np.ix_(self.effect[rows], self.effect[rows])] += np.where(same, variance, 0.0)

    def shared_controls(self, study: int, baselines: Baselines) -> list[SharedControl]:
        """Control arms of a study that several of its effects are compared with."""
        rows = self.rows_of_effects[self.study[self.rows_of_effects] == study]
        controls = []
        for baseline in np.unique(self.baseline[rows]):
            treated = rows[self.baseline[rows] == baseline]
            if treated.size > 1:
                prior = float(baselines.location[baseline]), float(baselines.scale[baseline])
                arms = tuple(self._arm(int(row)) for row in treated)
                controls.append(SharedControl(*prior, self._arm(self.control[treated[0]]), arms))
        return controls

    def _arm(self, row: int) -> Arm:
        """Log likelihood and curvature of one arm as functions of its linear predictor."""
        rows = np.array([row])
        constant = self.constants(rows)
        return Arm(
            log_likelihood=lambda x: self.kernel(rows, x[None])[0] + constant,
            curvature=lambda x: self.slopes(rows, x[None])[1][0],
        )

    def _unbounded(
        self,
        rows: Indices,
        prior: tuple[float, float],
        theta: Floats,
        log_share: Callable[[Floats, Floats], Floats] | None = None,
    ) -> Floats:
        """Far out the level is as free as its prior has it.

        `log_share`: log of a factor of the likelihood, of the level and the effect.
        """
        arms = [(np.array([row]), self.treated[row]) for row in rows]

        def log_likelihood(logit: Floats, part: Floats) -> Floats:
            log_l = sum(self.kernel(row, (logit + t * part)[None])[0] for row, t in arms)
            return log_l if log_share is None else log_l + log_share(logit, part)

        return averaged(*prior, theta, self.finest(rows), log_likelihood)

    def _bounded(
        self,
        rows: Indices,
        prior: tuple[float, float],
        theta: Floats,
        log_shares: Callable[[Floats, Floats], Floats] | None = None,
    ) -> Floats:
        """Close to normal around the level's mode.

        `log_shares`: logs of factors of the likelihood, shape (factor, node, point), of the level
        and the effect; the result then has shape (factor, point).
        """
        location, scale = prior
        shift = self.treated[rows, None, None] * theta
        # Mode in the control level: the log posterior is concave.
        mode = np.full((1, 1, theta.size), location)
        for _ in range(_NEWTON_STEPS):
            first, second = self.slopes(rows, mode + shift)
            slope = first.sum(axis=0) - (mode[0] - location) / scale**2
            step = np.clip(slope / (second.sum(axis=0) + 1 / scale**2), -2.0, 2.0)
            mode = mode + step
            if np.abs(step).max() < 1e-12:
                break
        second = self.slopes(rows, mode + shift)[1]
        sd = 1 / np.sqrt(second.sum(axis=0) + 1 / scale**2)
        # Weights are for a standard normal: divide its density out, and add the change of scale.
        log_weights = _LOG_WEIGHTS + 0.5 * _NODES**2 - np.log(scale)
        sums = []
        size = max(1, CACHED // (rows.size * HERMITE_NODES))
        for start in range(0, theta.size, size):
            part = slice(start, start + size)
            logit = mode[0, :, part] + sd[:, part] * _NODES[:, None]
            terms = self.kernel(rows, logit + shift[..., part]).sum(axis=0)
            terms -= 0.5 * ((logit - location) / scale) ** 2 - log_weights[:, None]
            if log_shares is not None:
                terms = terms + log_shares(logit, theta[part])
            peak = terms.max(axis=-2)
            of_nodes = np.exp(terms - peak[..., None, :]).sum(axis=-2)
            sums.append(np.log(of_nodes) + peak)
        return np.concatenate(sums, axis=-1) + np.log(sd[0])

    def set_printing_errors(self, errors: Floats, baselines: Baselines) -> None:
        """Errors of the counts as they are."""
        rows = self.rows_of_effects
        errors[self.effect[rows]] = self.wald(rows, self.control[rows])[1]

    def reported(self) -> Reported:
        """Effects of the counts as they are."""
        rows = self.rows_of_effects
        value, error = self.wald(rows, self.control[rows])
        return Reported.of_numbers(self.effect[rows], value, error, self.significant_z[rows])

    @abstractmethod
    def draw_events(self, x: Floats, rng: np.random.Generator) -> Floats:
        """Events of each arm at a linear predictor, shape (..., arm)."""

    @abstractmethod
    def events_at(self, x: Floats, probability: Floats) -> Floats:
        """Quantiles of the events of each arm, shape (..., arm)."""

    def drawn(
        self, truth: Truth, rng: np.random.Generator, by_law: bool = False
    ) -> tuple[Self, Floats]:
        """Events of each arm, and the z that they give."""
        x = truth.logit[..., self.baseline] + self.treated * truth.theta[..., self.effect]
        if truth.treated is None or truth.control is None:
            events = self.draw_events(x, rng)
        else:
            # Quantiles of correlated normal errors: each arm keeps its own law.
            of_control = self.treated == 0
            effect = self.effect_of_row
            common = np.where(
                of_control, truth.control.common[..., effect], truth.treated.common[..., effect]
            )
            errors = common + truth.treated.kept[effect] * rng.standard_normal(x.shape)
            events = self.events_at(x, ndtr(errors))
        form = replace(self, events=events)
        z = np.full(form.events.shape, np.nan)
        reported = form.reported()
        z[..., self.rows_of_effects] = reported.value / reported.error
        return form, z


def _log_share(residual: Floats, common: Floats | float, kept: float) -> Floats:
    """Log of the law of a residual given what it shares, over that without."""
    return -0.5 * ((residual - common) / kept) ** 2 + 0.5 * residual**2 - np.log(kept)
