"""Errors that effects of a study share: integrated in closed form, or sampled with a statement."""

import numpy as np
import pytensor.tensor as pt
import pytest
from scipy import stats
from scipy.special import expit

from livingreview.effects.data_set import dataset
from livingreview.models.nuts.graph import model_numbers
from livingreview.models.nuts.sampling_errors import (
    INCLUDED,
    correlation_terms,
    integrated_group,
    sampled_group,
)
from livingreview.protocol.models import ModelSpecification, Priors
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior
from livingreview.tables.effects import Terms

RHO = 0.6
BASELINE = BaselinePriors(
    findings=Prior.parse("normal(-1, 1)"), counts=Prior.parse("normal(0, 10)")
)
PLAIN = ModelSpecification(
    moderators={},
    priors=Priors(
        mu=Prior.parse("normal(0, 1)"),
        beta=Prior.parse("normal(0, 1)"),
        tau=Prior.parse("half_normal(1)"),
    ),
)
ESTIMATES = {"a": [(0.2, 0.3)], "b": [(0.5, 0.2), (-0.1, 0.4)]}
ESTIMATES |= {"c": [(0.1, 0.1), (0.4, 0.2), (-0.3, 0.5), (0.0, 0.25), (0.9, 0.3)]}


def estimates(errors=1.0):
    return [
        {"study_id": study, "effect_id": f"{study}/{i}", "likelihood": "normal"}
        | {"value": y, "standard_error": s * errors}
        for study, effects in ESTIMATES.items()
        for i, (y, s) in enumerate(effects)
    ]


def counts(study, *tables):
    rows = []
    for i, (treated, control) in enumerate(tables):
        common = {"study_id": study, "likelihood": "binomial", "baseline_id": f"{study}/{i}"}
        for effect, arm, (events, total) in ((None, 0, control), (f"{study}/{i}", 1, treated)):
            rows.append(
                common | {"effect_id": effect, "treated": arm, "events": events, "total": total}
            )
    return rows


def statement(study, i):
    sizes = {"z_low": 1.96, "z_high": np.inf, "n_treated": 300.0, "n_control": 250.0}
    name = {"study_id": study, "effect_id": f"{study}/{i}", "baseline_id": f"{study}/s{i}"}
    return name | {"likelihood": "interval"} | sizes


def terms_at(data, theta, logit=None, numbers=None):
    """All terms at given effects, and those of the correlation alone."""
    numbers = numbers or model_numbers(data, 0, PLAIN)
    given = {name: pt.as_tensor(value) for name, value in numbers.items()}
    at = pt.as_tensor(theta), None if logit is None else pt.as_tensor(logit)
    each = [form.tensor(given, *at).sum() for form in data.forms.values()]
    together = correlation_terms(data, given, *at)
    return (
        float(pt.add(*each, together.sum()).eval(mode="FAST_COMPILE")),
        together.eval(mode="FAST_COMPILE"),
    )


def test_estimates_have_the_density_of_their_covariance():
    data = dataset(Terms.frame(estimates()), BASELINE, sampling_correlation=RHO)
    theta = np.linspace(-0.5, 0.7, len(data.effects))
    expected = 0.0
    for study in range(len(data.studies)):
        rows = data.effect_study == study
        value, error = (array[rows] for array in data.estimates)
        covariance = RHO * np.outer(error, error)
        np.fill_diagonal(covariance, error**2)
        expected += stats.multivariate_normal.logpdf(value, theta[rows], covariance)
    total, together = terms_at(data, theta)
    assert total == pytest.approx(expected, rel=1e-12)
    # The study with one effect has no term.
    assert together.shape == (2,)


def test_an_effect_that_a_model_leaves_out_does_not_count():
    data = dataset(Terms.frame(estimates()), BASELINE, sampling_correlation=RHO)
    theta = np.linspace(-0.5, 0.7, len(data.effects))
    used = np.array([effect not in ("b/1", "c/0") for effect in data.effects])
    numbers = model_numbers(data, 0, PLAIN) | {INCLUDED: used.astype(float)}
    of_study_b, of_study_c = terms_at(data, theta, numbers=numbers)[1]
    value, error = data.estimates
    kept = used & (data.effect_study == data.studies.index("c"))
    r = ((value - theta) / error)[kept]
    matrix = np.full((4, 4), RHO) + (1 - RHO) * np.eye(4)
    expected = stats.multivariate_normal.logpdf(r, cov=matrix) - stats.norm.logpdf(r).sum()
    assert of_study_c == pytest.approx(expected, rel=1e-10)
    assert of_study_b == pytest.approx(0.0, abs=1e-12)


def test_counts_and_estimates_of_one_study_keep_their_own_laws_beside_the_correlation():
    tables = [((12, 100), (20, 110)), ((30, 80), (25, 90))]
    rows = [*counts("d", *tables), estimates()[0] | {"study_id": "d", "effect_id": "d/9"}]
    data = dataset(Terms.frame(rows), BASELINE, sampling_correlation=RHO)
    # Made for other counts and errors: all that a model needs comes with its numbers.
    others = [((1, 100), (1, 110)), ((1, 80), (1, 90))]
    made = [*counts("d", *others), estimates(2.0)[0] | {"study_id": "d", "effect_id": "d/9"}]
    compiled_for = dataset(Terms.frame(made), BASELINE, sampling_correlation=RHO)
    theta, logit = np.array([-0.4, 0.3, 0.1]), np.array([-1.2, -0.9])
    total, _ = terms_at(compiled_for, theta, logit, model_numbers(data, 0, PLAIN))

    residuals, expected = [(0.2 - theta[2]) / 0.3], stats.norm.logpdf(0.2, theta[2], 0.3)
    for i, (treated, control) in enumerate(tables):
        errors, variance = [], 0.0
        for (events, n), x in ((treated, logit[i] + theta[i]), (control, logit[i])):
            expected += stats.binom.logpmf(events, n, expit(x))
            observed = np.arcsin(np.sqrt((events + 3 / 8) / (n + 3 / 4)))
            errors.append(observed - np.arcsin(np.sqrt(expit(x))))
            variance += 0.25 / n
        residuals.append((errors[0] - errors[1]) / np.sqrt(variance))
    matrix = np.full((3, 3), RHO) + (1 - RHO) * np.eye(3)
    expected += stats.multivariate_normal.logpdf(residuals, cov=matrix)
    expected -= stats.norm.logpdf(residuals).sum()
    assert total == pytest.approx(expected, rel=1e-9)


def test_what_is_shared_is_sampled_only_where_a_study_makes_a_statement():
    rows = [*estimates(), statement("a", 7), *counts("e", ((3, 9), (4, 9)), ((5, 9), (4, 9)))]
    data = dataset(Terms.frame([*rows, statement("f", 0)]), BASELINE, sampling_correlation=RHO)
    sampled, integrated = (
        {data.effects[effect][0] for effect in np.flatnonzero(group(data) >= 0)}
        for group in (sampled_group, integrated_group)
    )
    assert (sampled, integrated) == ({"a"}, {"b", "c", "e"})
    assert set(sampled_group(data)) == {-1, 0} and set(integrated_group(data)) == {-1, 0, 1, 2}


def test_independent_errors_need_no_terms():
    data = dataset(Terms.frame(estimates()), BASELINE, sampling_correlation=0.0)
    assert correlation_terms(data, {}, None, None) is None
