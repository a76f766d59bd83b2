r"""A risk ratio or a hazard ratio, whose odds ratio hangs on the control share.

The log of the ratio is normal around its value at :math:`\theta` and the control logit
:math:`\alpha`. With :math:`p_0` and :math:`p_1` the shares at :math:`\alpha` and
:math:`\alpha + \theta`, that is :math:`\log p_1 / p_0`, or under proportional hazards
:math:`\log[\log(1 - p_1) / \log(1 - p_0)]`. The control logit is the study's own where one is
known; else it is normal around one location for all studies of the outcome, which every control
share on record informs (docs/methods.md, "Ratios of risks and of hazards").
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.special import expit, log_ndtr

from livingreview.base.rounding import significant
from livingreview.effects.forms.averaging import averaged, averaged_at
from livingreview.effects.forms.form import (
    Baselines,
    Dimensions,
    Floats,
    Form,
    Indices,
    Reported,
    Row,
    SharedErrors,
    Tensor,
    Truth,
    known_shares,
    numbers_of,
)
from livingreview.effects.forms.log_probabilities import softplus
from livingreview.effects.forms.shared_errors import SharedNodes
from livingreview.effects.forms.shown import Shown
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior
from livingreview.records.evidence.statements import SIGNIFICANT_Z

HAZARD_RATIO = "hazard_ratio"


@dataclass(frozen=True, eq=False)
class Ratio(Form):
    """Rows of ratios of risks or of hazards.

    Attributes
    ----------
    baseline : ndarray of int, shape (row,)
    value, error : ndarray, shape (row,)
        Log of the ratio and its standard error.
    hazard : ndarray of bool, shape (row,)
        Whether it is a hazard ratio.
    share_row : ndarray of int, shape (share,)
        Rows whose study's own control share is known.
    share_logit, share_error : ndarray, shape (share,)
        Its logit and standard error.
    effects, baselines : int
        Sizes of these dimensions.
    """

    baseline: Indices
    value: Floats
    error: Floats
    hazard: Indices
    share_row: Indices
    share_logit: Floats
    share_error: Floats
    effects: int
    baselines: int

    name = "ratio"
    has_residual = True
    law = "{value:.3f} ~ Normal(log {measure} at α and θ, {standard_error:.3f}²)"

    @classmethod
    def from_terms(cls, terms: pd.DataFrame, dimensions: Dimensions) -> Self:
        """Rows of terms."""
        return cls(
            effect=dimensions.positions(terms["effect_id"], dimensions.effects),
            study=dimensions.positions(terms["study_id"], dimensions.studies),
            significant_z=numbers_of(terms, "z_significant", SIGNIFICANT_Z),
            baseline=dimensions.positions(terms["baseline_id"], dimensions.baselines),
            value=numbers_of(terms, "value"),
            error=numbers_of(terms, "standard_error"),
            hazard=(terms["measure"] == HAZARD_RATIO).to_numpy(dtype=np.int64),
            **known_shares(terms),
            effects=len(dimensions.effects),
            baselines=len(dimensions.baselines),
        )

    @staticmethod
    def control_prior(priors: BaselinePriors, term: Row) -> Prior:
        """The study's own share where it is known, else around the outcome's location."""
        if pd.notna(term["share_logit"]):
            return Prior("normal", (float(term["share_logit"]), float(term["share_error"])))
        return Prior("normal", (priors.share_location.arguments[0], priors.share_spread))

    @property
    def located_baselines(self) -> Indices:
        """Control logits around the outcome's location."""
        return np.delete(self.baseline, self.share_row)

    @property
    def control_shares(self) -> tuple[Indices, Floats, Floats]:
        """Those that are known."""
        return self.effect[self.share_row], self.share_logit, self.share_error

    @staticmethod
    def log_ratio(hazard: Any, theta: Any, logit: Any, softplus: Any, library: Any) -> Any:
        """Log of the ratio; `library` is numpy or pytensor.tensor."""
        risk = _log_risk_ratio(theta, logit, softplus)
        return library.where(hazard > 0, _log_hazard_ratio(theta, logit, softplus, library), risk)

    def tensor(
        self,
        numbers: dict[str, Tensor],
        theta: Tensor,
        logit: Tensor | None,
        shared: SharedErrors | None = None,
    ) -> Tensor:
        """Normal densities of the logs."""
        from livingreview.effects.forms.tensors import log_normal_density  # slow to import

        value, error = (self._tensor_of(numbers, name) for name in ("value", "error"))
        centre = self._centre(theta, logit)
        if shared is not None:
            centre = centre + error * shared.common[self.effect]
            error = error * shared.kept[self.effect]
        return log_normal_density(value, error, centre)

    def residual(self, numbers: dict[str, Tensor], theta: Tensor, logit: Tensor | None) -> Tensor:
        """Of the log of the ratio."""
        value, error = (self._tensor_of(numbers, name) for name in ("value", "error"))
        return (value - self._centre(theta, logit)) / error

    def _centre(self, theta: Tensor, logit: Tensor | None) -> Tensor:
        """Log of the ratio that each row is normal around, shape (row,)."""
        import pytensor.tensor as pt  # takes a second, and integration works without it

        from livingreview.effects.forms.tensors import elements

        effect = elements(theta, self.effect, self.effects)
        control = elements(logit, self.baseline, self.baselines)
        return self.log_ratio(self.hazard, effect, control, pt.softplus, pt)

    def _averaged(
        self,
        row: int,
        theta: Floats,
        baselines: Baselines,
        log_probability: Callable[[Floats], Floats],
        kept: float = 1.0,
    ) -> Floats:
        """Log of a probability of a row's z, the control logit integrated out, shape (point,).

        `log_probability`: of (value - log ratio) / error.
        """
        at = self.baseline[row]
        prior = float(baselines.location[at]), float(baselines.scale[at])
        finest = self._finest(row, prior[1], kept)

        def log_likelihood(logit: Floats, part: Floats) -> Floats:
            return log_probability(self._z(row, part, logit))

        return averaged(*prior, theta, finest, log_likelihood)

    def _z(self, row: int, theta: Floats, logit: Floats) -> Floats:
        """Error of a row's value in units of its standard error, shape (node, point)."""
        with np.errstate(divide="ignore"):
            # Not both and then one of them, as this is most of the work of a table.
            centre = (
                _log_hazard_ratio(theta, logit, softplus, np)
                if self.hazard[row] > 0
                else _log_risk_ratio(theta, logit, softplus)
            )
        return (self.value[row] - centre) / self.error[row]

    def _finest(self, row: int, scale: float, kept: float) -> float:
        """Largest step of a sum over the control logit.

        As the log of the ratio turns by at most one unit per unit of logit, its density times the
        prior is no narrower than both of them multiplied. In steps of 0.9 times that, the sum is
        exact to ten digits.
        """
        return 0.9 * float((self.error[row] * kept) ** -2.0 + scale**-2.0) ** -0.5

    def _log_density(self, row: int, z: Floats, common: Floats | float, kept: float) -> Floats:
        """Log density of a row's value, given what its error shares with others, as of `z`."""
        constant = np.log(self.error[row] * kept * np.sqrt(2 * np.pi))
        return -0.5 * ((z - common) / kept) ** 2 - constant

    def _density(
        self, row: int, theta: Floats, baselines: Baselines, common: float, kept: float
    ) -> Floats:
        """The same, averaged over the control logit."""

        def log_probability(z: Floats) -> Floats:
            return self._log_density(row, z, common, kept)

        return self._averaged(row, theta, baselines, log_probability, kept)

    def add_to_table(self, table: Floats, theta: Floats, baselines: Baselines) -> None:
        """Normal densities, averaged over the control logit."""
        for row, effect in enumerate(self.effect):
            table[effect] += self._density(row, theta, baselines, 0.0, 1.0)

    def tables_given(
        self, row: int, theta: Floats, baselines: Baselines, shared: SharedNodes
    ) -> Floats:
        """Normal densities given what errors share, shape (node, point)."""
        return np.stack(
            [self._density(row, theta, baselines, float(g), shared.kept) for g in shared.common]
        )

    def add_located(
        self, tables: Floats, theta: Floats, baselines: Baselines, locations: Floats
    ) -> None:
        """Normal densities, averaged over the control logit around each location."""
        alone = SharedNodes.of(1, 0.0)
        for row, effect in enumerate(self.effect):
            of_row = self.located_given(row, theta, baselines, alone, locations)
            tables[:, effect] += of_row[:, 0]

    def located_given(
        self,
        row: int,
        theta: Floats,
        baselines: Baselines,
        shared: SharedNodes,
        locations: Floats,
    ) -> Floats:
        """As `tables_given`; of a row without a control share of its own, around each location."""
        if row in self.share_row:
            return super().located_given(row, theta, baselines, shared, locations)
        scale = float(baselines.scale[self.baseline[row]])
        common = shared.common[:, None, None]

        def log_likelihood(logit: Floats, part: Floats) -> Floats:
            return self._log_density(row, self._z(row, part, logit), common, shared.kept)

        finest = self._finest(row, scale, shared.kept)
        return averaged_at(locations, scale, theta, finest, log_likelihood, common.size)

    def add_tails(self, below: Floats, upto: Floats, theta: Floats, baselines: Baselines) -> None:
        """The normal distribution, averaged over the control logit."""
        for row, effect in enumerate(self.effect):
            tail = self._averaged(row, theta, baselines, log_ndtr)
            below[effect] = upto[effect] = tail

    def set_widths(self, widths: Floats) -> None:
        """Standard errors: a log ratio turns no faster than the log odds ratio."""
        widths[self.effect] = self.error

    def set_printing_errors(self, errors: Floats, baselines: Baselines) -> None:
        """On the scale of the log odds ratio, by the slope without an effect."""
        p = expit(baselines.location[self.baseline])
        slope = np.where(self.hazard > 0, p / -np.log1p(-p), 1 - p)
        errors[self.effect] = self.error / slope

    def drawn(
        self, truth: Truth, rng: np.random.Generator, by_law: bool = False
    ) -> tuple[Self, Floats]:
        """Logs of ratios with their errors."""
        theta, logit = truth.theta[..., self.effect], truth.logit[..., self.baseline]
        centre = self.log_ratio(self.hazard, theta, logit, softplus, np)
        errors = truth.errors(self.effect, rng.standard_normal(theta.shape)) * self.error
        return replace(self, value=centre + errors), (centre + errors) / self.error

    def reported(self) -> Reported:
        """Whether each is significant; as odds ratios they are not known."""
        z = self.value / self.error
        verdict = np.where(np.abs(z) > self.significant_z, np.sign(z), 0.0)
        nothing = np.full(z.shape, np.nan)
        return Reported(self.effect, nothing, nothing, verdict)

    @classmethod
    def shown(cls, term: Row, control: Row | None, share: float) -> Shown:
        """As an odds ratio at the study's own control share, else at the one that is assumed."""
        own = term["share_logit"]
        p0 = share if math.isnan(own) else float(expit(own))
        hazard = term["measure"] == HAZARD_RATIO
        reach = SIGNIFICANT_Z * term["standard_error"]
        ratios = [math.exp(term["value"] + x) for x in (0.0, -reach, reach)]
        numbers = (
            f"{term['measure'].replace('_', ' ')} {significant(ratios[0])}"
            f" ({significant(ratios[1])} to {significant(ratios[2])})"
        )
        centre, low, high = (_log_odds_ratio(ratio, p0, hazard) for ratio in ratios)
        return Shown(centre, low, high, numbers=numbers)


def _log_risk_ratio(theta: Any, logit: Any, softplus: Any) -> Any:
    """Log of p1 / p0."""
    return softplus(-logit) - softplus(-logit - theta)


def _log_hazard_ratio(theta: Any, logit: Any, softplus: Any, library: Any) -> Any:
    """Log of log(1 - p1) / log(1 - p0)."""
    return library.log(softplus(logit + theta)) - library.log(softplus(logit))


def _log_odds_ratio(ratio: float, p0: float, hazard: bool) -> float:
    """Log odds ratio of a ratio at a control share; infinite where the ratio makes it certain."""
    p1 = 1 - (1 - p0) ** ratio if hazard else p0 * ratio
    if p1 >= 1:
        return math.inf
    return math.log(p1 / (1 - p1)) - math.log(p0 / (1 - p0))
