"""A fit together with the evidence, the design and the model that it was made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import xarray as xr

from livingreview.effects.data_set import Dataset, Floats, dataset
from livingreview.effects.design_matrix import DesignMatrix
from livingreview.effects.specification import Specification, included_terms, specify
from livingreview.models.fits import is_sampled
from livingreview.models.posterior import quantities
from livingreview.protocol.models import JOINT, ModelSpecification
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.tables.checks import Unchecked


@dataclass(frozen=True)
class Fit:
    """One fit of one outcome.

    Attributes
    ----------
    name : str
        ``outcome/model``.
    data : Dataset
        Evidence of the studies that the fit includes.
    design : DesignMatrix
        One row for each effect of the data.
    posterior : Dataset
        Draws, with dimensions chain and draw; of one that was not sampled, in one chain.
    high_risk : frozenset of str
        Studies at high risk of bias, of a model that asks for them.
    """

    name: str
    data: Dataset
    design: DesignMatrix
    model: ModelSpecification
    posterior: xr.Dataset
    high_risk: frozenset[str] = frozenset()

    def draws(self, variable: str) -> Floats:
        """Draws of a variable, chains one after the other, shape (draw, ...)."""
        values = self.posterior[variable].transpose("chain", "draw", ...).to_numpy()
        return values.reshape(-1, *values.shape[2:])

    def thinned(self, most: int) -> Fit:
        """The fit with at most `most` draws, evenly spaced in every chain."""
        sizes = self.posterior.sizes
        step = max(1, -(-sizes["chain"] * sizes["draw"] // most))
        return replace(self, posterior=self.posterior.isel(draw=slice(None, None, step)))

    @property
    def has_sd_within_study(self) -> bool:
        """Whether a study of the outcome gives several effects, be it in the fit or left out."""
        return "omega" in self.posterior

    @property
    def location(self) -> Floats:
        """Expected value of each effect, mu + x'beta, shape (draw, effect)."""
        return self._expected(self.design)

    @property
    def location_of_studies(self) -> Floats:
        """As `location`, shape (draw, study); refuses where effects of a study differ."""
        return self._expected(self.design_of_studies)

    @property
    def design_of_studies(self) -> DesignMatrix:
        """One row for each study of the data; refuses where effects of a study differ."""
        return self.design.of_studies(self.data.studies)

    def _expected(self, design: DesignMatrix) -> Floats:
        mu = self.draws("mu")[:, None]
        if not design.coefficients:
            return np.broadcast_to(mu, (len(mu), len(design.studies)))
        return mu + self.draws("beta") @ design.columns.T

    @property
    def pooled(self) -> dict[str, Floats]:
        """Draws of mu, both SDs, the coefficients, and the pooled effect in each setting."""
        return {
            name: draws
            for name, (_, draws) in quantities(self.posterior).items()
            if name in ("mu", "tau", "omega") or name.startswith(("beta[", "mu["))
        }


def assemble_fits(
    fits: Iterable[tuple[str, xr.DataTree]],
    terms: dict[str, pd.DataFrame],
    moderators: dict[str, pd.DataFrame],
    models: dict[str, ModelSpecification],
    baselines: dict[str, BaselinePriors],
    sampling_correlation: float,
) -> list[Fit]:
    """Combine each fit with its evidence, design and model; joint fits are left out.

    `terms`, `moderators`: rows of `livingreview.tables.effects.Terms` and `StudyModerators` by
    outcome.
    """
    assembled = []
    specified: dict[str, dict[str, Specification]] = {}
    # Most models see the same effects, of which tables are made once.
    made: dict[tuple[str, bool, bytes], Dataset] = {}
    for name, fit in fits:
        outcome, model = name.split("/")
        if outcome == JOINT:
            continue
        rows = terms[outcome]
        if outcome not in specified:
            specifications, _ = specify(models, moderators[outcome], rows)
            specified[outcome] = {s.name: s for s in specifications}
        specification = specified[outcome][model]
        design = specification.design
        key = outcome, is_sampled(fit), design.included.tobytes()
        if key not in made:
            data = dataset(included_terms(rows, design), baselines[outcome], sampling_correlation)
            # Draws are weighted with the law that they were drawn by; integration has an exact one.
            made[key] = data.with_statement_law("normal") if is_sampled(fit) else data
        data = made[key]
        design = design.of_effects(data.effect_studies, data.effects)
        posterior = fit["posterior"].to_dataset()
        assembled.append(Fit(name, data, design, models[model], posterior, specification.high_risk))
    return assembled


def unchecked_fits(fits: Iterable[tuple[str, xr.DataTree]]) -> pd.DataFrame:
    """Say of fits from which tables of checks they are missing, and why.

    Joint fits are not among those checked study by study; of a fit that was not sampled, there is
    no sampling to check.
    """
    joint = "a model of several outcomes; the fits of each outcome are checked instead"
    drawn = "not sampled, as its studies are too many: integrated, and drawn from the integral"
    rows = []
    for name, fit in fits:
        reasons: dict[str, str] = {}
        if name.split("/")[0] == JOINT:
            reasons = dict.fromkeys(("predictive", "influence", "power_scaling", "reml"), joint)
        elif not is_sampled(fit):
            reasons = dict.fromkeys(("sampling", "trajectories", "parity"), drawn)
        rows += [{"fit": name, "table": table, "reason": why} for table, why in reasons.items()]
    return Unchecked.frame(rows)
