"""Known truth in, known truth out: 200 data sets with all three kinds of evidence."""

import numpy as np
import nutpie
import pytest

from livingreview.effects.data_set import dataset
from livingreview.effects.simulation import simulate, study_effects
from livingreview.models.nuts.compiling import compile_model
from livingreview.models.nuts.graph import build_model, model_numbers
from livingreview.models.nuts.packing import Layout
from livingreview.protocol.models import ModelSpecification, Priors
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior
from livingreview.tables.effects import Terms

MU, TAU = 0.3, 0.4
DATA_SETS = 200
OVERALL = ModelSpecification(
    moderators={},
    priors=Priors(
        mu=Prior.parse("normal(0, 1)"),
        beta=Prior.parse("normal(0, 0.5)"),
        tau=Prior.parse("half_normal(0.5)"),
    ),
)
BASELINE = BaselinePriors(
    findings=Prior.parse("normal(-0.94, 0.5)"),
    counts=Prior.parse("normal(-0.94, 10)"),
)


def mixed_structure():
    """Eighteen studies, six of each kind, of the sizes that the field has."""
    sizes = [60, 100, 150, 250, 400, 800]
    rows = []
    for i, n in enumerate(sizes):
        common = {"study_id": f"counts_{i}", "baseline_id": f"counts_{i}/control"}
        for treated in (0, 1):
            rows.append(
                common
                | {
                    "effect_id": f"counts_{i}/o" if treated else None,
                    "likelihood": "binomial",
                    "treated": treated,
                    "events": 1,
                    "total": n,
                }
            )
        rows.append(
            {
                "study_id": f"estimate_{i}",
                "effect_id": f"estimate_{i}/o",
                "likelihood": "normal",
                "value": 0.0,
                "standard_error": 3.3 / np.sqrt(n),
            }
        )
        rows.append(
            {
                "study_id": f"finding_{i}",
                "effect_id": f"finding_{i}/o",
                "baseline_id": f"finding_{i}/o",
                "likelihood": "interval",
                "z_low": 0.0,
                "z_high": np.inf,
                "n_treated": n,
                "n_control": n,
            }
        )
    return dataset(Terms.frame(rows), BASELINE)


@pytest.mark.slow
def test_90_percent_intervals_cover_the_truth():
    structure = mixed_structure()
    rng = np.random.default_rng(20261123)
    numbers = model_numbers(structure, 0, OVERALL)
    compiled = compile_model(build_model(structure, 0, OVERALL))
    covered = {"mu": 0, "tau": 0}
    for i in range(DATA_SETS):
        theta = study_effects(structure, MU, TAU, rng)
        logit = rng.normal(-0.94, 0.5, len(structure.baselines))
        drawn = simulate(structure, theta, logit, rng)
        numbers = model_numbers(drawn, 0, OVERALL)
        draws = nutpie.sample(
            compiled.with_data(numbers=Layout.for_arrays(numbers).packed(numbers)),
            draws=500,
            tune=500,
            chains=2,
            cores=2,
            seed=i,
            target_accept=0.9,
            progress_bar=False,
            save_warmup=False,
        )["posterior"]
        for name, truth in (("mu", MU), ("tau", TAU)):
            low, high = np.quantile(draws[name], [0.05, 0.95])
            covered[name] += low < truth < high
    coverage = {name: count / DATA_SETS for name, count in covered.items()}
    print(f"coverage of 90% intervals over {DATA_SETS} data sets: {coverage}")
    assert 0.85 <= coverage["mu"] <= 0.95
    assert 0.85 <= coverage["tau"] <= 0.95
