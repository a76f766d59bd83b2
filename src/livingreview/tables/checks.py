"""Tables of stage 4: checks of every fit."""

from __future__ import annotations

from livingreview.tables.table import Column, Probability, Table


class Sampling(Table, file="4_checks/sampling.csv"):
    """One row per fit and reported quantity, with its sampling diagnostics."""

    fit: str
    quantity: str
    r_hat: float = Column(ge=0)
    ess_bulk: float = Column(gt=0)
    ess_tail: float = Column(gt=0)
    mcse_mean: float = Column("Monte Carlo standard error of the mean.", ge=0)


class Trajectories(Table, file="4_checks/trajectories.csv"):
    """One row per fit, with the diagnostics of its Hamiltonian trajectories."""

    fit: str
    transitions: int = Column("Transitions of all chains after warm-up.", gt=0)
    divergences: int = Column(ge=0)
    e_bfmi: float = Column("Smallest over the chains.", ge=0)


class Parity(Table, file="4_checks/parity.csv"):
    """One row per statistic that both engines give."""

    fit: str
    quantity: str
    statistic: str = Column("Mean, standard deviation or quantile.")
    nuts: float = Column("Its value by sampling.")
    quadrature: float = Column("Its value by numerical integration.")
    mcse: float = Column("Monte Carlo standard error of the sampler.", ge=0)
    errors_apart: float = Column(
        "Difference in such errors; of a quantile, in errors of its level.", ge=0
    )
    agrees: bool = Column("Whether they differ by no more than the protocol allows.")


class Predictive(Table, file="4_checks/predictive.csv"):
    """One row per fit and statistic of the reports, predicted by prior or posterior."""

    fit: str
    based_on: str = Column("Whether prior or posterior predicts.", isin=["prior", "posterior"])
    statistic: str = Column(
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
    observed: float = Column(
        "Its value in the evidence; empty where nothing compares.", nullable=True
    )
    q2_5: float = Column("Quantiles over replicated reviews.")
    q50: float = Column("Median over replicated reviews.")
    q97_5: float = Column("Quantile at 97.5% over replicated reviews.")
    p_at_least: float = Probability("Share of replicated reviews at or above.", nullable=True)
    p_at_most: float = Probability("Share of replicated reviews at or below.", nullable=True)


class Influence(Table, file="4_checks/influence.csv"):
    """One row per fit and study: how well the other studies predict it."""

    fit: str
    study_id: str
    elpd: float = Column("Log predictive density, given the others.")
    pareto_k: float = Column("Shape of the tail of the weights.")
    pit: float = Probability(
        "Predictive probability of a report below the study's, given the others;"
        " drawn evenly within a step where reports are discrete."
    )
    refitted: bool = Column("Exact, by a fit without the study.")


class LeftOut(Table, file="4_checks/left_out.csv"):
    """One row per fit, study left out, and quantity."""

    fit: str
    study_id: str = Column("The study left out.")
    quantity: str
    mean: float
    sd: float = Column(ge=0)
    q50: float
    p_above_zero: float = Probability(
        "Posterior probability that the quantity is above 0, without the study."
    )
    pareto_k: float = Column("Shape of the tail of the weights; high values were refitted.")


class PowerScaling(Table, file="4_checks/power_scaling.csv"):
    """One row per fit and quantity: how far prior and likelihood move it."""

    fit: str
    quantity: str
    prior: float = Column("Sensitivity to power-scaling the prior.", ge=0)
    likelihood: float = Column("Sensitivity to power-scaling the likelihood.", ge=0)
    diagnosis: str = Column(
        "What both sensitivities together say.",
        isin=["none", "prior_data_conflict", "strong_prior_or_weak_likelihood"],
    )


class Reml(Table, file="4_checks/reml.csv"):
    """One row per fit and coefficient: the posterior beside restricted maximum likelihood."""

    fit: str
    quantity: str
    reml: float = Column("Estimate by restricted maximum likelihood, scale of θ.")
    standard_error: float = Column("Of that estimate.", gt=0)
    tau: float = Column("Of REML.", ge=0)
    omega: float = Column(
        "Of REML, within studies; empty where each study gives one effect.", nullable=True, ge=0
    )
    mean: float = Column("Of the posterior.")
    sd: float = Column(gt=0)
    sds_apart: float = Column(
        "Distance of the posterior mean from it, in posterior standard deviations.", ge=0
    )


class SmallGroups(Table, file="4_checks/small_groups.csv"):
    """One row per fit with statements from small groups, and quantity: what their law moves."""

    fit: str
    quantity: str = Column(isin=["mu", "tau"])
    exact: float = Column("Median with the exact law; Pearson's test where a source names none.")
    normal: float = Column("Median with the normal law, as in sampling.")
    wald: float = Column("Median with the exact law; Wald's test where a source names none.")
    sd: float = Column("Posterior standard deviation with the exact law.", gt=0)
    p_above_zero: float = Probability("With the exact law.")
    p_above_zero_normal: float = Probability("With the normal law.")
    p_above_zero_wald: float = Probability("With Wald's test.")
    normal_sds: float = Column(
        "Distance of the median with the normal law, in those standard deviations.", ge=0
    )
    wald_sds: float = Column(
        "Distance of the median with Wald's test, in those standard deviations.", ge=0
    )


class Unchecked(Table, file="4_checks/unchecked.csv"):
    """One row per fit and table of checks in which it does not appear, with the reason."""

    fit: str
    table: str = Column(
        "Table of checks that lacks the fit.",
        isin=[
            "sampling",
            "trajectories",
            "parity",
            "predictive",
            "influence",
            "power_scaling",
            "reml",
        ],
    )
    reason: str


class Checks(Table, file="4_checks/checks.csv"):
    """One row per check."""

    check: str = Column("What was checked, such as `r_hat` or `pareto_k`.")
    fit: str = Column("Outcome and model; the outcome alone for evidence.")
    quantity: str = Column("The worst one.")
    value: float = Column("What was found.", nullable=True)
    threshold: float = Column("Limit in the protocol.")
    verdict: str = Column(
        "`stop` ends the build, `warn` is told in the report.", isin=["pass", "warn", "stop"]
    )
    file_: str = Column("Table that holds the figures behind the check.", alias="file")
