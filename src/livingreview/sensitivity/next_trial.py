r"""What would change our mind: how often a new trial of a given size moves the verdict.

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

from collections.abc import Iterable
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
from livingreview.models.quadrature.locations import likelihoods_of
from livingreview.models.quadrature.marginals import Floats
from livingreview.models.quadrature.new_trial import CurrentPosterior, VerdictProbabilities
from livingreview.protocol.decisions import Decisions
from livingreview.protocol.models import ModelSpecification
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.sensitivity import NextTrial
from livingreview.records.evidence.two_by_two import woolf_error
from livingreview.synthesis.verdicts import EffectVerdict, verdict
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


def simulate_next_trial(
    current: CurrentPosterior,
    studies: int,
    control_probability: float,
    plan: NextTrial,
    rules: Decisions,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Chance that a trial moves the verdict, by size and assumed effect."""
    before = current.with_trial(np.zeros(1), np.array([NO_TRIAL]))
    now = _verdict(before.above[0, 0], before.near[0, 0], studies, rules)
    values, errors = trials(current, control_probability, plan, seed)
    after = read_off(current, values, errors)
    moved = moves(after, now, studies + 1, rules).mean(axis=-1)
    error = np.sqrt(moved * (1 - moved) / plan.simulations)
    effects, sizes = plan.true_effects, plan.people_per_arm
    chances = pd.DataFrame(
        {
            "true_effect": np.repeat(effects, len(sizes)),
            "people_per_arm": np.tile(sizes, len(effects)),
            "p_moves": moved.ravel(),
            "mcse": error.ravel(),
            "simulations": plan.simulations,
        }
    )
    rows = [
        {"verdict_now": now.words, "true_effect": effect} | _smallest(sizes, row, plan.power)
        for effect, row in zip(effects, moved, strict=True)
    ]
    return chances, pd.DataFrame(rows)


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
    outcomes: Iterable[TrialOutcome],
    model: ModelSpecification,
    plan: NextTrial,
    rules: Decisions,
    sampling_correlation: float,
    seed: int,
    measure: Measure,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulate the next trial of each outcome, or say why that cannot be done.

    `model`: `overall` of the protocol, on which the verdicts rest.
    """
    chances: list[dict[str, Any]] = []
    summary: list[dict[str, Any]] = []
    for outcome in outcomes:
        try:
            if outcome.terms.empty:
                raise Refusal("no effect on this outcome can be analysed")
            if model.kind != "hierarchical" or model.only_numeric or model.moderators:
                raise Refusal("the model `overall` is not a plain one")
            if measure.name in NOT_SIMULATED:
                raise Refusal(NOT_SIMULATED[measure.name])
            data = dataset(outcome.terms, outcome.baseline, sampling_correlation)
            likelihoods = likelihoods_of([data])
            current = CurrentPosterior(likelihoods, model.priors, measure.limit_on_line)
            tables = simulate_next_trial(
                current, len(likelihoods.names), outcome.control_probability, plan, rules, seed
            )
            for rows, table in zip((chances, summary), tables, strict=True):
                rows += table.assign(outcome=outcome.name).to_dict("records")
        except Refusal as refusal:
            summary += [
                {"outcome": outcome.name, "verdict_now": None, "true_effect": effect}
                | {"smallest_per_arm": None, "p_at_largest": None}
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


def moves(
    after: VerdictProbabilities, now: EffectVerdict, studies: int, rules: Decisions
) -> NDArray[np.bool_]:
    """Whether each posterior has another verdict than the present one."""
    steps = sorted(step.probability for step in rules.verdicts)
    more = after.above >= 1 - after.above
    step = np.digitize(np.maximum(after.above, 1 - after.above), steps)
    none = after.near >= rules.practically_none_probability
    # Posteriors of one kind have the same verdict, so the verdict is decided once for each kind.
    kind = (step * 2 + more) * 2 + none
    _, first, of_kind = np.unique(kind, return_index=True, return_inverse=True)
    verdicts = [
        _verdict(after.above.ravel()[i], after.near.ravel()[i], studies, rules) for i in first
    ]
    changed = np.array([(e.id, e.direction) != (now.id, now.direction) for e in verdicts])
    return changed[of_kind].reshape(after.above.shape)


def _verdict(above: float, near: float, studies: int, rules: Decisions) -> EffectVerdict:
    """Words of one posterior."""
    return verdict(float(above), float(1 - above), float(near), studies, rules)


def _smallest(sizes: list[int], chance: Floats, power: float) -> dict[str, Any]:
    """Smallest size from which on every size moves the verdict often enough.

    A small trial may move a verdict by its noise alone, more often than a larger one, so
    the larger ones must do as well.
    """
    short = np.flatnonzero(chance < power)
    start = short[-1] + 1 if short.size else 0
    reached = start < len(sizes)
    if chance.min() == 1:
        reason = "any further study moves the verdict, whatever it finds"
    elif not reached:
        reason = "not even the largest trial considered moves the verdict often enough"
    elif start == 0:
        reason = "the smallest trial considered moves the verdict often enough"
    else:
        reason = "from this size on the verdict moves often enough"
    return {
        "smallest_per_arm": sizes[start] if reached else None,
        "p_at_largest": float(chance[-1]),
        "largest_per_arm": sizes[-1],
        "reason": reason,
    }
