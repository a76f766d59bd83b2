"""Tables of stage 4: checks of every fit."""

from __future__ import annotations

from pandera.typing import Series

from livingreview.tables.table import PROBABILITY, Column, Table


class Sampling(Table, file="4_checks/sampling.csv"):
    """One row per fit and reported quantity, with its sampling diagnostics."""

    fit: Series[str]
    quantity: Series[str]
    r_hat: Series[float] = Column(ge=0)
    ess_bulk: Series[float] = Column(gt=0)
    ess_tail: Series[float] = Column(gt=0)
    mcse_mean: Series[float] = Column("Monte Carlo standard error of the mean.", ge=0)


class Trajectories(Table, file="4_checks/trajectories.csv"):
    """One row per fit, with the diagnostics of its Hamiltonian trajectories."""

    fit: Series[str]
    transitions: Series[int] = Column("Transitions of all chains after warm-up.", gt=0)
    divergences: Series[int] = Column(ge=0)
    e_bfmi: Series[float] = Column("Smallest over the chains.", ge=0)


class Parity(Table, file="4_checks/parity.csv"):
    """One row per statistic that both engines give."""

    fit: Series[str]
    quantity: Series[str]
    statistic: Series[str] = Column("Mean, standard deviation or quantile.")
    nuts: Series[float] = Column("Its value by sampling.")
    quadrature: Series[float] = Column("Its value by numerical integration.")
    mcse: Series[float] = Column("Monte Carlo standard error of the sampler.", ge=0)
    errors_apart: Series[float] = Column(
        "Difference in such errors; of a quantile, in errors of its level.", ge=0
    )
    agrees: Series[bool] = Column("Whether they differ by no more than the protocol allows.")


class Predictive(Table, file="4_checks/predictive.csv"):
    """One row per fit and statistic of the reports, predicted by prior or posterior."""

    fit: Series[str]
    based_on: Series[str] = Column(
        "Whether prior or posterior predicts.", isin=["prior", "posterior"]
    )
    statistic: Series[str] = Column(
        "Statistic of the reports of all studies.",
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
    )
    observed: Series[float] = Column(
        "Its value in the evidence; empty where nothing compares.", nullable=True
    )
    q2_5: Series[float] = Column("Quantiles over replicated reviews.")
    q50: Series[float] = Column("Median over replicated reviews.")
    q97_5: Series[float] = Column("Quantile at 97.5% over replicated reviews.")
    p_at_least: Series[float] = Column(
        "Share of replicated reviews at or above.", nullable=True, **PROBABILITY
    )
    p_at_most: Series[float] = Column(
        "Share of replicated reviews at or below.", nullable=True, **PROBABILITY
    )


class Influence(Table, file="4_checks/influence.csv"):
    """One row per fit and study: how well the other studies predict it."""

    fit: Series[str]
    study_id: Series[str]
    elpd: Series[float] = Column("Log predictive density, given the others.")
    pareto_k: Series[float] = Column("Shape of the tail of the weights.")
    pit: Series[float] = Column(
        "Predictive probability of a report below the study's, given the others;"
        " drawn evenly within a step where reports are discrete.",
        **PROBABILITY,
    )
    refitted: Series[bool] = Column("Exact, by a fit without the study.")


class LeftOut(Table, file="4_checks/left_out.csv"):
    """One row per fit, study left out, and quantity."""

    fit: Series[str]
    study_id: Series[str] = Column("The study left out.")
    quantity: Series[str]
    mean: Series[float]
    sd: Series[float] = Column(ge=0)
    q50: Series[float]
    p_above_zero: Series[float] = Column(
        "Posterior probability that the quantity is above 0, without the study.", **PROBABILITY
    )
    pareto_k: Series[float] = Column("Shape of the tail of the weights; high values were refitted.")


class PowerScaling(Table, file="4_checks/power_scaling.csv"):
    """One row per fit and quantity: how far prior and likelihood move it."""

    fit: Series[str]
    quantity: Series[str]
    prior: Series[float] = Column("Sensitivity to power-scaling the prior.", ge=0)
    likelihood: Series[float] = Column("Sensitivity to power-scaling the likelihood.", ge=0)
    diagnosis: Series[str] = Column(
        "What both sensitivities together say.",
        isin=["none", "prior_data_conflict", "strong_prior_or_weak_likelihood"],
    )


class Reml(Table, file="4_checks/reml.csv"):
    """One row per fit and coefficient: the posterior beside restricted maximum likelihood."""

    fit: Series[str]
    quantity: Series[str]
    reml: Series[float] = Column("Estimate by restricted maximum likelihood, log odds ratio scale.")
    standard_error: Series[float] = Column("Of that estimate.", gt=0)
    tau: Series[float] = Column("Of REML.", ge=0)
    mean: Series[float] = Column("Of the posterior.")
    sd: Series[float] = Column(gt=0)
    sds_apart: Series[float] = Column(
        "Distance of the posterior mean from it, in posterior standard deviations.", ge=0
    )


class Unchecked(Table, file="4_checks/unchecked.csv"):
    """One row per fit and table of checks in which it does not appear, with the reason."""

    fit: Series[str]
    table: Series[str] = Column(
        "Table of checks that lacks the fit.",
        isin=["predictive", "influence", "power_scaling", "reml"],
    )
    reason: Series[str]


class Checks(Table, file="4_checks/checks.csv"):
    """One row per check."""

    check: Series[str] = Column("What was checked, such as `r_hat` or `pareto_k`.")
    fit: Series[str] = Column("Outcome and model; the outcome alone for evidence.")
    quantity: Series[str] = Column("The worst one.")
    value: Series[float] = Column("What was found.", nullable=True)
    threshold: Series[float] = Column("Limit in the protocol.")
    verdict: Series[str] = Column(
        "`stop` ends the build, `warn` is told in the report.", isin=["pass", "warn", "stop"]
    )
    file_: Series[str] = Column("Table that holds the figures behind the check.", alias="file")
