"""Calibration of the `quadrature` engine: the truth must fall where its quantiles say.

Truth is drawn from the prior and studies are simulated from it, as for the sampler. The
engine has quantiles instead of draws, so it is asked how often the truth falls below
each of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import cycle

import numpy as np
import pandas as pd
from scipy import stats

from livingreview.calibration.cases import (
    BASELINE,
    PRIORS,
    SIZES,
    SMALL_SIZES,
    made_up_studies,
    other_forms,
)
from livingreview.calibration.made_up_forms import UNIT_ERROR
from livingreview.calibration.nuts import reports
from livingreview.calibration.unknowns import with_drawn_shares
from livingreview.effects.data_set import Dataset, Floats, dataset
from livingreview.effects.design_matrix import DesignMatrix, design_matrix
from livingreview.effects.simulation import study_effects
from livingreview.models.quadrature.engine import STATISTICS, answer
from livingreview.models.quadrature.marginals import LEVELS
from livingreview.models.quadrature.pooled_effect import pooled_effects
from livingreview.models.quadrature.study_tables import StudyLikelihoods
from livingreview.protocol.moderators import Coding
from livingreview.tables.effects import Terms

# Probability of each interval between reported quantiles.
SHARES = np.diff([0.0, *LEVELS, 1.0])
LIMIT = math.log(1.1)
# Quantiles that still move by less will do. A review would not print them, as it asks for 1e-4; but
# the place of a truth among them hardly changes, and to leave them out would leave out the hardest
# data sets.
SETTLED = 1e-3
# Share of the data sets where one takes seconds.
SLOW = 0.1
# Number of data sets that are integrated together.
BATCH = 25


@dataclass(frozen=True)
class QuadratureCase:
    """Made-up studies and a design on which to calibrate the engine.

    Attributes
    ----------
    share : float
        Of the run's data sets, how many are made: fewer where one takes seconds.
    """

    data: Dataset
    design: DesignMatrix
    share: float = 1.0


def quadrature_cases() -> dict[str, QuadratureCase]:
    """All cases, by name: each of the engine's ways of integrating."""
    estimates, mixed = _estimates(), made_up_studies(SIZES, {"outcome": BASELINE})
    small = _small_groups()
    return {
        "estimates": QuadratureCase(estimates, _design(estimates)),
        "estimates_coefficient": QuadratureCase(estimates, _design(estimates, "ab")),
        "mixed": QuadratureCase(mixed, _design(mixed)),
        "mixed_two_coefficients": QuadratureCase(mixed, _design(mixed, "aaabbbccc"), SLOW),
        "small_groups": QuadratureCase(small, _design(small)),
        **{
            name: QuadratureCase(data, _design(data), SLOW if name == "unknown_sizes" else 1.0)
            for name, data in other_forms().items()
        },
    }


def _estimates() -> Dataset:
    """Studies that all report an estimate with its standard error."""
    names = [f"study_{i}" for i in range(len(SIZES))]
    terms = pd.DataFrame(
        {
            "study_id": names,
            "effect_id": names,
            "likelihood": "normal",
            "value": 0.0,
            "standard_error": UNIT_ERROR / np.sqrt(SIZES),
        }
    )
    return dataset(Terms.frame(terms.to_dict("records")), BASELINE)


def _small_groups() -> Dataset:
    """Statements from groups so small that they have an exact law."""
    rows = [
        {"study_id": f"study_{n}", "effect_id": f"study_{n}", "baseline_id": f"study_{n}"}
        | {"likelihood": "interval", "kind": "finding", "significance_test": test}
        | {"z_low": 0.0, "z_high": np.inf, "n_treated": n, "n_control": n + 3}
        for n, test in zip(SMALL_SIZES, cycle([None, "wald", "fisher"]), strict=False)
    ]
    return dataset(Terms.frame(rows), BASELINE)


def _design(data: Dataset, levels: str = "") -> DesignMatrix:
    """No columns, or those of a moderator; `levels` of one study after the other, over again."""
    if not levels:
        return design_matrix(pd.DataFrame({"study_id": data.studies}), {})
    values = [levels[i % len(levels)] for i in range(len(data.studies))]
    studies = pd.DataFrame({"study_id": data.studies, "moderator_group": values})
    coding = Coding(kind="categorical", levels=sorted(set(levels)))
    return design_matrix(studies, {"group": coding})


def placed_truths(case: QuadratureCase, sets: range, seed: int) -> pd.DataFrame:
    """Interval between quantiles into which the truth falls, in some of the data sets.

    Parameters
    ----------
    sets : range
        Which data sets; each has its own seed, so splitting them changes nothing.

    Returns
    -------
    DataFrame
        Columns data_set, quantity, interval (0 to 5).

    Raises
    ------
    RuntimeError
        If the engine withholds an answer.
    """
    rows = []
    for start in range(0, len(sets), BATCH):
        batch = sets[start : start + BATCH]
        truths, drawn = zip(*(_simulated(case, seed, i) for i in batch), strict=True)
        for i, truth, quantiles in zip(batch, truths, _answered(case, list(drawn)), strict=True):
            named = {"mu": truth["mu"], "tau": truth["tau"], "theta_new": truth["theta_new"]}
            named |= {
                f"beta[{name}]": value
                for name, value in zip(case.design.coefficients, truth["beta"], strict=True)
            }
            for quantity, value in named.items():
                rows.append((i, quantity, int(np.searchsorted(quantiles[quantity], value))))
    return pd.DataFrame(rows, columns=["data_set", "quantity", "interval"])


def _simulated(case: QuadratureCase, seed: int, i: int) -> tuple[dict[str, Floats], Dataset]:
    """Truth and reports of one data set."""
    data, design = case.data, case.design
    rng = np.random.default_rng([seed, i])
    truth = _drawn_truth(design, rng)
    expected = truth["mu"] + design.columns @ truth["beta"]
    theta = study_effects(data, expected[data.effect_study], float(truth["tau"]), rng)
    prior = data.baseline_prior
    if data.shares is not None:
        location = BASELINE.share_location.distribution.rvs(size=1, random_state=rng)
        data = with_drawn_shares(data, location, rng)
        prior = data.at_location(float(location[0])).baseline_prior
    logit = rng.normal(prior.location, prior.scale)
    return truth, reports(data, {"theta": theta, "baseline_logit": logit}, rng)


def _answered(case: QuadratureCase, drawn: list[Dataset]) -> list[dict[str, Floats]]:
    """Reported quantiles of each data set by quantity; many at once where the engine can."""
    normal = all(not np.isnan(data.estimates[1]).any() for data in drawn)
    # Nodes of the location of control shares are around that of one data set.
    if normal or case.design.coefficients or case.data.shares is not None:
        answers = [answer(data, case.design, PRIORS, LIMIT) for data in drawn]
        movement = max(result.movement for result in answers)
        quantiles = [
            {
                name: np.array([row[s] for s in STATISTICS])
                for name, row in result.quantities.items()
            }
            for result in answers
        ]
    else:
        membership = np.kron(np.eye(len(drawn), dtype=bool), np.ones(len(case.data.studies), bool))
        pooled = pooled_effects(
            StudyLikelihoods.from_readings(drawn), membership, PRIORS, LIMIT, with_new=True
        )
        assert pooled.new is not None
        movement = float(pooled.movement.max())
        marginals = {"mu": pooled.mu, "tau": pooled.tau, "theta_new": pooled.new}
        quantiles = [
            {name: marginal.quantiles[i] for name, marginal in marginals.items()}
            for i in range(len(drawn))
        ]
    if movement >= SETTLED:
        raise RuntimeError(f"quantiles still move by {movement:.1e}")
    return quantiles


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

    `level`: probability of a false alarm over all quantities.
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
