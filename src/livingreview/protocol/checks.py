"""Limits of the checks, what follows when one is passed, and why."""

from __future__ import annotations

from typing import Literal

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


class CheckThresholds(Strict):
    """Limits of all checks of a fit and of its evidence."""

    r_hat_at_most: Threshold
    ess_bulk_at_least: Threshold
    ess_tail_at_least: Threshold
    divergences_at_most: Threshold
    e_bfmi_at_least: Threshold
    parity_errors_at_most: Threshold
    duplicate_evidence_at_most: Threshold = Field(
        description="Pairs of studies whose analysed numbers on an outcome are the same."
    )
    prior_effect_at_most: Threshold = Field(
        description="Effect, either way, that one new study in twenty exceeds a priori."
    )
    prior_predictive_p_at_least: Threshold = Field(
        description="Smallest tail probability of the reports under the prior."
    )
    posterior_predictive_p_at_least: Threshold = Field(
        description="Smallest tail probability of the reports under the posterior."
    )
    pareto_k_at_most: Threshold = Field(
        description="Of leave-one-out weights; beyond it the fit is made again without the study."
    )
    loo_pit_p_at_least: Threshold = Field(
        description="Probability of the most outlying study, given the others; all studies tried."
    )
    prior_sensitivity_at_most: Threshold = Field(description="Of power-scaling the prior.")
    likelihood_sensitivity_at_least: Threshold = Field(
        description="Of power-scaling the likelihood."
    )
    reml_sds_at_most: Threshold = Field(
        description="Posterior standard deviations between REML and the posterior mean."
    )
    small_group_sds_at_most: Threshold = Field(
        description=(
            "Posterior standard deviations by which the law or the test assumed of statements"
            " from groups of fewer than 50 people moves a median."
        )
    )
