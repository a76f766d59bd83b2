"""Limits of the checks, what follows when one is passed, and why.

A limit that nothing can keep, or that everything keeps, is refused.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from livingreview.base.types import Text
from livingreview.base.validation import Strict


class Threshold(Strict):
    """A limit, what follows beyond it, and why."""

    value: float
    consequence: Literal["stop", "warn"] = Field(
        description="`stop` where a result would be wrong, `warn` where it would be fragile."
    )
    reason: Text


class FactorThreshold(Threshold):
    """A limit of a ratio that is 1 at best."""

    value: Annotated[float, Field(gt=1)]


class AmountThreshold(Threshold):
    """A limit of an amount."""

    value: Annotated[float, Field(gt=0)]


class CountThreshold(Threshold):
    """A limit of how often something may be."""

    value: Annotated[float, Field(ge=0)]


class ShareThreshold(Threshold):
    """A limit of what lies between nothing and all."""

    value: Annotated[float, Field(gt=0, le=1)]


class TailThreshold(Threshold):
    """A limit of the smaller of two tails, which is a half at most."""

    value: Annotated[float, Field(gt=0, lt=0.5)]


class CheckThresholds(Strict):
    """Limits of all checks of a fit and of its evidence."""

    r_hat_at_most: FactorThreshold
    ess_bulk_at_least: AmountThreshold
    ess_tail_at_least: AmountThreshold
    divergences_at_most: CountThreshold
    e_bfmi_at_least: ShareThreshold
    parity_errors_at_most: AmountThreshold
    duplicate_evidence_at_most: CountThreshold = Field(
        description="Pairs of studies whose analysed numbers on an outcome are the same."
    )
    prior_effect_at_most: AmountThreshold = Field(
        description="Effect, either way, that one new study in twenty exceeds a priori."
    )
    prior_predictive_p_at_least: TailThreshold = Field(
        description="Smallest tail probability of the reports under the prior."
    )
    posterior_predictive_p_at_least: TailThreshold = Field(
        description="Smallest tail probability of the reports under the posterior."
    )
    pareto_k_at_most: ShareThreshold = Field(
        description="Of leave-one-out weights; beyond it the fit is made again without the study."
    )
    loo_pit_p_at_least: TailThreshold = Field(
        description="Probability of the most outlying study, given the others; all studies tried."
    )
    prior_sensitivity_at_most: AmountThreshold = Field(description="Of power-scaling the prior.")
    likelihood_sensitivity_at_least: AmountThreshold = Field(
        description="Of power-scaling the likelihood."
    )
    reml_sds_at_most: AmountThreshold = Field(
        description="Posterior standard deviations between REML and the posterior mean."
    )
    small_group_sds_at_most: AmountThreshold = Field(
        description=(
            "Posterior standard deviations by which the law or the test assumed of statements"
            " from groups of fewer than 50 people moves a median."
        )
    )
