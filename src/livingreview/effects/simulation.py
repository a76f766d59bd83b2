"""Studies with a known truth, drawn by the process that the likelihood describes.

A finding is simulated the long way: people, events, the study's own z, and the
statement that its authors would have printed. The likelihood is only right if
it gives that statement the same probability.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livingreview.effects.data_set import Dataset, Floats
from livingreview.effects.forms.form import Truth
from livingreview.effects.forms.interval import counted
from livingreview.effects.refusal import Refusal
from livingreview.protocol.outcomes import BaselinePriors


def study_effects(
    data: Dataset, mu: Floats | float, tau: float, rng: np.random.Generator
) -> Floats:
    """Draw the true log odds ratio of each effect.

    Parameters
    ----------
    data : Dataset
        Gives the structure: which effects belong to which study.
    mu : float or ndarray, shape (effect,)
        Expected log odds ratio.
    tau : float
        Standard deviation between studies.
    """
    return mu + tau * rng.standard_normal(len(data.studies))[data.effect_study]


def correlated_effects(
    data: Dataset, mu: Floats, tau: Floats, correlation: Floats, rng: np.random.Generator
) -> Floats:
    """Draw the true log odds ratio of each effect, correlated between outcomes of a study.

    Parameters
    ----------
    data : Dataset
        Gives the structure: study and outcome of each effect.
    mu, tau : ndarray, shape (outcome,)
        Expected log odds ratio, and standard deviation between studies.
    correlation : ndarray, shape (outcome, outcome)
        Of the effects of one study.
    """
    factor = np.linalg.cholesky(correlation)
    u = rng.standard_normal((len(data.studies), len(data.outcomes))) @ factor.T
    outcome = data.effect_outcome
    return mu[outcome] + tau[outcome] * u[data.effect_study, outcome]


def truth(data: Dataset, theta: Floats, control_logit: Floats, rng: np.random.Generator) -> Truth:
    """What reports are drawn from; with what the errors of a study's effects have in common.

    Parameters
    ----------
    theta : ndarray, shape (..., effect)
    control_logit : ndarray, shape (..., baseline)
    """
    groups = int(data.correlated_group.max(initial=-1)) + 1
    if not groups:
        return Truth(theta, control_logit)
    shape = (*theta.shape[:-1], groups)
    treated, control = (data.shared_errors(rng.standard_normal(shape)) for _ in range(2))
    return Truth(theta, control_logit, treated, control)


def control_levels(data: Dataset, size: int, rng: np.random.Generator) -> Floats:
    """Draws of the control logits by what control arms and priors tell, shape (draw, baseline)."""
    # ASSUME: normal around the level of an arm's own counts, without what the treated arm tells of
    # it; the level behind a ratio lies around its outcome's location, given every share on record;
    # one behind a statement has its prior.
    location = np.tile(data.baseline_prior.location, (size, 1))
    scale = data.baseline_prior.scale.copy()
    if data.shares is not None:
        drawn = rng.normal(*data.shares.location, (size, 1))
        location[:, data.shares.baselines] = drawn
    for form in data.forms.values():
        baselines, level, error = form.control_levels
        precision = scale[baselines] ** -2.0 + error**-2.0
        pulled = location[:, baselines] * scale[baselines] ** -2.0 + level * error**-2.0
        location[:, baselines] = pulled / precision
        scale[baselines] = precision**-0.5
    return location + scale * rng.standard_normal(location.shape)


def simulate(
    data: Dataset, theta: Floats, control_logit: Floats, rng: np.random.Generator
) -> Dataset:
    """Draw what the studies report when the truth is known.

    Parameters
    ----------
    data : Dataset
        Gives structure, group sizes and standard errors.
    theta : ndarray, shape (effect,)
        True effects.
    control_logit : ndarray, shape (baseline,)
        True control logits.

    Returns
    -------
    Dataset
        The same structure with events, estimates and statements drawn anew.
    """
    drawn_from = truth(data, theta, control_logit, rng)
    drawn = {name: form.drawn(drawn_from, rng)[0] for name, form in data.forms.items()}
    return data.with_forms({name: form.as_printed(rng) for name, form in drawn.items()})


def drawn_numbers(
    data: Dataset, effect: str, theta: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """As `Form.drawn_numbers`, of an effect of which only bounds are known."""
    place = data.effects.index(effect)
    form, row = next(
        (form, int(rows[0]))
        for form in data.forms.values()
        if (rows := np.flatnonzero(form.effect == place)).size
    )
    return form.drawn_numbers(row, theta, data.baseline_prior, rng)


def numbers_of_new_study(
    theta: Floats, baseline: BaselinePriors, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Log odds ratio and standard error of new studies, both arms of a size by its prior.

    Refuses where the protocol has no prior of sizes.
    """
    if baseline.sizes is None:
        raise Refusal("the protocol has no prior of group sizes for this outcome")
    (location, spread), (centre, sd) = baseline.sizes.arguments, baseline.findings.arguments
    people = np.exp(rng.normal(location, spread, theta.size))
    logit = rng.normal(centre, sd, theta.size)
    value, error, _ = counted(theta, logit, people, people, rng)
    return value, error
