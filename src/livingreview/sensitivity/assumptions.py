"""What stage 6 assumes of studies in place of what the protocol assumes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from livingreview.effects.data_set import Dataset, dataset
from livingreview.protocol.outcomes import AS_PLANNED, BaselinePriors
from livingreview.protocol.priors import Prior

# Known group sizes are larger than those that sources leave out, so the prior of these is moved.
SIZE_FACTORS = {"half_as_many_people": 0.5, "twice_as_many_people": 2.0}
CORRELATIONS = {"independent_errors": 0.0, "closely_correlated_errors": 0.8}


@dataclass(frozen=True)
class Assumptions:
    """What is assumed of the arms of studies, and of the errors of their effects.

    Attributes
    ----------
    about : {"planned", "baseline", "sizes", "correlation", "shares"}
        What is assumed otherwise than the protocol does: the outcome's frequency in the control
        arm, group sizes that are not known, the correlation of the errors of several effects
        of one study, or the control shares behind risk and hazard ratios.
    priors : BaselinePriors
    correlation : float
    shares : Prior, optional
        Of each control logit behind a ratio, in place of one location for all.
    """

    about: Literal["planned", "baseline", "sizes", "correlation", "shares"]
    priors: BaselinePriors
    correlation: float
    shares: Prior | None = None

    def concerned(self, data: Dataset) -> NDArray[np.bool_]:
        """Whether the likelihood of each study hangs on them, shape (study,)."""
        concerned = np.zeros(len(data.studies), dtype=bool)
        forms = data.forms.values()
        match self.about:
            case "baseline":
                for form in forms:
                    concerned[data.baseline_study[form.findings_baselines]] = True
            case "sizes":
                for form in forms:
                    concerned[data.effect_study[form.effects_of_unknown_sizes]] = True
            case "correlation":
                concerned[data.effect_study[data.study_group >= 0]] = True
            case "shares":
                for form in forms:
                    concerned[data.baseline_study[form.located_baselines]] = True
            case _:
                concerned[:] = True
        return concerned

    def data_set(self, terms: pd.DataFrame, with_shares: bool = False) -> Dataset:
        """Arrays of terms of one outcome under these assumptions.

        `with_shares`: as of `livingreview.effects.data_set.dataset`.
        """
        data = dataset(terms, self.priors, self.correlation, with_shares)
        return data if self.shares is None else data.with_control_shares(self.shares)


def assumptions_to_vary(
    terms: pd.DataFrame, priors: BaselinePriors, settings: dict[str, Prior], correlation: float
) -> dict[str, Assumptions]:
    """Assumptions by name, the planned ones first.

    Parameters
    ----------
    terms : DataFrame
        Of the outcome, maybe none: what none of its studies hangs on is not varied.
    settings : dict of Prior
        Of the control logit behind a finding; each is always there, as the protocol names it.
        They serve the control logits behind ratios as well.
    """
    every = {AS_PLANNED: Assumptions("planned", priors, correlation)}
    for name, prior in settings.items():
        changed = priors.model_copy(update={"findings": prior})
        every[name] = Assumptions("baseline", changed, correlation)
    if terms.empty:
        return every
    data = dataset(terms, priors, correlation)
    if data.needs_size_prior:
        assert priors.sizes is not None
        location, scale = priors.sizes.arguments
        for name, factor in SIZE_FACTORS.items():
            moved = Prior(priors.sizes.family, (location + math.log(factor), scale))
            changed = priors.model_copy(update={"sizes": moved})
            every[name] = Assumptions("sizes", changed, correlation)
    if data.has_several_effects:
        for name, other in CORRELATIONS.items():
            if other != correlation:
                every[name] = Assumptions("correlation", priors, other)
    if data.shares is not None:
        for name, prior in settings.items():
            every[f"ratios_{name}"] = Assumptions("shares", priors, correlation, prior)
    return every
