"""Tables of stage 4: checks of every fit."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from livingreview.tables.table import PROBABILITY, Table


class Sampling(Table, file="4_checks/sampling.csv"):
    """One row per fit and reported quantity, with its sampling diagnostics."""

    fit: Series[str]
    quantity: Series[str]
    r_hat: Series[float] = pa.Field(ge=0)
    ess_bulk: Series[float] = pa.Field(gt=0)
    ess_tail: Series[float] = pa.Field(gt=0)
    mcse_mean: Series[float] = pa.Field(ge=0, description="Monte Carlo standard error of the mean.")


class Trajectories(Table, file="4_checks/trajectories.csv"):
    """One row per fit, with the diagnostics of its Hamiltonian trajectories."""

    fit: Series[str]
    transitions: Series[int] = pa.Field(
        gt=0, description="Transitions of all chains after warm-up."
    )
    divergences: Series[int] = pa.Field(ge=0)
    e_bfmi: Series[float] = pa.Field(ge=0, description="Smallest over the chains.")


class Parity(Table, file="4_checks/parity.csv"):
    """One row per statistic that both engines give."""

    fit: Series[str]
    quantity: Series[str]
    statistic: Series[str] = pa.Field(description="Mean, standard deviation or quantile.")
    nuts: Series[float] = pa.Field(description="Its value by sampling.")
    quadrature: Series[float] = pa.Field(description="Its value by numerical integration.")
    mcse: Series[float] = pa.Field(ge=0, description="Monte Carlo standard error of the sampler.")
    errors_apart: Series[float] = pa.Field(
        ge=0, description="Difference in such errors; of a quantile, in errors of its level."
    )
    agrees: Series[bool] = pa.Field(
        description="Whether they differ by no more than the protocol allows."
    )


class Predictive(Table, file="4_checks/predictive.csv"):
    """One row per fit and statistic of the reports, predicted by prior or posterior."""

    fit: Series[str]
    based_on: Series[str] = pa.Field(
        isin=["prior", "posterior"], description="Whether prior or posterior predicts."
    )
    statistic: Series[str] = pa.Field(
        isin=[
            "pooled_effect",
            "new_effect",
            "spread",
            "smallest",
            "largest",
            "significant_increases",
            "significant_decreases",
            "not_significant",
        ],
        description="Statistic of the reports of all studies.",
    )
    observed: Series[float] = pa.Field(
        nullable=True, description="Its value in the evidence; empty where nothing compares."
    )
    q2_5: Series[float] = pa.Field(description="Quantiles over replicated reviews.")
    q50: Series[float] = pa.Field(description="Median over replicated reviews.")
    q97_5: Series[float] = pa.Field(description="Quantile at 97.5% over replicated reviews.")
    p_at_least: Series[float] = pa.Field(
        nullable=True, **PROBABILITY, description="Share of replicated reviews at or above."
    )
    p_at_most: Series[float] = pa.Field(
        nullable=True, **PROBABILITY, description="Share of replicated reviews at or below."
    )


class Influence(Table, file="4_checks/influence.csv"):
    """One row per fit and study: how well the other studies predict it."""

    fit: Series[str]
    study_id: Series[str]
    elpd: Series[float] = pa.Field(description="Log predictive density, given the others.")
    pareto_k: Series[float] = pa.Field(description="Shape of the tail of the weights.")
    pit: Series[float] = pa.Field(
        **PROBABILITY,
        description="Predictive probability of a report below the study's, given the others;"
        " drawn evenly within a step where reports are discrete.",
    )
    refitted: Series[bool] = pa.Field(description="Exact, by a fit without the study.")


class LeftOut(Table, file="4_checks/left_out.csv"):
    """One row per fit, study left out, and quantity."""

    fit: Series[str]
    study_id: Series[str] = pa.Field(description="The study left out.")
    quantity: Series[str]
    mean: Series[float]
    sd: Series[float] = pa.Field(ge=0)
    q50: Series[float]
    p_above_zero: Series[float] = pa.Field(
        **PROBABILITY,
        description="Posterior probability that the quantity is above 0, without the study.",
    )
    pareto_k: Series[float] = pa.Field(
        description="Shape of the tail of the weights; high values were refitted."
    )


class PowerScaling(Table, file="4_checks/power_scaling.csv"):
    """One row per fit and quantity: how far prior and likelihood move it."""

    fit: Series[str]
    quantity: Series[str]
    prior: Series[float] = pa.Field(ge=0, description="Sensitivity to power-scaling the prior.")
    likelihood: Series[float] = pa.Field(
        ge=0, description="Sensitivity to power-scaling the likelihood."
    )
    diagnosis: Series[str] = pa.Field(
        isin=["none", "prior_data_conflict", "strong_prior_or_weak_likelihood"],
        description="What both sensitivities together say.",
    )


class Reml(Table, file="4_checks/reml.csv"):
    """One row per fit and coefficient: the posterior beside restricted maximum likelihood."""

    fit: Series[str]
    quantity: Series[str]
    reml: Series[float] = pa.Field(
        description="Estimate by restricted maximum likelihood, log odds ratio scale."
    )
    standard_error: Series[float] = pa.Field(gt=0, description="Of that estimate.")
    tau: Series[float] = pa.Field(ge=0, description="Of REML.")
    mean: Series[float] = pa.Field(description="Of the posterior.")
    sd: Series[float] = pa.Field(gt=0)
    sds_apart: Series[float] = pa.Field(
        ge=0,
        description="Distance of the posterior mean from it, in posterior standard deviations.",
    )


class Unchecked(Table, file="4_checks/unchecked.csv"):
    """One row per fit and table of checks in which it does not appear, with the reason."""

    fit: Series[str]
    table: Series[str] = pa.Field(
        isin=["predictive", "influence", "power_scaling", "reml"],
        description="Table of checks that lacks the fit.",
    )
    reason: Series[str]


class Checks(Table, file="4_checks/checks.csv"):
    """One row per check."""

    check: Series[str] = pa.Field(description="What was checked, such as `r_hat` or `pareto_k`.")
    fit: Series[str] = pa.Field(description="Outcome and model; the outcome alone for evidence.")
    quantity: Series[str] = pa.Field(description="The worst one.")
    value: Series[float] = pa.Field(nullable=True, description="What was found.")
    threshold: Series[float] = pa.Field(description="Limit in the protocol.")
    verdict: Series[str] = pa.Field(
        isin=["pass", "warn", "stop"],
        description="`stop` ends the build, `warn` is told in the report.",
    )
    file_: Series[str] = pa.Field(
        alias="file", description="Table that holds the figures behind the check."
    )
