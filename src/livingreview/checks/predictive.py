"""Reviews replicated from prior and posterior, and where the review at hand lies among them.

Whole studies are replicated: a new effect from the population of studies, the study's own
group sizes and the control logit of the same draw (the "mixed" replication of Gelman, Meng
and Stern 1996, Statistica Sinica 6, 733-807, section 2.3). Replications with the study's own
fitted effect would resemble the study whatever the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from livingreview.base.seeds import seed_of
from livingreview.checks.assembled_fits import Fit
from livingreview.checks.report_statistics import Reports, effects_of, observed, replicated
from livingreview.effects.data_set import Floats, Indices
from livingreview.effects.simulation import control_levels
from livingreview.models.horseshoe import horseshoe_draws
from livingreview.protocol.models import Priors
from livingreview.tables.checks import Predictive

# Number of replications, at which a tail probability of 0.01 has a standard error of 0.002.
REPLICATIONS = 2000
# Most reports drawn for one fit: a review of thousands of studies is replicated less often.
MOST_REPORTS = 4_000_000
# Most rounds of reports; a study that is still unprinted after them is a fault of the model.
MOST_ROUNDS = 2000


@dataclass(frozen=True)
class SimulationParameters:
    """Parameters behind replicated reviews, by draw.

    Attributes
    ----------
    mu, tau : ndarray, shape (draw,)
    location : ndarray, shape (draw, effect)
        mu + x'beta.
    sd_within_study : ndarray, shape (draw,)
        Between the effects of one study; 0 where each gives one.
    bias : ndarray, shape (draw,)
        SD of the bias of studies at high risk of it; 0 in models without.
    printing_weight : ndarray, shape (draw,)
        Relative probability of printing a result that is not significant.
    """

    mu: Floats
    tau: Floats
    location: Floats
    sd_within_study: Floats
    bias: Floats
    printing_weight: Floats

    def only(self, draws: Indices) -> SimulationParameters:
        """Some of the draws."""
        return SimulationParameters(**{f.name: getattr(self, f.name)[draws] for f in fields(self)})


def predictive_table(fits: Iterable[Fit], seed: int) -> pd.DataFrame:
    """Statistics of the reports beside those of reviews replicated from prior and posterior."""
    rows: list[dict[str, Any]] = []
    for fit in fits:
        rng = np.random.default_rng(seed_of(seed, f"{fit.name}/predictive"))
        fit = fit.thinned(min(REPLICATIONS, max(4, MOST_REPORTS // len(fit.data.effects))))
        for based_on, parameters in (
            ("prior", prior_parameters(fit, rng)),
            ("posterior", posterior_parameters(fit)),
        ):
            common = {"fit": fit.name, "based_on": based_on}
            rows += [common | row for row in _compared(fit, parameters, based_on, rng)]
    return Predictive.frame(rows)


def posterior_parameters(fit: Fit) -> SimulationParameters:
    """The posterior's draws."""
    mu = fit.draws("mu")
    return SimulationParameters(
        mu=mu,
        tau=fit.draws("tau"),
        location=fit.location,
        sd_within_study=fit.draws("omega") if fit.has_sd_within_study else np.zeros(mu.size),
        bias=fit.draws("kappa") if "kappa" in fit.posterior else np.zeros(mu.size),
        printing_weight=fit.draws("printed") if "printed" in fit.posterior else np.ones(mu.size),
    )


def prior_parameters(fit: Fit, rng: np.random.Generator) -> SimulationParameters:
    """As many draws from the protocol's priors of the fit's model."""
    size = fit.draws("mu").size
    priors, model = fit.model.priors, fit.model
    mu = priors.mu.distribution.rvs(size, random_state=rng)
    location = np.broadcast_to(mu[:, None], (size, len(fit.data.effects)))
    if width := len(fit.design.coefficients):
        if model.kind == "shrinkage":
            assert model.global_scale is not None
            beta = horseshoe_draws(
                model.global_scale, priors.beta.arguments[-1], (size, width), rng
            )
        else:
            beta = priors.beta.distribution.rvs((size, width), random_state=rng)
        location = location + beta @ fit.design.columns.T
    several = fit.has_sd_within_study
    bias, printing_weight = np.zeros(size), np.ones(size)
    if model.kappa is not None:
        bias = model.kappa.distribution.rvs(size, random_state=rng)
    if model.omega is not None:
        printing_weight = model.omega.distribution.rvs(size, random_state=rng)
    return SimulationParameters(
        mu=mu,
        tau=_spread(priors, size, rng),
        location=location,
        sd_within_study=_spread(priors, size, rng) if several else np.zeros(size),
        bias=bias,
        printing_weight=printing_weight,
    )


def _spread(priors: Priors, size: int, rng: np.random.Generator) -> Floats:
    """Draws of a standard deviation from its prior, which may be on the variance."""
    draws = priors.spread.distribution.rvs(size, random_state=rng)
    return draws if priors.tau is not None else np.sqrt(draws)


def _compared(
    fit: Fit, parameters: SimulationParameters, based_on: str, rng: np.random.Generator
) -> Iterator[dict[str, Any]]:
    """One row per statistic."""
    theta = new_effects(fit, parameters, rng)
    if based_on == "prior":
        of_any_study = theta[np.arange(len(theta)), rng.integers(theta.shape[1], size=len(theta))]
        yield {"statistic": "pooled_effect", **_quantiles(parameters.mu)}
        yield {"statistic": "new_effect", **_quantiles(of_any_study)}
    # Control logits are the posterior's in both: nobody asks of them, and the prior of
    # those behind counts is flat on purpose. Integration has none.
    logit = np.zeros((len(theta), 0))
    if fit.data.baselines:
        sampled = "baseline_logit" in fit.posterior
        logit = (
            fit.draws("baseline_logit") if sampled else control_levels(fit.data, len(theta), rng)
        )
    replications = printed_reports(fit, parameters, theta, logit, rng).statistics()
    for name, value in observed(fit.data).statistics().items():
        of_replications = replications[name]
        yield {
            "statistic": name,
            "observed": float(value),
            **_quantiles(of_replications),
            "p_at_least": float(np.mean(of_replications >= value)),
            "p_at_most": float(np.mean(of_replications <= value)),
        }


def _quantiles(draws: Floats) -> dict[str, float]:
    levels = np.quantile(draws, [0.025, 0.5, 0.975])
    return dict(zip(("q2_5", "q50", "q97_5"), map(float, levels), strict=True))


def new_effects(fit: Fit, parameters: SimulationParameters, rng: np.random.Generator) -> Floats:
    """True effects of new studies in the places of the old, shape (draw, effect)."""
    shape = len(parameters.mu), len(fit.data.studies)
    if fit.model.kind == "robust":
        assert fit.model.degrees is not None
        u = rng.standard_t(fit.model.degrees, shape)
    else:
        u = rng.standard_normal(shape)
    at_risk = np.isin(fit.data.studies, list(fit.high_risk))
    of_study = np.hypot(parameters.tau[:, None], parameters.bias[:, None] * at_risk) * u
    w = rng.standard_normal((shape[0], len(fit.data.effects)))
    of_effect = parameters.location + of_study[:, fit.data.effect_study]
    return of_effect + parameters.sd_within_study[:, None] * w


def printed_reports(
    fit: Fit,
    parameters: SimulationParameters,
    theta: Floats,
    logit: Floats,
    rng: np.random.Generator,
) -> Reports:
    """Reports of replicated reviews; in the place of one that is not printed stands a new study."""
    printing_weight = parameters.printing_weight
    reports, significant = replicated(fit.data, theta, logit, rng)
    if (printing_weight == 1.0).all():
        return reports
    order = effects_of(fit.data)
    pending = ~significant & (rng.random(theta.shape) > printing_weight[:, None])
    for _ in range(MOST_ROUNDS):
        draws = np.flatnonzero(pending.any(axis=1))
        if not draws.size:
            return reports
        others = new_effects(fit, parameters.only(draws), rng)
        anew, significant = replicated(fit.data, others, logit[draws], rng)
        for field, effects in order.items():
            values = getattr(reports, field)
            redrawn = pending[draws][:, effects]
            values[draws] = np.where(redrawn, getattr(anew, field), values[draws])
        in_print = significant | (rng.random(significant.shape) < printing_weight[draws, None])
        pending[draws] &= ~in_print
    raise RuntimeError(f"{fit.name}: a study was never printed")
