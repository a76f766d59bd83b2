"""One compiled graph is each model that it serves: its density by scipy, term for term."""

import numpy as np
import pandas as pd
import peers
import pymc as pm
import pytest
from scipy import stats

from livingreview.effects.data_set import dataset
from livingreview.effects.design_matrix import design_matrix
from livingreview.effects.refusal import Refusal
from livingreview.models.nuts.graph import build_model, compiled_structure, model_numbers
from livingreview.models.nuts.packing import Layout
from livingreview.protocol.models import ModelSpecification, Priors
from livingreview.protocol.moderators import Coding
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import LOCAL_DEGREES, Prior
from livingreview.tables.effects import Terms

PRIORS = Priors(
    mu=Prior.parse("normal(0, 1)"),
    beta=Prior.parse("normal(0.1, 0.5)"),
    tau=Prior.parse("half_normal(0.5)"),
)
DEGREES, GLOBAL = 4.0, 0.3
KINDS = {
    "hierarchical": {},
    "robust": {"degrees": DEGREES},
    "shrinkage": {"global_scale": GLOBAL},
}
SPECIFICATIONS = {
    kind: ModelSpecification(kind=kind, moderators={}, priors=PRIORS, **options)
    for kind, options in KINDS.items()
}


def used(kind: str, data, columns, at: dict[str, np.ndarray]) -> float:
    """Log density of what a model uses, written out."""
    tau, normal = np.exp(at["tau_log__"]), at["u"]
    total = stats.norm.logpdf(at["mu"]) + stats.halfnorm.logpdf(tau, scale=0.5)
    total += stats.norm.logpdf(normal).sum()
    u, beta = normal, at["beta_plain"]
    if kind == "robust":
        variance = np.exp(at["u_variance_log__"])
        total += stats.invgamma.logpdf(variance, DEGREES / 2, scale=DEGREES / 2).sum()
        u = normal * np.sqrt(variance)
    if kind == "shrinkage":
        local, overall = np.exp(at["local_log__"]), np.exp(at["global_log__"])
        total += stats.norm.logpdf(at["z"]).sum() + stats.t.logpdf(local, LOCAL_DEGREES).sum()
        total += stats.halfnorm.logpdf(overall, scale=GLOBAL)
        beta = at["z"] / np.sqrt(1 / 0.5**2 + 1 / (overall * local) ** 2)
    else:
        total += stats.norm.logpdf(at["beta_plain"], 0.1, 0.5).sum()
    theta = at["mu"] + columns @ beta + tau * u
    return total + stats.norm.logpdf(data.estimates[0], theta, data.estimates[1]).sum()


@pytest.fixture(scope="module")
def case():
    data, frame = peers.estimates()
    columns = np.column_stack([np.linspace(-1, 1, len(frame)), np.arange(len(frame)) % 2])
    assert (
        len({compiled_structure(specification) for specification in SPECIFICATIONS.values()}) == 1
    )
    model = build_model(data, 2, *SPECIFICATIONS.values())
    return data, columns, model, model.compile_logp(jacobian=False, mode="FAST_COMPILE")


def become(kind, case):
    """Give the graph the numbers of one of its models."""
    data, columns, model, _ = case
    numbers = model_numbers(data, 2, SPECIFICATIONS[kind], columns)
    model["numbers"].set_value(Layout.for_arrays(numbers).packed(numbers))


def two_points(model, seed):
    """Values of every variable, drawn twice."""
    rng = np.random.default_rng(seed)
    start = model.initial_point()
    return [{k: rng.normal(0, 0.5, np.shape(v)) for k, v in start.items()} for _ in "ab"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_graph_that_serves_several_kinds_is_each_of_them(case, kind):
    data, columns, model, log_density = case
    become(kind, case)
    one, other = two_points(model, 20261124)
    # What the kind does not use stays where it is: its prior then cancels in the difference.
    unused = {
        "hierarchical": ("u_variance_log__", "z", "local_log__", "global_log__"),
        "robust": ("z", "local_log__", "global_log__"),
        "shrinkage": ("u_variance_log__", "beta_plain"),
    }
    other |= {name: one[name] for name in unused[kind]}
    ours = log_density(one) - log_density(other)
    assert ours == pytest.approx(used(kind, data, columns, one) - used(kind, data, columns, other))


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_kind_does_not_use_touches_nothing_else(case, kind):
    *_, model, log_density = case
    become(kind, case)
    one, other = two_points(model, 11)
    unused = {"robust": "z", "hierarchical": "u_variance_log__", "shrinkage": "beta_plain"}[kind]
    moved = [
        log_density(point | {unused: other[unused]}) - log_density(point)
        for point in (one, other | {unused: one[unused]})
    ]
    assert moved[0] == pytest.approx(moved[1], abs=1e-9)


def at_high_risk(data, high_risk):
    """Density of a graph in which these studies are at high risk of bias."""
    kappa = {"kind": "bias_adjusted", "kappa": Prior.parse("half_normal(0.7)")}
    specification = ModelSpecification(moderators={}, priors=PRIORS, **kappa)
    model = build_model(data, 0, specification)
    numbers = model_numbers(data, 0, specification, high_risk=high_risk)
    model["numbers"].set_value(Layout.for_arrays(numbers).packed(numbers))
    return model, model.compile_logp(jacobian=False, mode="FAST_COMPILE")


def test_only_studies_at_high_risk_have_the_variance_of_bias():
    data, _ = peers.estimates()
    high_risk = [data.studies[2], data.studies[5]]
    model, log_density = at_high_risk(data, high_risk)

    def written_out(at: dict[str, np.ndarray]) -> float:
        tau, kappa = np.exp(at["tau_log__"]), np.exp(at["kappa_log__"])
        total = stats.norm.logpdf(at["mu"]) + stats.halfnorm.logpdf(tau, scale=0.5)
        total += stats.halfnorm.logpdf(kappa, scale=0.7) + stats.norm.logpdf(at["u"]).sum()
        spread = np.where(np.isin(data.studies, high_risk), np.hypot(tau, kappa), tau)
        theta = at["mu"] + (spread * at["u"])[data.effect_study]
        return total + stats.norm.logpdf(data.estimates[0], theta, data.estimates[1]).sum()

    one, other = two_points(model, 7)
    assert log_density(one) - log_density(other) == pytest.approx(
        written_out(one) - written_out(other)
    )


def test_effects_of_a_study_share_its_bias():
    """By the covariance of the effects, with each effect's own variable mixed by simulation."""
    names = ["a/0", "a/1", "b/0", "b/1", "c/0"]
    terms = Terms.frame(
        [
            {"study_id": name[0], "effect_id": name, "likelihood": "normal"}
            | {"value": 0.0, "standard_error": 0.2}
            for name in names
        ]
    )
    data = dataset(terms, peers.protocol().outcomes["tuberculosis"].priors, 0.4)
    model, _ = at_high_risk(data, ["a", "c"])
    drawn = pm.draw(
        [model[name] for name in ("theta", "mu", "tau", "omega", "kappa")], 40_000, random_seed=3
    )
    theta, mu, tau, omega, kappa = drawn
    deviation = theta - mu[:, None]
    between = deviation[:, 0] * deviation[:, 1] - (tau**2 + kappa**2)
    without = deviation[:, 2] * deviation[:, 3] - tau**2
    alone = deviation[:, 4] ** 2 - (tau**2 + kappa**2 + omega**2)
    for residual in (between, without, alone):
        assert residual.mean() == pytest.approx(0, abs=4 * residual.std() / 200)


def test_effects_of_a_study_have_moderators_of_their_own():
    """Two studies with two effects each; the last effect does not tell its moderator."""
    names = ["a/0", "a/1", "b/0", "b/1"]
    values, errors = np.array([0.2, 0.6, -0.1, 0.4]), np.array([0.2, 0.3, 0.25, 0.2])
    terms = pd.DataFrame(
        {
            "study_id": ["a", "a", "b", "b"],
            "effect_id": names,
            "likelihood": "normal",
            "value": values,
            "standard_error": errors,
        }
    )
    empty = ("treated", "events", "total", "z_low", "z_high", "n_treated", "n_control")
    terms = terms.assign(**dict.fromkeys((*empty, "baseline_id"), np.nan))
    data = dataset(terms, peers.protocol().outcomes["tuberculosis"].priors, 0.4)
    table = pd.DataFrame({"study_id": terms["study_id"], "effect_id": names})
    table["moderator_place"] = ["town", "village", "village", None]
    coding = Coding(kind="categorical", levels=["town", "village"])
    design = design_matrix(table, {"place": coding}).of_effects(data.effect_studies, data.effects)
    specification = SPECIFICATIONS["hierarchical"]
    model = build_model(data, 1, specification)
    numbers = model_numbers(data, 1, specification, design.columns, design.included)
    model["numbers"].set_value(Layout.for_arrays(numbers).packed(numbers))
    log_density = model.compile_logp(jacobian=False, mode="FAST_COMPILE")

    def written_out(at: dict[str, np.ndarray]) -> float:
        total, ratio = np.exp(at["spreads_sum_and_ratio__"])
        tau, omega = np.sqrt(total / (1 + ratio)), np.sqrt(total * ratio / (1 + ratio))
        total = stats.norm.logpdf(at["mu"]) + stats.norm.logpdf(at["beta"], 0.1, 0.5).sum()
        total += stats.halfnorm.logpdf(tau, scale=0.5) + stats.halfnorm.logpdf(omega, scale=0.5)
        z = at["deviation"]
        total += stats.norm.logpdf(z).sum()
        root = np.sqrt(omega**2 + 2 * tau**2) - omega
        theta = at["mu"] + np.array([0, 1, 1]) * at["beta"][0]
        theta = theta + omega * z[:3] + root * np.repeat([z[:2].mean(), z[2:].mean()], [2, 1])
        covariance = np.outer(errors[:2], errors[:2]) * np.array([[1, 0.4], [0.4, 1]])
        total += stats.multivariate_normal.logpdf(values[:2], theta[:2], covariance)
        return float(total + stats.norm.logpdf(values[2], theta[2], errors[2]))

    points = two_points(model, 3)
    apart = [float(log_density(at)) - written_out(at) for at in points]
    assert apart == pytest.approx([0.0, 0.0], abs=1e-9)
    with pytest.raises(Refusal, match="moderators differ within a, b; sampled only"):
        design.of_studies(data.studies)


NESTED = {"a": 1, "b": 2, "c": 5}


@pytest.fixture(scope="module")
def nested():
    """Graph of studies with one, two and five effects, and its effects at any point."""
    rows = [
        {"study_id": study, "effect_id": f"{study}/{i}", "likelihood": "normal"}
        | {"value": 0.1 * i, "standard_error": 0.2}
        for study, effects in NESTED.items()
        for i in range(effects)
    ]
    baseline = BaselinePriors(findings=PRIORS.mu, counts=PRIORS.mu)
    data = dataset(Terms.frame(rows), baseline, sampling_correlation=0.5)
    model = build_model(data, 0, *SPECIFICATIONS.values())
    [values] = model.replace_rvs_by_values([model["theta"]])
    theta = model.compile_fn(
        values, inputs=model.value_vars, mode="FAST_COMPILE", on_unused_input="ignore"
    )
    return data, model, theta


@pytest.mark.parametrize("kind", ["hierarchical", "robust"])
def test_effects_of_a_study_have_the_covariance_of_three_levels(nested, kind):
    data, model, theta = nested
    numbers = model_numbers(data, 0, SPECIFICATIONS[kind])
    model["numbers"].set_value(Layout.for_arrays(numbers).packed(numbers))
    point = model.initial_point() | {"spreads_sum_and_ratio__": np.log([0.09 + 0.04, 0.04 / 0.09])}
    variances = np.array([0.5, 2.0, 1.5])
    point |= {"u_variance_log__": np.log(variances)}
    origin = theta(point | {"deviation": np.zeros(8)})
    np.testing.assert_allclose(origin, point["mu"])
    # Effects are linear in the deviations: their covariance is that of the directions.
    root = np.array([theta(point | {"deviation": unit}) - origin for unit in np.eye(8)])
    factor = variances if kind == "robust" else np.ones(3)
    same_study = data.effect_study[:, None] == data.effect_study
    expected = 0.09 * factor[data.effect_study] * same_study + 0.04 * np.eye(8)
    np.testing.assert_allclose(root.T @ root, expected, atol=1e-12)
