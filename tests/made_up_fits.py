"""Fits with known posteriors: independent draws from a dense grid, without a sampler."""

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from livingreview.checks.assembled_fits import Fit
from livingreview.effects.data_set import dataset
from livingreview.effects.design_matrix import design_matrix
from livingreview.models.quadrature.study_tables import StudyLikelihoods
from livingreview.protocol.models import ModelSpecification, Priors
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior
from livingreview.tables.effects import Terms

BASELINE = BaselinePriors(
    findings=Prior.parse("normal(-1, 0.5)"), counts=Prior.parse("normal(0, 10)")
)


def priors(mu="normal(0, 1)", tau="half_normal(0.5)"):
    parts = {"mu": mu, "beta": "normal(0, 0.5)", "tau": tau}
    return Priors(**{name: Prior.parse(text) for name, text in parts.items()})


def model(kind="hierarchical", of=None, **options):
    return ModelSpecification(moderators={}, kind=kind, priors=of or priors(), **options)


def estimate(study, value, error):
    row = {"study_id": study, "effect_id": f"{study}/o", "likelihood": "normal"}
    return [row | {"value": value, "standard_error": error}]


def finding(study, low, high, n, **more):
    row = {"study_id": study, "effect_id": f"{study}/o", "likelihood": "interval"}
    numbers = {"z_low": low, "z_high": high, "n_treated": n, "n_control": n}
    return [row | numbers | {"baseline_id": f"{study}/o"} | more]


def counts(study, a, n_treated, c, n_control):
    common = {"study_id": study, "likelihood": "binomial", "baseline_id": f"{study}/c"}
    return [
        common | {"effect_id": None, "treated": 0.0, "events": c, "total": n_control},
        common | {"effect_id": f"{study}/o", "treated": 1.0, "events": a, "total": n_treated},
    ]


def terms_of(*studies):
    return Terms.frame([row for rows in studies for row in rows])


def data_of(*studies):
    return dataset(terms_of(*studies), BASELINE)


def plain_design(data):
    return design_matrix(pd.DataFrame({"study_id": list(data.studies)}), {})


def drawn_fit(data, specification=None, draws=2000, seed=1, name="o/overall"):
    """Fit without coefficients whose draws are independent, from a grid of mu and tau."""
    specification = specification or model()
    tau = np.linspace(0.002, 3, 301)
    points, tables = StudyLikelihoods.from_readings([data]).tables(-5, 5, 0.02, tau)
    log_density = tables.sum(axis=0)
    log_density += specification.priors.mu.distribution.logpdf(points)
    log_density += specification.priors.spread.distribution.logpdf(tau)[:, None]
    share = np.exp(log_density - log_density.max()).ravel()
    rng = np.random.default_rng(seed)
    at = rng.choice(share.size, size=draws, p=share / share.sum())
    # Within a cell, evenly: steps are small beside the posterior.
    node, point = np.unravel_index(at, log_density.shape)
    mu = points[point] + (points[1] - points[0]) * (rng.random(draws) - 0.5)
    drawn_tau = np.abs(tau[node] + (tau[1] - tau[0]) * (rng.random(draws) - 0.5))
    return fit_of(data, specification, mu, drawn_tau, rng, name)


def fit_of(data, specification, mu, tau, rng, name="o/overall"):
    """Fit with these draws, in four chains."""
    shape = (4, len(mu) // 4)
    design = plain_design(data)
    location, scale = data.baseline_prior.location, data.baseline_prior.scale
    # Control logits do not enter what is tested; for counts, near what was seen.
    logit = rng.normal(location, np.minimum(scale, 0.5), (len(mu), len(data.baselines)))
    variables = {
        "mu": (("chain", "draw"), mu.reshape(shape)),
        "tau": (("chain", "draw"), tau.reshape(shape)),
        "pooled": (("chain", "draw", "setting"), mu.reshape(*shape, 1)),
        "theta_new": (("chain", "draw", "setting"), mu.reshape(*shape, 1)),
    }
    coords = {"chain": np.arange(4), "draw": np.arange(shape[1]), "setting": list(design.settings)}
    if data.baselines:
        dims = ("chain", "draw", "baseline")
        variables["baseline_logit"] = (dims, logit.reshape(*shape, -1))
        coords["baseline"] = list(data.baselines)
    posterior = xr.Dataset(variables, coords=coords)
    return Fit(name, data, design, specification, posterior)


def leave_one_out(values, errors, specification):
    """Exact leave-one-out of estimates on a dense grid: elpd, and mean of mu, of each study."""
    mu, tau = np.linspace(-6, 6, 1201), np.linspace(0, 4, 1601)
    log_prior = specification.priors.mu.distribution.logpdf(mu)
    log_prior = log_prior + specification.priors.spread.distribution.logpdf(tau)[:, None]
    terms = [
        stats.norm.logpdf(y, mu, np.sqrt(s**2 + tau[:, None] ** 2))
        for y, s in zip(values, errors, strict=True)
    ]
    elpd, mean = [], []
    for left_out in terms:
        rest = log_prior + sum(terms) - left_out
        share = np.exp(rest - rest.max())
        share[0] /= 2  # trapezium: tau has an end at 0
        share /= share.sum()
        elpd.append(np.log((share * np.exp(left_out)).sum()))
        mean.append((share * mu).sum())
    return np.array(elpd), np.array(mean)
