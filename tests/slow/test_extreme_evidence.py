"""Empty and full arms, and a strong z, in both engines: they must give one answer."""

import math

import arviz_stats
import numpy as np
import nutpie
import pandas as pd
import pytest

from livingreview.dataset import dataset
from livingreview.models import build_model, model_numbers
from livingreview.moderators import design_matrix
from livingreview.packing import Layout
from livingreview.priors import Prior
from livingreview.protocol import BaselinePriors, ModelSpecification, Priors
from livingreview.quadrature.engine import answer

OVERALL = ModelSpecification(
    moderators={},
    priors=Priors(
        mu=Prior.parse("normal(0, 1)"),
        beta=Prior.parse("normal(0, 0.5)"),
        tau=Prior.parse("half_normal(0.5)"),
    ),
)
BASELINE = BaselinePriors(
    findings=Prior.parse("normal(-0.94, 0.75)"), counts=Prior.parse("normal(-0.94, 10)")
)
TABLES = [(0, 50, 0, 60), (40, 40, 45, 45), (0, 80, 7, 80), (30, 30, 20, 30)]
TESTS = [(-9.3, 4000.0), (-2.31, 120.0), (0.6, 300.0)]


def extreme():
    rows = []
    for i, (a, n1, c, n0) in enumerate(TABLES):
        common = {"study_id": f"c{i}", "likelihood": "binomial", "baseline_id": f"c{i}/x"}
        rows += [
            common | {"effect_id": None, "treated": 0, "events": c, "total": n0},
            common | {"effect_id": f"c{i}/o", "treated": 1, "events": a, "total": n1},
        ]
    for i, (z, n) in enumerate(TESTS):
        common = {"study_id": f"t{i}", "effect_id": f"t{i}/o", "baseline_id": f"t{i}/o"}
        bounds = {"likelihood": "interval", "z_low": z - 0.005, "z_high": z + 0.005}
        rows.append(common | bounds | {"n_treated": n, "n_control": n})
    terms = pd.DataFrame(rows).assign(log_odds_ratio=np.nan, standard_error=np.nan)
    return dataset(terms, BASELINE)


@pytest.mark.slow
def test_both_engines_agree_on_empty_and_full_arms_and_strong_tests():
    data = extreme()
    design = design_matrix(pd.DataFrame({"study_id": data.studies}), {})
    integrated = answer(data, design, OVERALL.priors, math.log(1.1))
    assert integrated.converged
    numbers = model_numbers(data, 0, OVERALL)
    compiled = nutpie.compile_pymc_model(build_model(data, 0, OVERALL))
    fit = nutpie.sample(
        compiled.with_data(numbers=Layout.of(numbers).packed(numbers)),
        draws=10_000,
        tune=3000,
        chains=4,
        cores=2,
        seed=20261124,
        progress_bar=False,
        target_accept=0.99,
    )
    assert int(fit.sample_stats["diverging"].sum()) == 0
    for name in ("mu", "tau"):
        draws = fit.posterior[name].to_numpy()
        figures = integrated.quantities[name]
        for column, level in (("q2_5", 0.025), ("q50", 0.5), ("q97_5", 0.975)):
            error = float(arviz_stats.mcse(draws, method="quantile", prob=level))
            found = np.quantile(draws, level)
            print(name, column, found, figures[column], (found - figures[column]) / error)
            assert abs(found - figures[column]) < 4 * error, (name, column)
