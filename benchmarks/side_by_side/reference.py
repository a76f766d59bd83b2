"""The answers that all others are held against, by adaptive integration without code of src/.

One fit is held against what is pinned in validation/numerical_integration. Where a case has many
fits, means and SDs are integrated here, by scipy, with the same mathematics.
"""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy import integrate

from side_by_side.software import prior_variants

ROOT = Path(__file__).resolve().parents[2]
VALIDATION = ROOT / "validation"
SCHOOLS = ROOT / "tests/data/schools_in_districts.json"
QUANTILES = {"q2_5": "0.025", "q50": "0.5", "q97_5": "0.975"}
PINNED = {
    "random_effects": "logOR_mu1.5",
    "meta_regression": "logOR_latitude",
    "exact_counts": "counts_mu1.5",
}
MU_SD, TAU_SCALE = 1.5, 0.5
# Where the posterior of tau has ended, with a dozen trials or more.
FURTHEST = 6.0

Answer = dict[str, dict[str, Any]]


def references() -> dict[str, list[Answer]]:
    """Exact answers of every case."""
    pinned = json.loads((VALIDATION / "numerical_integration/pinned.json").read_text("utf-8"))
    figures = {figure["name"]: figure["values"] for figure in pinned["figures"]}
    value, variance = log_odds_ratios()
    kept = ~np.eye(value.size, dtype=bool)
    return {case: [figures[name]] for case, name in PINNED.items()} | {
        "several_effects": [schools()],
        "leave_one_out": [moments(value[k], variance[k], MU_SD, TAU_SCALE) for k in kept],
        "prior_variants": [moments(value, variance, *priors) for priors in prior_variants()],
    }


def schools() -> Answer:
    """Schools in districts, by the sums that their file describes."""
    posterior = json.loads(SCHOOLS.read_text(encoding="utf-8"))["posterior"]
    return {
        quantity: {name: found[name] for name in ("mean", "sd")}
        | {"quantiles": {p: found[name] for name, p in QUANTILES.items() if name in found}}
        for quantity, found in posterior.items()
        if isinstance(found, dict)
    }


def log_odds_ratios() -> tuple[np.ndarray, np.ndarray]:
    """Log odds ratio of each trial, and its variance."""
    with (VALIDATION / "trials.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    arms = ("treated", "control")
    events, total = (
        np.array([[float(row[f"{name}_{arm}"]) for arm in arms] for row in rows])
        for name in ("events", "total")
    )
    cells = np.hstack([events, total - events])
    return np.log(cells) @ [1, -1, -1, 1], (1 / cells).sum(axis=1)


def moments(value: np.ndarray, variance: np.ndarray, mu_sd: float, tau_scale: float) -> Answer:
    """Mean and SD of mu and tau."""

    def integrand(tau: float) -> np.ndarray:
        weight = 1 / (variance + tau**2)
        precision = weight.sum() + mu_sd**-2
        mean = (weight @ value) / precision
        residual = weight @ value**2 - precision * mean**2
        # Up to constants: the likelihood without the pooled effect, and the half-normal prior.
        twice_log = np.log(weight).sum() - np.log(precision) - residual - (tau / tau_scale) ** 2
        density = np.exp(0.5 * twice_log - shift)
        return density * np.array([1, mean, 1 / precision + mean**2, tau, tau**2])

    shift = 0.0
    shift = np.log(integrand(tau_scale)[0])
    found, _ = integrate.quad_vec(
        integrand, 0, FURTHEST, points=(0.1, 0.3, 1.0), epsabs=0, epsrel=1e-11
    )
    total, mu, mu_square, tau, tau_square = found
    return {
        "mu": {"mean": mu / total, "sd": float(np.sqrt(mu_square / total - (mu / total) ** 2))},
        "tau": {"mean": tau / total, "sd": float(np.sqrt(tau_square / total - (tau / total) ** 2))},
    }


def difference(found: list[Answer], expected: list[Answer], of: tuple[str, ...]) -> float:
    """Largest difference of the statistics that both tell of some quantities; first fits first."""
    apart = []
    for one, other in zip(found, expected, strict=False):
        for quantity in set(of) & one.keys() & other.keys():
            ours, theirs = flat(one[quantity]), flat(other[quantity])
            apart += [abs(ours[name] - theirs[name]) for name in ours.keys() & theirs.keys()]
    return float(max(apart))


def flat(statistics: dict[str, Any]) -> dict[str, float]:
    """Mean, SD and quantiles under one name each."""
    plain = {name: statistics[name] for name in ("mean", "sd") if name in statistics}
    return plain | statistics.get("quantiles", {})
