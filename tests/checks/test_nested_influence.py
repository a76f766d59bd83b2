"""Leave-one-out where a study gives several effects: against closed forms, and against refits."""

import numpy as np
import pytest
import xarray as xr
from made_up_fits import BASELINE, model, plain_design, priors
from scipy import stats

from livingreview.checks.assembled_fits import Fit
from livingreview.checks.influence import CLOSED, draws_tree, integrated, left_out_rows
from livingreview.checks.nested_averages import EvidenceOfOutcomes
from livingreview.effects.data_set import dataset
from livingreview.models.quadrature.heterogeneity import TauGrid
from livingreview.models.quadrature.sd_within_study import WithinGrid
from livingreview.tables.effects import Terms

pytestmark = pytest.mark.long

CORRELATION = 0.5


def estimate(study, effect, value, error):
    row = {"study_id": study, "effect_id": f"{study}/{effect}", "likelihood": "normal"}
    return row | {"value": value, "standard_error": error}


def finding(study, effect, low, high, n):
    row = {"study_id": study, "effect_id": f"{study}/{effect}", "likelihood": "interval"}
    numbers = {"z_low": low, "z_high": high, "n_treated": n, "n_control": n}
    return row | numbers | {"baseline_id": f"{study}/{effect}"}


ESTIMATES = [
    estimate("a", 1, 0.3, 0.2),
    estimate("a", 2, -0.1, 0.3),
    estimate("b", 1, 0.5, 0.15),
    estimate("c", 1, -0.2, 0.4),
    estimate("c", 2, 0.1, 0.3),
    estimate("c", 3, 0.6, 0.5),
]
MIXED = [
    *ESTIMATES,
    finding("d", 1, 0.0, 1.96, 90.0),
    finding("d", 2, -1.96, 1.96, 80.0),
    finding("e", 1, 0.0, np.inf, 150.0),
]


def data_of(rows):
    return dataset(Terms.frame(rows), BASELINE, CORRELATION)


def evidence_of(data):
    return EvidenceOfOutcomes({"o/overall": data}).of("o/overall")


def test_likelihoods_at_draws_are_normal_densities_of_estimates():
    data = data_of(ESTIMATES)
    rng = np.random.default_rng(4)
    location = rng.uniform(-1, 1, (40, 3))
    tau, omega = rng.uniform(0.01, 1.5, (2, 40))
    evidence = evidence_of(data)
    found = evidence.log_likelihood(location, tau, omega)
    below, upto = evidence.log_tail_averages(CLOSED[1:], location, tau, omega)
    value, error = data.estimates
    most_precise = {"a": 0.2, "b": 0.15, "c": 0.3}
    for i, study in enumerate(data.studies):
        of_study = data.effect_study == i
        y, s = value[of_study], error[of_study]
        correlations = np.full((y.size, y.size), CORRELATION)
        np.fill_diagonal(correlations, 1.0)
        for d in range(40):
            covariance = (
                correlations * np.outer(s, s) + tau[d] ** 2 + omega[d] ** 2 * np.eye(y.size)
            )
            law = stats.multivariate_normal(np.full(y.size, location[d, i]), covariance)
            assert found[d, i] == pytest.approx(law.logpdf(y), abs=1e-4)
            sd = np.sqrt(most_precise[study] ** 2 + tau[d] ** 2 + omega[d] ** 2)
            expected = stats.norm.logcdf(y[s == most_precise[study]], location[d, i], sd)
            assert [below[d, i], upto[d, i]] == pytest.approx([*expected, *expected], abs=1e-9)


def drawn_fit(data, draws=8000):
    """Fit whose draws are independent, from a dense grid of the pooled effect and both SDs."""
    evidence, own = evidence_of(data), priors()
    within = WithinGrid(TauGrid.over(evidence.likelihoods.scale, 0.0, 4.0, 65))
    tau = np.linspace(0.0, 2.5, 126)
    everyone = np.ones((1, len(data.studies)), dtype=bool)
    rows = within.rows(evidence.likelihoods)
    points, [log_density] = rows.sums(everyone, -3.0, 3.0, 0.03, tau)
    log_density += own.mu.distribution.logpdf(points)
    log_density += own.spread.distribution.logpdf(tau)[:, None]
    log_density += within.log_prior(own)[:, None, None]
    share = np.exp(log_density - log_density.max())
    share[0] /= 2
    share[:, 0] /= 2
    rng = np.random.default_rng(1)
    at = rng.choice(share.size, size=draws, p=(share / share.sum()).ravel())
    k, node, point = np.unravel_index(at, share.shape)
    of_cell = rng.random((3, draws)) - 0.5
    t = np.abs(within.t[k] + within.step * of_cell[0])
    variables = {
        "mu": points[point] + (points[1] - points[0]) * of_cell[1],
        "tau": np.abs(tau[node] + (tau[1] - tau[0]) * of_cell[2]),
        "omega": evidence.likelihoods.scale * np.sinh(t),
    }
    chains = {
        name: (("chain", "draw"), values.reshape(4, -1)) for name, values in variables.items()
    }
    for name in ("pooled", "theta_new"):
        chains[name] = (("chain", "draw", "setting"), variables["mu"].reshape(4, -1, 1))
    design = plain_design(data)
    coords = {"chain": np.arange(4), "draw": np.arange(draws // 4)}
    posterior = xr.Dataset(chains, coords=coords | {"setting": list(design.settings)})
    return Fit("o/overall", data, design, model(), posterior)


def test_weights_and_refits_agree_where_a_study_gives_several_effects():
    fit = drawn_fit(data_of(MIXED))
    nested = EvidenceOfOutcomes({fit.name: fit.data}).of(fit.name)
    parts = integrated(fit, nested)
    tree = draws_tree(fit, parts)
    weighted = list(left_out_rows(fit, tree, parts, np.inf, 1, nested))
    exact = list(left_out_rows(fit, tree, parts, -np.inf, 1, nested))
    assert all(row["refitted"] for row, _ in exact)
    for (by_weights, without), (by_fit, refitted) in zip(weighted, exact, strict=True):
        assert by_weights["pareto_k"] < 0.7
        assert by_weights["elpd"] == pytest.approx(by_fit["elpd"], abs=0.04)
        assert by_weights["pit"] == pytest.approx(by_fit["pit"], abs=0.02)
        for ours, theirs in zip(without, refitted, strict=True):
            assert ours["quantity"] == theirs["quantity"]
            assert ours["mean"] == pytest.approx(theirs["mean"], abs=0.02)
