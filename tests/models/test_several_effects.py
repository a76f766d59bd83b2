"""Studies that give several effects, integrated, against brute force that shares no code."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_up_fits import BASELINE, plain_design, priors
from scipy import stats
from scipy.interpolate import CubicSpline
from scipy.special import expit, logsumexp, ndtr

from livingreview.effects.data_set import dataset
from livingreview.effects.design_matrix import design_matrix
from livingreview.effects.forms.shared_errors import SharedNodes
from livingreview.effects.likelihood_tables import log_likelihoods
from livingreview.models.quadrature.engine import answer, answer_from_tables
from livingreview.models.quadrature.locations import likelihoods_of
from livingreview.protocol.moderators import Coding
from livingreview.tables.effects import Terms

LIMIT = 0.1
LEVELS = {"q2_5": 0.025, "q50": 0.5, "q97_5": 0.975}

SCHOOLS = json.loads((Path(__file__).parents[1] / "data/schools_in_districts.json").read_text())


def estimate(study, effect, value, error):
    row = {"study_id": study, "effect_id": f"{study}/{effect}", "likelihood": "normal"}
    return [row | {"value": value, "standard_error": error}]


def finding(study, effect, low, high, n_treated, n_control):
    row = {"study_id": study, "effect_id": f"{study}/{effect}", "likelihood": "interval"}
    row |= {"z_low": low, "z_high": high, "n_treated": n_treated, "n_control": n_control}
    return [row | {"baseline_id": f"{study}/{effect}"}]


def counts(study, control, *treated):
    """Rows of a control arm and of one effect or more: name, events and people of each."""
    name, events, total = control
    common = {"study_id": study, "likelihood": "binomial", "baseline_id": f"{study}/{name}"}
    rows = [common | {"effect_id": None, "treated": 0.0, "events": events, "total": total}]
    for effect, e, n in treated:
        arm = {"effect_id": f"{study}/{effect}", "treated": 1.0, "events": e, "total": n}
        rows.append(common | arm)
    return rows


def data_of(rows, correlation):
    return dataset(Terms.frame(rows), BASELINE, correlation)


def schools():
    return [
        row
        for district, effects in SCHOOLS["districts"].items()
        for j, (value, variance) in enumerate(effects)
        for row in estimate(f"d{district}", j, value, variance**0.5)
    ]


def test_schools_in_districts_have_the_posterior_of_brute_force():
    data = data_of(schools(), 0.0)
    result = answer(data, plain_design(data), priors(), LIMIT)
    assert result.converged
    for quantity in ("mu", "tau", "omega"):
        for statistic, value in SCHOOLS["posterior"][quantity].items():
            assert result.quantities[quantity][statistic] == pytest.approx(value, abs=1e-6)


MIXED = [
    *counts("a", ("c1", 12, 60), ("e1", 20, 58)),
    *counts("a", ("c2", 3, 40), ("e2", 9, 45)),
    *estimate("a", "e3", 0.5, 0.4),
    *finding("b", "e1", 1.96, np.inf, 120, 110),
    *finding("b", "e2", -1.96, 1.96, 120, 110),
    *finding("b", "e3", 0.0, 1.96, 90, 100),
    *estimate("c", "e1", -0.1, 0.3),
    *counts("d", ("c1", 30, 100), ("e1", 40, 95), ("e2", 28, 102)),
    *finding("d", "e3", 0.0, np.inf, 80, 80),
    *estimate("d", "e4", 0.3, 0.25),
    *counts("e", ("c1", 10, 50), ("e1", 12, 50)),
]


class BruteForce:
    """Posterior of the pooled effect and both SDs on dense grids."""

    theta = np.linspace(-12, 12, 481)
    level = np.linspace(-9, 9, 121)
    u, du = np.linspace(-7, 7, 101, retstep=True)

    def __init__(self, rows, correlation, prior_sd):
        self.correlation = correlation
        self.g, step = np.linspace(-7, 7, 57, retstep=True)
        self.log_g = stats.norm.logpdf(self.g) + np.log(step)
        self.studies = {}
        for row in rows:
            self.studies.setdefault(row["study_id"], []).append(row)
        nodes, weights = np.polynomial.legendre.leggauss(24)
        self.sd = 3.0 * prior_sd * (nodes + 1)
        self.weight = weights * stats.halfnorm.pdf(self.sd, scale=prior_sd)
        self.mu = np.linspace(-5, 5, 201)
        log_joint = np.empty((self.sd.size, self.sd.size, self.mu.size))
        for k, omega in enumerate(self.sd):
            tables = [self.study(rows, omega) for rows in self.tables()]
            for j, tau in enumerate(self.sd):
                log_joint[k, j] = sum(self.blurred(self.level, t, self.mu, tau) for t in tables)
        log_joint += stats.norm.logpdf(self.mu)
        joint = np.exp(log_joint - log_joint.max())
        self.joint = joint * self.weight[:, None, None] * self.weight[:, None]

    def blurred(self, x, log_l, at, sd):
        """Log of a likelihood averaged over a normal around each point, shape (..., at)."""
        inside = np.clip(at[:, None] + sd * self.u, x[0], x[-1])
        values = CubicSpline(x, log_l, axis=-1)(inside)
        return logsumexp(values + stats.norm.logpdf(self.u) + np.log(self.du), axis=-1)

    def tables(self):
        """By study, tables of its effects given g, and of those that share a control."""
        if not hasattr(self, "_tables"):
            self._tables = [self.effects(rows) for rows in self.studies.values()]
        return self._tables

    def effects(self, rows):
        arms = {}
        for row in rows:
            if row["likelihood"] == "binomial":
                arms.setdefault(row["baseline_id"], []).append(row)
        alone = [group for group in arms.values() if len(group) == 2]
        together = [group for group in arms.values() if len(group) > 2]
        others = [row for row in rows if row["likelihood"] != "binomial"]
        correlation = self.correlation if len(alone) + len(others) > 1 else 0.0
        given = [self.counts(group, correlation) for group in alone]
        given += [getattr(self, row["likelihood"])(row, correlation) for row in others]
        return given, together

    def normal(self, row, rho):
        centre = self.theta + row["standard_error"] * np.sqrt(rho) * self.g[:, None]
        sd = row["standard_error"] * np.sqrt(1 - rho)
        return stats.norm.logpdf(row["value"], centre, sd)

    def interval(self, row, rho):
        alpha, step = np.linspace(-4, 2, 121, retstep=True)
        p0, p1 = expit(alpha), expit(alpha + self.theta[:, None])
        n1, n0 = row["n_treated"], row["n_control"]
        centre = self.theta[:, None] / np.sqrt(1 / (n1 * p1 * (1 - p1)) + 1 / (n0 * p0 * (1 - p0)))
        weight = stats.norm.pdf(alpha, -1, 0.5) * step
        tables = []
        for g in self.g:
            low, high = (
                (row[bound] - centre - np.sqrt(rho) * g) / np.sqrt(1 - rho)
                for bound in ("z_low", "z_high")
            )
            says = np.maximum(ndtr(high) - ndtr(low), ndtr(-low) - ndtr(-high))
            tables.append(says @ weight)
        return np.log(np.maximum(tables, 1e-300))

    def counts(self, group, rho):
        control, treated = sorted(group, key=lambda row: row["treated"])
        alpha, step = np.linspace(-9, 6, 301, retstep=True)
        (y1, n1), (y0, n0) = ((row["events"], row["total"]) for row in (treated, control))
        p1, p0 = expit(alpha + self.theta[:, None]), expit(alpha)
        terms = stats.binom.logpmf(y1, n1, p1) + stats.binom.logpmf(y0, n0, p0)
        terms += stats.norm.logpdf(alpha, 0, 10) + np.log(step)
        errors = [
            np.arcsin(np.sqrt((y + 3 / 8) / (n + 3 / 4))) - np.arcsin(np.sqrt(p))
            for y, n, p in ((y1, n1, p1), (y0, n0, p0))
        ]
        r = 2 * np.sqrt(n1 * n0 / (n1 + n0)) * (errors[0] - errors[1])
        return np.array(
            [
                logsumexp(
                    terms
                    + stats.norm.logpdf(r, np.sqrt(rho) * g, np.sqrt(1 - rho))
                    - stats.norm.logpdf(r),
                    axis=1,
                )
                for g in self.g
            ]
        )

    def study(self, effects, omega):
        given, together = effects
        total = sum(self.blurred(self.theta, table, self.level, omega) for table in given)
        total = (
            logsumexp(np.reshape(total, (-1, self.level.size)).T + self.log_g, axis=1)
            if (given)
            else np.zeros(self.level.size)
        )
        return total + sum(self.shared(group, omega) for group in together)

    def shared(self, group, omega):
        control, *treated = sorted(group, key=lambda row: row["treated"])
        alpha, step = np.linspace(-4, 2.5, 261, retstep=True)
        terms = stats.binom.logpmf(control["events"], control["total"], expit(alpha))
        terms = terms + stats.norm.logpdf(alpha, 0, 10) + np.log(step)
        eta = np.linspace(-14, 12, 1041)
        at = alpha + self.level[:, None]
        for row in treated:
            p = expit(eta[:, None] + omega * self.u)
            log_l = stats.binom.logpmf(row["events"], row["total"], p)
            log_l = logsumexp(log_l + stats.norm.logpdf(self.u) + np.log(self.du), axis=1)
            terms = terms + CubicSpline(eta, log_l)(at)
        return logsumexp(terms, axis=1)

    def summary(self, quantity):
        """Mean, SD and quantiles, by a fine distribution function."""
        axis = {"omega": 0, "tau": 1, "mu": 2}[quantity]
        points = self.mu if axis == 2 else self.sd
        share = self.joint.sum(axis=tuple({0, 1, 2} - {axis}))
        share = share / share.sum()
        mean = share @ points
        found = {"mean": mean, "sd": np.sqrt(share @ (points - mean) ** 2)}
        if axis == 2:
            below = CubicSpline(points, share / (points[1] - points[0])).antiderivative()
            dense = np.linspace(points[0], points[-1], 200_001)
            for name, level in LEVELS.items():
                found[name] = dense[np.searchsorted(below(dense), level)]
        return found


@pytest.mark.parametrize(
    "correlation",
    [
        pytest.param(0.5, marks=pytest.mark.long),
        *(pytest.param(rho, marks=pytest.mark.slow) for rho in (0.0, 0.8)),
    ],
)
def test_mixed_forms_have_the_posterior_of_brute_force(correlation):
    data = data_of(MIXED, correlation)
    own = priors(tau="half_normal(0.4)")
    result = answer(data, plain_design(data), own, LIMIT)
    assert result.converged
    brute = BruteForce(MIXED, correlation, 0.4)
    for quantity in ("mu", "tau", "omega"):
        for statistic, value in brute.summary(quantity).items():
            found = result.quantities[quantity][statistic]
            assert found == pytest.approx(value, abs=1e-3), (quantity, statistic)


def some_estimates():
    rng = np.random.default_rng(2)
    return [
        row
        for i, effects in enumerate((1, 3, 2, 1, 4, 2))
        for j in range(effects)
        for row in estimate(f"s{i}", j, float(rng.normal(0.2, 0.4)), float(rng.uniform(0.2, 0.5)))
    ]


@pytest.mark.long
@pytest.mark.parametrize("levels", ["a", "ab", pytest.param("abc", marks=pytest.mark.slow)])
@pytest.mark.parametrize("correlation", [0.0, 0.5])
def test_closed_forms_and_tables_agree_on_estimates(correlation, levels):
    data = data_of(some_estimates(), correlation)
    values = [levels[i % len(levels)] for i in range(6)]
    studies = pd.DataFrame({"study_id": list(data.studies), "moderator_g": values})
    coding = Coding(kind="categorical", levels=list(levels))
    design = design_matrix(studies, {"g": coding} if len(levels) > 1 else {})
    closed = answer(data, design, priors(), LIMIT)
    for closed_rows in (True, False):
        likelihoods = likelihoods_of([data], closed=closed_rows)
        general = answer_from_tables(likelihoods, design, priors(), LIMIT)
        assert general.converged
        assert general.log_evidence == pytest.approx(closed.log_evidence, abs=2e-5)
        for quantity, figures in closed.quantities.items():
            for name, value in figures.items():
                assert general.quantities[quantity][name] == pytest.approx(value, abs=1e-4), name


def test_a_moderator_may_differ_within_a_study_of_estimates():
    # Dense sums over both SDs, coefficients in closed form by multivariate normal densities.
    data = data_of(some_estimates(), 0.5)
    rng = np.random.default_rng(9)
    x = rng.normal(size=len(data.effects))
    rows = pd.DataFrame(
        {
            "study_id": [data.studies[i] for i in data.effect_study],
            "effect_id": data.effects,
            "moderator_x": x,
        }
    )
    design = design_matrix(rows, {"x": Coding(kind="numeric", centre=0.0, per=1.0)})
    found = answer(data, design, priors(), LIMIT)
    value, error = data.estimates
    same = data.effect_study[:, None] == data.effect_study
    sampling = np.where(same, 0.5, 0.0)
    np.fill_diagonal(sampling, 1.0)
    sampling *= np.outer(error, error)
    columns = np.column_stack([np.ones(x.size), x])
    prior = np.diag([1.0, 0.25])
    nodes, weights = np.polynomial.legendre.leggauss(60)
    sd, weights = 1.5 * (nodes + 1), weights * stats.halfnorm.pdf(1.5 * (nodes + 1), scale=0.5)
    total, mean = 0.0, np.zeros(2)
    for tau, of_tau in zip(sd, weights, strict=True):
        for omega, of_omega in zip(sd, weights, strict=True):
            v = sampling + tau**2 * same + omega**2 * np.eye(x.size)
            law = stats.multivariate_normal(np.zeros(x.size), v + columns @ prior @ columns.T)
            weight = of_tau * of_omega * law.pdf(value)
            inverse = np.linalg.inv(v)
            precision = columns.T @ inverse @ columns + np.linalg.inv(prior)
            mean += weight * np.linalg.solve(precision, columns.T @ inverse @ value)
            total += weight
    mean /= total
    assert found.quantities["mu"]["mean"] == pytest.approx(mean[0], abs=1e-4)
    assert found.quantities["beta[x]"]["mean"] == pytest.approx(mean[1], abs=1e-4)


def test_one_effect_has_the_law_that_it_has_alone():
    # Averaged over what errors share, whatever the correlation, for every form.
    rows = [
        *counts("a", ("c", 3, 40), ("e", 9, 45)),
        *counts("b", ("c", 0, 40), ("e", 0, 45)),
        *finding("c", "e", 0.0, 1.96, 90, 100),
        *finding("d", "e", -np.inf, -1.96, 90, 100),
        *estimate("e", "e", 0.3, 0.25),
    ]
    data = data_of(rows, 0.7)
    theta = np.linspace(-3, 3, 61)
    shared = SharedNodes.of(4, 0.7)
    alone = log_likelihoods(data, theta)
    for form in data.forms.values():
        for row in form.rows_of_effects:
            tables = form.tables_given(int(row), theta, data.baseline_prior, shared)
            averaged = logsumexp(tables + shared.log_weight[:, None], axis=0)
            expected = alone[form.effect[row]]
            near = expected > expected.max() - 12
            np.testing.assert_allclose(averaged[near], expected[near], atol=2e-5)


def test_a_new_effect_varies_by_both_sds():
    """Its variance is that of the pooled effect, and the means of both SDs' squares."""
    data = data_of(some_estimates(), 0.5)
    found = answer(data, plain_design(data), priors(), LIMIT)
    figures = {name: (row["mean"], row["sd"]) for name, row in found.quantities.items()}
    squares = {name: mean**2 + sd**2 for name, (mean, sd) in figures.items()}
    expected = figures["mu"][1] ** 2 + squares["tau"] + squares["omega"]
    assert figures["theta_new"][1] ** 2 == pytest.approx(expected, rel=1e-4)
    assert figures["theta_new"][0] == pytest.approx(figures["mu"][0], abs=1e-5)
