"""Derive the pinned figures by adaptive integration, sharing no code with src/.

Normal model: scipy's adaptive quadrature over tau, with dense covariance matrices.
Counts: the baseline is integrated out adaptively for each trial on nodes of theta, then
theta, mu and tau by Gauss-Legendre rules whose order is raised until nothing moves.
Prints JSON: {"version": ..., "figures": {name: values}}.
"""

import csv
import json
import platform
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy
from numpy.polynomial import legendre
from scipy import integrate, optimize, special, stats

LEVELS = (0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975)
TAU_SCALE = 0.5
BASELINE_SD = 10.0
# Beyond this the half-normal prior leaves less than 1e-15.
TAU_MOST = 4.0
# Below this the counts leave less than 1e-15: their heterogeneity is beyond doubt.
TAU_LEAST_COUNTS = 0.1
SETTLED = 1e-9
TRIALS = Path(__file__).parents[1] / "trials.csv"


def trials() -> dict[str, np.ndarray]:
    """Numeric columns of the shared data."""
    with TRIALS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = ("events_treated", "total_treated", "events_control", "total_control", "latitude")
    return {name: np.array([float(row[name]) for row in rows]) for name in names}


def log_ratios(data: dict[str, np.ndarray], measure: str) -> tuple[np.ndarray, np.ndarray]:
    """Log odds or risk ratio of each trial, and its large-sample variance."""
    a, n1 = data["events_treated"], data["total_treated"]
    c, n0 = data["events_control"], data["total_control"]
    if measure == "OR":
        b, d = n1 - a, n0 - c
        return np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d
    return np.log(a / n1) - np.log(c / n0), 1 / a - 1 / n1 + 1 / c - 1 / n0


def quantile(below: Callable[[float], float], low: float, high: float, level: float) -> float:
    """Point at which a distribution function reaches a level."""
    return optimize.brentq(lambda x: below(x) - level, low, high, xtol=1e-13)


def normal_model(y: np.ndarray, v: np.ndarray, x: np.ndarray, prior_sd: np.ndarray) -> dict:
    """Posterior of a normal random-effects meta-regression with half-normal tau."""
    prior = np.diag(prior_sd**2)
    prior_tau = stats.halfnorm(scale=TAU_SCALE)

    def given(tau: float) -> tuple[float, np.ndarray, np.ndarray]:
        """Density of data and tau, and the conditional posterior of the coefficients."""
        total = np.diag(v + tau**2) + x @ prior @ x.T
        gain = np.linalg.solve(total, x @ prior).T
        log_density = stats.multivariate_normal(np.zeros(len(y)), total).logpdf(y)
        density = np.exp(log_density - reference) * prior_tau.pdf(tau)
        return density, gain @ y, prior - gain @ x @ prior

    def over_tau(f: Callable[[float], float], upper: float = TAU_MOST) -> float:
        points = [p for p in (0.05, 0.2, 0.6, 1.2) if p < upper]
        return integrate.quad(f, 0, upper, points=points, epsabs=0, epsrel=1e-11, limit=500)[0]

    reference = 0.0
    reference = np.log(given(0.5)[0]) - prior_tau.logpdf(0.5)
    evidence = over_tau(lambda t: given(t)[0])
    mean = over_tau(lambda t: t * given(t)[0]) / evidence
    square = over_tau(lambda t: t**2 * given(t)[0]) / evidence

    def tau_below(t: float) -> float:
        return over_tau(lambda s: given(s)[0], t) / evidence

    found = {
        "tau": {
            "mean": mean,
            "sd": float(np.sqrt(square - mean**2)),
            "quantiles": {str(p): quantile(tau_below, 1e-6, 3.5, p) for p in LEVELS},
        },
        "log_evidence": float(np.log(evidence) + reference),
    }
    names = {"mu": (0, 0.0), "slope": (1, 0.0), "theta_new": (0, 1.0)}
    for name, (k, extra) in names.items():
        if k < len(prior_sd):
            found[name] = _mixture(given, over_tau, evidence, k, extra)
    return found


def _mixture(given: Callable, over_tau: Callable, evidence: float, k: int, extra: float) -> dict:
    """Coefficient k, or a new effect (`extra` 1): a mixture over tau of normal laws."""

    def moments(t: float) -> tuple[float, float, float]:
        density, centre, covariance = given(t)
        return density, centre[k], covariance[k, k] + extra * t**2

    def average(f: Callable[[float, float], float]) -> float:
        def integrand(t: float) -> float:
            density, m, s2 = moments(t)
            return density * f(m, s2)

        return over_tau(integrand) / evidence

    mean = average(lambda m, s2: m)
    variance = average(lambda m, s2: s2 + (m - mean) ** 2)

    def below(q: float) -> float:
        return average(lambda m, s2: special.ndtr((q - m) / np.sqrt(s2)))

    reach = 8 * np.sqrt(variance)
    quantiles = {str(p): quantile(below, mean - reach, mean + reach, p) for p in LEVELS}
    return {"mean": mean, "sd": float(np.sqrt(variance)), "quantiles": quantiles}


def log_marginal_of_theta(e1: float, n1: float, e0: float, n0: float, theta: np.ndarray):
    """Log likelihood of theta in one trial, its control logit ~ N(0, 10) integrated out."""

    def log_joint(a: np.ndarray) -> np.ndarray:
        return (
            e0 * a
            - n0 * np.logaddexp(0, a)
            + e1 * (a + theta)
            - n1 * np.logaddexp(0, a + theta)
            - 0.5 * (a / BASELINE_SD) ** 2
        )

    a = np.full_like(theta, special.logit(e0 / n0))
    for _ in range(100):
        p0, p1 = special.expit(a), special.expit(a + theta)
        curvature = n0 * p0 * (1 - p0) + n1 * p1 * (1 - p1) + BASELINE_SD**-2
        a = a + np.clip((e0 - n0 * p0 + e1 - n1 * p1 - a / BASELINE_SD**2) / curvature, -1, 1)
    top, width = log_joint(a), curvature**-0.5
    area, _ = integrate.quad_vec(
        lambda z: np.exp(log_joint(a + width * z) - top), -40, 40, epsrel=1e-12, norm="max"
    )
    constant = (
        _log_choose(n0, e0) + _log_choose(n1, e1) - np.log(BASELINE_SD) - 0.5 * np.log(2 * np.pi)
    )
    return top + np.log(area * width) + constant


def _log_choose(n: float, k: float) -> float:
    return special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)


def counts_model(data: dict[str, np.ndarray], mu_sd: float, order: int) -> dict:
    """Posterior of the exact binomial model, with rules of the given order."""
    nodes, weights = legendre.leggauss(8)
    edges = np.linspace(-10, 10, 2 * order + 1)
    half = 0.5 * np.diff(edges)[:, None]
    theta = (0.5 * (edges[1:] + edges[:-1])[:, None] + half * nodes).ravel()
    theta_weight = (half * weights).ravel()
    columns = (data[k] for k in ("events_treated", "total_treated", "events_control"))
    rows = zip(*columns, data["total_control"], strict=True)
    log_likelihood = np.array([log_marginal_of_theta(*row, theta) for row in rows])
    top = log_likelihood.max(axis=1)
    weighted = (np.exp(log_likelihood - top[:, None]) * theta_weight).T
    mu, mu_weight = _rule(-3.5, 2.0, order)
    tau, tau_weight = _rule(TAU_LEAST_COUNTS, TAU_MOST, order)
    log_density = np.empty((order, order))
    for j, t in enumerate(tau):
        spread = stats.norm.pdf(theta[None, :], mu[:, None], t)
        log_density[:, j] = np.log(spread @ weighted).sum(axis=1) + top.sum()
    log_density += stats.norm.logpdf(mu, 0, mu_sd)[:, None]
    log_density += stats.halfnorm(scale=TAU_SCALE).logpdf(tau)
    reference = log_density.max()
    density = np.exp(log_density - reference)
    evidence = mu_weight @ density @ tau_weight
    return {
        "mu": _summary(mu, mu_weight, density @ tau_weight / evidence, (-3.5, 2.0)),
        "tau": _summary(
            tau, tau_weight, mu_weight @ density / evidence, (TAU_LEAST_COUNTS, TAU_MOST)
        ),
        "log_evidence": float(np.log(evidence) + reference),
    }


def _rule(low: float, high: float, order: int) -> tuple[np.ndarray, np.ndarray]:
    nodes, weights = legendre.leggauss(order)
    return 0.5 * (high + low + (high - low) * nodes), 0.5 * (high - low) * weights


def _summary(x: np.ndarray, weight: np.ndarray, density: np.ndarray, ends: tuple) -> dict:
    """Mean, SD, and quantiles from the Legendre series of the density."""
    low, high = ends
    nodes = (2 * x - low - high) / (high - low)
    k = np.arange(len(x) - 1)
    basis = legendre.legvander(nodes, len(x) - 2)
    series = (2 * k + 1) / (high - low) * (basis.T @ (weight * density))
    integral = legendre.legint(series, lbnd=-1) * 0.5 * (high - low)

    def below(q: float) -> float:
        return float(legendre.legval((2 * q - low - high) / (high - low), integral))

    mean = float(weight @ (x * density))
    sd = float(np.sqrt(weight @ ((x - mean) ** 2 * density)))
    quantiles = {str(p): quantile(below, low, high, p) for p in LEVELS}
    return {"mean": mean, "sd": sd, "quantiles": quantiles}


def settled(data: dict[str, np.ndarray], mu_sd: float) -> dict:
    """Answer on the exact model, its order raised until no figure moves."""
    order, before = 100, None
    while True:
        after = counts_model(data, mu_sd, order)
        if before is not None and _movement(before, after) < SETTLED:
            return after
        if order > 500:
            raise RuntimeError(f"not settled at order {order}: {_movement(before, after):.1e}")
        order, before = order + 60, after


def _movement(a: dict, b: dict) -> float:
    pairs = [(a["log_evidence"], b["log_evidence"])]
    for name in ("mu", "tau"):
        pairs += [(a[name][k], b[name][k]) for k in ("mean", "sd")]
        pairs += [(a[name]["quantiles"][p], b[name]["quantiles"][p]) for p in a[name]["quantiles"]]
    return max(abs(x - y) for x, y in pairs)


def main() -> None:
    """Derive every pinned figure."""
    data = trials()
    ones = np.ones((len(data["latitude"]), 1))
    latitude = ((data["latitude"] - data["latitude"].mean()) / 10)[:, None]
    figures = {}
    for measure in ("OR", "RR"):
        y, v = log_ratios(data, measure)
        for sd in (1.5, 4):
            figures[f"log{measure}_mu{sd:g}"] = normal_model(y, v, ones, np.array([sd]))
        figures[f"log{measure}_latitude"] = normal_model(
            y, v, np.hstack([ones, latitude]), np.array([1.5, 1.0])
        )
    for sd in (1.5, 4):
        figures[f"counts_mu{sd:g}"] = settled(data, sd)
    version = f"scipy {scipy.__version__}, Python {platform.python_version()}"
    print(json.dumps({"version": version, "figures": figures}))


if __name__ == "__main__":
    main()
