"""Calibration of the `quadrature` engine: the truth must fall where its quantiles say.

Truth is drawn from the prior and studies are simulated from it, as for the sampler. The
engine has quantiles instead of draws, so it is asked how often the truth falls below
each of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from livingreview.calibration import made_up_studies, reports
from livingreview.calibration_cases import BASELINE, PRIORS, SIZES
from livingreview.dataset import Dataset, Floats, dataset
from livingreview.moderators import DesignMatrix, design_matrix
from livingreview.protocol.moderators import Coding
from livingreview.quadrature.engine import STATISTICS, answer
from livingreview.quadrature.marginals import LEVELS
from livingreview.simulation import study_effects

# Probability of each interval between reported quantiles.
SHARES = np.diff([0.0, *LEVELS, 1.0])
LIMIT = math.log(1.1)


@dataclass(frozen=True)
class QuadratureCase:
    """Made-up studies and a design on which to calibrate the engine."""

    data: Dataset
    design: DesignMatrix


def quadrature_cases() -> dict[str, QuadratureCase]:
    """All cases, by name: each of the engine's ways of integrating."""
    estimates, mixed = _estimates(), made_up_studies(SIZES, {"outcome": BASELINE})
    return {
        "estimates": QuadratureCase(estimates, _design(estimates, False)),
        "estimates_coefficient": QuadratureCase(estimates, _design(estimates, True)),
        "mixed": QuadratureCase(mixed, _design(mixed, False)),
    }


def _estimates() -> Dataset:
    """Studies that all report an estimate with its standard error."""
    names = [f"study_{i}" for i in range(len(SIZES))]
    terms = pd.DataFrame(
        {
            "study_id": names,
            "effect_id": names,
            "likelihood": "normal",
            "log_odds_ratio": 0.0,
            "standard_error": 3.3 / np.sqrt(SIZES),
        }
    )
    empty = ("treated", "events", "total", "z_low", "z_high", "n_treated", "n_control")
    return dataset(terms.assign(**dict.fromkeys((*empty, "baseline_id"), np.nan)), BASELINE)


def _design(data: Dataset, with_moderator: bool) -> DesignMatrix:
    """No columns, or one that alternates between studies."""
    levels = ["a" if i % 2 == 0 else "b" for i in range(len(data.studies))]
    studies = pd.DataFrame({"study_id": data.studies, "moderator_group": levels})
    coding = Coding(kind="categorical", levels=["a", "b"])
    return design_matrix(studies, {"group": coding} if with_moderator else {})


def placed_truths(case: QuadratureCase, sets: range, seed: int) -> pd.DataFrame:
    """Interval between quantiles into which the truth falls, in some of the data sets.

    Parameters
    ----------
    case : QuadratureCase
    sets : range
        Which data sets; each has its own seed, so splitting them changes nothing.
    seed : int

    Returns
    -------
    DataFrame
        Columns data_set, quantity, interval (0 to 5).

    Raises
    ------
    RuntimeError
        If the engine withholds an answer.
    """
    data, design = case.data, case.design
    rows = []
    for i in sets:
        rng = np.random.default_rng([seed, i])
        truth = _drawn_truth(design, rng)
        expected = truth["mu"] + design.columns @ truth["beta"]
        theta = study_effects(data, expected[data.effect_study], float(truth["tau"]), rng)
        logit = rng.normal(data.baseline_location, data.baseline_scale)
        drawn = reports(data, {"theta": theta, "baseline_logit": logit}, rng)
        result = answer(drawn, design, PRIORS, LIMIT)
        if not result.converged:
            raise RuntimeError(f"data set {i}: quantiles still move by {result.movement:.1e}")
        named = {"mu": truth["mu"], "tau": truth["tau"], "theta_new": truth["theta_new"]}
        named |= {
            f"beta[{name}]": value
            for name, value in zip(design.coefficients, truth["beta"], strict=True)
        }
        for quantity, value in named.items():
            quantiles = [result.quantities[quantity][s] for s in STATISTICS]
            rows.append((i, quantity, int(np.searchsorted(quantiles, value))))
    return pd.DataFrame(rows, columns=["data_set", "quantity", "interval"])


def _drawn_truth(design: DesignMatrix, rng: np.random.Generator) -> dict[str, Floats]:
    """Draw from the prior, by scipy."""
    mu = PRIORS.mu.distribution.rvs(random_state=rng)
    tau = PRIORS.spread.distribution.rvs(random_state=rng)
    return {
        "mu": mu,
        "tau": tau,
        "beta": PRIORS.beta.distribution.rvs(size=len(design.coefficients), random_state=rng),
        "theta_new": mu + tau * rng.standard_normal(),
    }


def quadrature_verdicts(table: pd.DataFrame, level: float = 0.01) -> pd.DataFrame:
    """Do truths fall into the intervals as often as they should? Chi-squared, Bonferroni.

    Parameters
    ----------
    table : DataFrame
        Columns of `livingreview.tables.PlacedTruths`.
    level : float
        Probability of a false alarm over all quantities.
    """
    rows = []
    for (case, quantity), group in table.groupby(["case", "quantity"], sort=False):
        counts = np.bincount(group["interval"], minlength=SHARES.size)
        p = float(stats.chisquare(counts, SHARES * len(group)).pvalue)
        within = counts / len(group)
        rows.append((case, quantity, len(group), within[1:5].sum(), within[2:4].sum(), p))
    columns = ["case", "quantity", "data_sets", "within_95", "within_90", "p_value"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["calibrated"] = frame["p_value"] > level / len(frame)
    return frame
