"""An estimate with a known standard error."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from scipy.special import log_ndtr

from livingreview.effects.forms.form import (
    Baselines,
    Dimensions,
    Floats,
    Form,
    Reported,
    Row,
    SharedErrors,
    Tensor,
    Truth,
    numbers_of,
)
from livingreview.effects.forms.shared_errors import SharedNodes
from livingreview.effects.forms.shown import Shown
from livingreview.records.evidence.statements import SIGNIFICANT_Z


@dataclass(frozen=True, eq=False)
class Normal(Form):
    """Rows of estimates: value ~ Normal(theta, error^2).

    Attributes
    ----------
    value, error : ndarray, shape (row,)
    effects : int
        Number of effects of the data set.
    """

    value: Floats
    error: Floats
    effects: int

    has_baseline = False
    has_residual = True
    name = "normal"
    law = "{value:.3f} ~ Normal(θ, {standard_error:.3f}²)"

    @classmethod
    def from_terms(cls, terms: pd.DataFrame, dimensions: Dimensions) -> Self:
        """Rows of terms."""
        return cls(
            effect=dimensions.positions(terms["effect_id"], dimensions.effects),
            study=dimensions.positions(terms["study_id"], dimensions.studies),
            value=numbers_of(terms, "value"),
            error=numbers_of(terms, "standard_error"),
            significant_z=numbers_of(terms, "z_significant", SIGNIFICANT_Z),
            effects=len(dimensions.effects),
        )

    @staticmethod
    def estimate(term: Row, control: Row | None) -> tuple[float, float]:
        """As reported."""
        return term["value"], term["standard_error"]

    @classmethod
    def shown(cls, term: Row, control: Row | None, share: float) -> Shown:
        """As it is: an effect of the outcome's measure."""
        return Shown.normal(term["value"], term["standard_error"])

    def tensor(
        self,
        numbers: dict[str, Tensor],
        theta: Tensor,
        logit: Tensor | None,
        shared: SharedErrors | None = None,
    ) -> Tensor:
        """Normal densities."""
        from livingreview.effects.forms.tensors import (  # slow to import
            elements,
            log_normal_density,
        )

        value, error = (self._tensor_of(numbers, name) for name in ("value", "error"))
        centre = elements(theta, self.effect, self.effects)
        if shared is not None:
            centre = centre + error * shared.common[self.effect]
            error = error * shared.kept[self.effect]
        return log_normal_density(value, error, centre)

    def residual(self, numbers: dict[str, Tensor], theta: Tensor, logit: Tensor | None) -> Tensor:
        """Of the value."""
        from livingreview.effects.forms.tensors import elements  # as above

        value, error = (self._tensor_of(numbers, name) for name in ("value", "error"))
        return (value - elements(theta, self.effect, self.effects)) / error

    def set_printing_errors(self, errors: Floats, baselines: Baselines) -> None:
        """As reported."""
        errors[self.effect] = self.error

    def add_to_table(self, table: Floats, theta: Floats, baselines: Baselines) -> None:
        """Normal densities."""
        for row, effect in enumerate(self.effect):
            z = (self.value[row] - theta) / self.error[row]
            table[effect] += -0.5 * z**2 - np.log(self.error[row] * np.sqrt(2 * np.pi))

    def tables_given(
        self, row: int, theta: Floats, baselines: Baselines, shared: SharedNodes
    ) -> Floats:
        """Normal densities."""
        error = shared.kept * self.error[row]
        z = (self.value[row] - theta - self.error[row] * shared.common[:, None]) / error
        return -0.5 * z**2 - np.log(error * np.sqrt(2 * np.pi))

    def add_tails(self, below: Floats, upto: Floats, theta: Floats, baselines: Baselines) -> None:
        """The normal distribution."""
        for row, effect in enumerate(self.effect):
            below[effect] = upto[effect] = log_ndtr((self.value[row] - theta) / self.error[row])

    def set_widths(self, widths: Floats) -> None:
        """Standard errors."""
        widths[self.effect] = self.error

    def set_estimates(self, value: Floats, error: Floats) -> None:
        """As reported."""
        value[self.effect], error[self.effect] = self.value, self.error

    def drawn(
        self, truth: Truth, rng: np.random.Generator, by_law: bool = False
    ) -> tuple[Self, Floats]:
        """Values with their errors."""
        noise = rng.standard_normal((*truth.theta.shape[:-1], self.error.size))
        errors = truth.errors(self.effect, noise) * self.error
        value = truth.theta[..., self.effect] + errors
        return replace(self, value=value), value / self.error

    def reported(self) -> Reported:
        """As reported."""
        return Reported.of_numbers(self.effect, self.value, self.error, self.significant_z)
