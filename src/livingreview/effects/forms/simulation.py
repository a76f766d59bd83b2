"""Studies with a known truth, drawn by the process that the likelihood describes.

A finding is simulated the long way: people, events, the study's own z, and the
statement that its authors would have printed. The likelihood is only right if
it gives that statement the same probability.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import expit

from livingreview.effects.data_set import Dataset, Floats
from livingreview.records.evidence.statements import SIGNIFICANT_Z


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


def wald(
    events_treated: Floats, n_treated: Floats, events_control: Floats, n_control: Floats
) -> tuple[Floats, Floats]:
    """Log odds ratio and standard error; half an event is added to all cells where one is empty."""
    cells = np.array(
        [events_treated, n_treated - events_treated, events_control, n_control - events_control],
        dtype=float,
    )
    cells = cells + 0.5 * (cells == 0).any(axis=0)
    a, b, c, d = cells
    return np.log(a * d / (b * c)), np.sqrt((1 / cells).sum(axis=0))


def wald_z(
    events_treated: Floats, n_treated: Floats, events_control: Floats, n_control: Floats
) -> Floats:
    """Z of the log odds ratio, as in `wald`."""
    value, error = wald(events_treated, n_treated, events_control, n_control)
    return value / error


def statement(z: Floats, names_direction: np.ndarray) -> tuple[Floats, Floats]:
    """Interval that the authors' statement names.

    `z`: each study's z. `names_direction`: whether authors of a result that is not significant say
    which way it went.
    """
    low = np.select(
        [z > SIGNIFICANT_Z, z < -SIGNIFICANT_Z, names_direction & (z > 0), names_direction],
        [SIGNIFICANT_Z, -np.inf, 0.0, -SIGNIFICANT_Z],
        -SIGNIFICANT_Z,
    )
    high = np.select(
        [z > SIGNIFICANT_Z, z < -SIGNIFICANT_Z, names_direction & (z > 0), names_direction],
        [np.inf, -SIGNIFICANT_Z, SIGNIFICANT_Z, 0.0],
        SIGNIFICANT_Z,
    )
    return low, high


def simulate(
    data: Dataset, theta: Floats, control_logit: Floats, rng: np.random.Generator
) -> Dataset:
    """Draw what the studies report when the truth is known.

    Parameters
    ----------
    data : Dataset
        Gives structure, group sizes and standard errors.
    theta : ndarray, shape (effect,)
        True log odds ratios.
    control_logit : ndarray, shape (baseline,)
        True control logits.

    Returns
    -------
    Dataset
        The same structure with events, estimates and statements drawn anew.
    """
    events = arm_events(data, theta, control_logit, rng)
    z = finding_z(data, theta, control_logit, rng)
    z_low, z_high = statement(z, rng.random(z.size) < 0.5)
    value = estimates(data, theta, rng)
    return replace(data, arm_events=events, normal_value=value, z_low=z_low, z_high=z_high)


def arm_events(
    data: Dataset, theta: Floats, control_logit: Floats, rng: np.random.Generator
) -> Floats:
    """Events of each arm.

    Parameters
    ----------
    theta : ndarray, shape (..., effect)
    control_logit : ndarray, shape (..., baseline)

    Returns
    -------
    ndarray, shape (..., arm)
    """
    effect = data.arm_treated * theta[..., data.arm_effect]
    logit = control_logit[..., data.arm_baseline] + effect
    return rng.binomial(data.arm_total.astype(int), expit(logit)).astype(float)


def finding_z(
    data: Dataset, theta: Floats, control_logit: Floats, rng: np.random.Generator
) -> Floats:
    """Z of each study behind a finding, from its people and events; shapes as in `arm_events`."""
    logit = control_logit[..., data.interval_baseline]
    n_treated, n_control = np.rint(data.n_treated), np.rint(data.n_control)
    treated = logit + theta[..., data.interval_effect]
    events = [
        rng.binomial(n.astype(int), expit(p)).astype(float)
        for n, p in ((n_treated, treated), (n_control, logit))
    ]
    return wald_z(events[0], n_treated, events[1], n_control)


def estimates(data: Dataset, theta: Floats, rng: np.random.Generator) -> Floats:
    """Estimates with their errors, correlated within a study; shapes as in `arm_events`."""
    noise = rng.standard_normal((*theta.shape[:-1], data.normal_error.size))
    if data.normal_whitener.size:
        noise = np.linalg.solve(data.normal_whitener, noise[..., None])[..., 0]
    else:
        noise = noise * data.normal_error
    return theta[..., data.normal_effect] + noise
