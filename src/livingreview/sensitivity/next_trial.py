r"""What would change our mind, and towards what: where a trial of a given size moves the verdict.

Assume that the pooled log odds ratio is m. A trial's own effect then is
:math:`\theta \sim N(m, \tau^2)`, with :math:`\tau` from its posterior given
:math:`\mu = m`: what we believe of the spread, were that the truth. With n people an arm and
control probability p it reports

.. math:: y \sim N(\theta, s^2), \qquad
          s^2 = \frac{1}{n p (1 - p)} + \frac{1}{n p_1 (1 - p_1)}, \quad
          \mathrm{logit}\,p_1 = \mathrm{logit}\,p + \theta

Where studies give several effects, the trial gives one of them, and the variance of
:math:`\theta` is :math:`\tau^2 + \omega^2`. The studies are pooled again with it, and the
protocol's rules give a verdict. The same random numbers serve every size and effect, so that
these differ by more than chance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.interpolate import RectBivariateSpline
from scipy.special import logit, ndtr, ndtri

from livingreview.base.measures import Measure
from livingreview.effects.data_set import dataset
from livingreview.effects.refusal import Refusal
from livingreview.effects.specification import refuse_unless_plain
from livingreview.models.quadrature.locations import likelihoods_of
from livingreview.models.quadrature.marginals import Floats
from livingreview.models.quadrature.new_trial import CurrentPosterior, VerdictProbabilities
from livingreview.protocol.decisions import Decisions
from livingreview.protocol.models import ModelSpecification
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.sensitivity import NextTrial
from livingreview.records.evidence.two_by_two import woolf_error
from livingreview.sensitivity.moves import move, says_all, truth_of, verdict_of, verdicts_of
from livingreview.synthesis.size import LearntSizes, enough_numbers_with
from livingreview.tables.sensitivity import NextTrialChances, NextTrialSummary

# Measures of which no trial is simulated, as its standard error would need more than the protocol
# states.
NOT_SIMULATED = {
    "rate_ratio": "the protocol states no rate to expect in the control arm of a new trial",
    "mean_difference": "the protocol states no spread of the score to expect in a new trial",
}
# Standard error of a trial that carries no information: gives the posterior without a trial.
NO_TRIAL = 1e6
# Grid of values and standard errors on which posteriors are computed: number of values, and ratio
# of neighbouring standard errors. Posteriors of the simulated trials are interpolated.
VALUES = 101
ERROR_RATIO = 1.2
# Share of trials at either end that lie outside the grid and get the posterior at its end. They
# are so far out that the verdict is the same, and a grid that includes them would be huge.
OUTSIDE = 1e-4
# The values of the grid are about equally spaced up to this log odds ratio, and wider beyond it.
NEAR = 0.5
# Probabilities are interpolated as normal quantiles, which are smooth; those nearer to 0 or 1 than
# this are set to this distance.
EXTREME = 1e-12
# Where a verdict may move.
MOVES = ("towards", "away", "cannot_tell")
# Why no size is named, or what it does not say.
SAID = "the verdict says so already, and no verdict says more"
STILL_FEW = "with one study more there are still too few for a verdict"
ONE_PLACE = "one trial tells of one place, and the verdict speaks of the average over places"


def simulate_next_trial(
    current: CurrentPosterior,
    studies: int,
    control_probability: float,
    plan: NextTrial,
    rules: Decisions,
    seed: int,
    learnt_now: bool,
    learnt_then: NDArray[np.bool_],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Chances that a trial moves the verdict, by size and assumed effect; and their summary.

    `learnt_now`, `learnt_then`: whether the size of the pooled effect is learnt without a trial,
    and with one of each size, so that it may be called practically none.
    """
    before = current.with_trial(np.zeros(1), np.array([NO_TRIAL]))
    near_now = before.near[0, 0] if learnt_now else np.nan
    now = verdict_of(before.above[0, 0], near_now, studies, rules)
    values, errors = trials(current, control_probability, plan, seed)
    after = read_off(current, values, errors)
    near_then = np.where(learnt_then[:, None], after.near, np.nan)
    after = VerdictProbabilities(after.above, near_then)
    verdicts, which = verdicts_of(after, studies + 1, rules)
    effects, sizes = plan.true_effects, plan.people_per_arm
    chances: list[dict[str, Any]] = []
    summary: list[dict[str, Any]] = []
    for effect, of_effect in zip(effects, which, strict=True):
        truth = truth_of(math.log(effect), current.limit)
        goes = np.array([move(new, now, truth, rules) for new in verdicts])[of_effect]
        shares = {name: (goes == name).mean(axis=-1) for name in MOVES}
        for i, size in enumerate(sizes):
            row: dict[str, Any] = {"true_effect": effect, "people_per_arm": size}
            for name, share in shares.items():
                row[f"p_{name}"] = p = float(share[i])
                row[f"mcse_{name}"] = math.sqrt(p * (1 - p) / plan.simulations)
            chances.append(row | {"simulations": plan.simulations})
        last = {f"p_{name}": float(share[-1]) for name, share in shares.items()}
        known = {"verdict_now": now.words, "true_effect": effect, "truth": truth}
        size_and_reason = _smallest(sizes, shares["towards"], plan.power)
        if says_all(now, truth, rules):
            size_and_reason = {"smallest_per_arm": None, "reason": SAID}
        elif studies + 1 < rules.fewest_studies_for_a_verdict:
            size_and_reason["reason"] = STILL_FEW
        summary.append(known | last | size_and_reason | {"largest_per_arm": sizes[-1]})
    return pd.DataFrame(chances), pd.DataFrame(summary)


@dataclass(frozen=True)
class TrialOutcome:
    """An outcome whose verdict a trial may move.

    Attributes
    ----------
    terms : DataFrame
        Rows of `livingreview.tables.effects.Terms`.
    baseline : BaselinePriors
        Of the control logits of the studies at hand.
    control_probability : float
        Expected in the trial's control arm.
    """

    name: str
    terms: pd.DataFrame
    baseline: BaselinePriors
    control_probability: float


def next_trial_tables(
    outcome: TrialOutcome,
    model: ModelSpecification,
    plan: NextTrial,
    rules: Decisions,
    sampling_correlation: float,
    seed: int,
    measure: Measure,
    learnt: LearntSizes,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulate the next trial of an outcome, or say why that cannot be done.

    `model`: `overall` of the protocol, on which the verdicts rest.
    """
    chances: list[dict[str, Any]] = []
    try:
        refuse_unless_plain(model, outcome.terms)
        if measure.name in NOT_SIMULATED:
            raise Refusal(NOT_SIMULATED[measure.name])
        data = dataset(outcome.terms, outcome.baseline, sampling_correlation)
        likelihoods = likelihoods_of([data])
        tables = simulate_next_trial(
            CurrentPosterior(likelihoods, model.priors, measure.limit_on_line),
            len(likelihoods.names),
            outcome.control_probability,
            plan,
            rules,
            seed,
            learnt.of_all_studies(outcome.name),
            enough_numbers_with(data, 2 * np.array(plan.people_per_arm), rules.size),
        )
        chances, summary = (
            table.assign(outcome=outcome.name).to_dict("records") for table in tables
        )
    except Refusal as refusal:
        summary = [
            {"outcome": outcome.name, "true_effect": effect}
            | {"truth": truth_of(measure.on_line(effect), measure.limit_on_line)}
            | {"largest_per_arm": plan.people_per_arm[-1], "reason": str(refusal)}
            for effect in plan.true_effects
        ]
    return NextTrialChances.frame(chances), NextTrialSummary.frame(summary)


def trials(
    current: CurrentPosterior, control_probability: float, plan: NextTrial, seed: int
) -> tuple[Floats, Floats]:
    """Estimates and standard errors of simulated trials.

    Returns `values`, `errors`, shape (effect, size, simulation).
    """
    rng = np.random.default_rng(seed)
    uniform = rng.random(plan.simulations)
    of_study, of_people = rng.standard_normal((2, plan.simulations))
    truth = np.log(plan.true_effects)
    own = truth[:, None] + current.spread_given(truth, uniform) * of_study
    people = np.array(plan.people_per_arm)[:, None]
    errors = woolf_error(logit(control_probability), own[:, None, :], people, people, np)
    return own[:, None, :] + errors * of_people, errors


def read_off(current: CurrentPosterior, values: Floats, errors: Floats) -> VerdictProbabilities:
    """Posteriors after each of many trials, by spline from those on a grid.

    `values`, `errors`: of the trials, in any shape, which the result has as well.
    """
    ratio = errors.max() / errors.min()
    steps = max(4, int(np.ceil(np.log(ratio) / np.log(ERROR_RATIO))) + 1)
    log_errors = np.log(errors.min()) + np.linspace(0, max(np.log(ratio), 0.01), steps)
    ends = np.quantile(values, [OUTSIDE, 1 - OUTSIDE])
    low, high = np.arcsinh(ends / NEAR)
    bent = np.linspace(float(low), float(high), VALUES)
    grid = current.with_trial(NEAR * np.sinh(bent), np.exp(log_errors))
    at = np.log(errors).ravel(), np.arcsinh(np.clip(values, *ends) / NEAR).ravel()

    def between(table: Floats) -> Floats:
        smooth = ndtri(np.clip(table, EXTREME, 1 - EXTREME))
        spline = RectBivariateSpline(log_errors, bent, smooth)
        return ndtr(spline(*at, grid=False)).reshape(values.shape)

    return VerdictProbabilities(between(grid.above), between(grid.near))


def _smallest(sizes: list[int], chance: Floats, power: float) -> dict[str, Any]:
    """Smallest size from which on every size moves the verdict towards the truth often enough.

    A small trial may move a verdict by its noise alone, more often than a larger one, so
    the larger ones must do as well.
    """
    short = np.flatnonzero(chance < power)
    start = short[-1] + 1 if short.size else 0
    reached = start < len(sizes)
    if not reached:
        reason = ONE_PLACE
    elif start == 0:
        reason = "the smallest trial considered does so often enough"
    else:
        reason = "from this size on a trial does so often enough"
    return {"smallest_per_arm": sizes[start] if reached else None, "reason": reason}
