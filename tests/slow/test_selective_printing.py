"""Selective printing: sampled against integrated, and simulations of missing results."""

import importlib
import math
import sys

import arviz as az
import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from made_up_fits import (
    BASELINE,
    counts,
    data_of,
    estimate,
    finding,
    model,
    priors,
    terms_of,
)

from livingreview.effects.data_set import dataset
from livingreview.effects.forms.printing import Printing
from livingreview.models.nuts.compiling import compile_model
from livingreview.models.nuts.draws import sample
from livingreview.models.nuts.graph import build_model, model_numbers
from livingreview.models.quadrature.locations import likelihoods_of
from livingreview.models.quadrature.marginals import LEVELS
from livingreview.models.quadrature.pooled_effect import pooled_effects
from livingreview.models.quadrature.printed_studies import printed
from livingreview.protocol.priors import Prior
from livingreview.protocol.run_config import Sampler

FOLDER = ROOT / "validation/selective_printing"
sys.path.append(str(FOLDER))
simulate = importlib.import_module("simulate")

NORMALISATION = pd.read_csv(FOLDER / "normalisation.csv").set_index(["studies", "mu", "division"])
WEIGHTS = pd.read_csv(FOLDER / "fixed_weights.csv").set_index(["mu", "missing", "weight", "sides"])
# Beyond this many standard errors, chance explains a difference once in 16,000.
MOST_ERRORS = 4.0
LIMIT = math.log(1.1)


def one_effect_each():
    """Every form of evidence; one source called significant what is beyond 1.2 here."""
    clustered = estimate("clustered", 0.35, 0.2)
    clustered[0]["z_significant"] = 1.2
    return data_of(
        estimate("up", 0.9, 0.3),
        estimate("flat", 0.1, 0.2),
        clustered,
        finding("significant", 1.96, np.inf, 120.0),
        finding("not", -1.96, 1.96, 150.0),
        finding("open", 0.0, np.inf, 200.0),
        counts("counts", 30, 210, 40, 200),
    )


def several_effects_and_a_ratio():
    """Studies with two effects, and a risk ratio whose control share is not known."""
    ratio = estimate("ratio", 0.3, 0.2)
    ratio[0] |= {"likelihood": "ratio", "measure": "risk_ratio", "baseline_id": "ratio/o"}
    rows = [
        *(row | {"effect_id": "a/1"} for row in estimate("a", 0.8, 0.3)),
        *(row | {"effect_id": "a/2"} for row in estimate("a", 0.2, 0.25)),
        *(row | {"effect_id": "b/1"} for row in finding("b", 0.0, np.inf, 150.0)),
        *(row | {"effect_id": "b/2"} for row in estimate("b", 0.3, 0.2)),
    ]
    others = estimate("c", 0.1, 0.2), counts("counts", 30, 210, 40, 200), ratio
    return dataset(terms_of(rows, *others), BASELINE, sampling_correlation=0.5)


@pytest.mark.slow
@pytest.mark.parametrize("studies", [one_effect_each, several_effects_and_a_ratio])
@pytest.mark.parametrize(("prior", "weight"), [("beta(1000, 1000)", 0.5), ("beta(111, 999)", 0.1)])
def test_sampling_with_a_known_weight_is_the_integration(studies, prior, weight):
    data = studies()
    in_print = printed(data, likelihoods_of([data]), Printing(weight))
    everything = np.ones((1, len(data.studies)), dtype=bool)
    integrated = pooled_effects(in_print, everything, priors(), LIMIT)

    specification = model("selection", omega=Prior.parse(prior), fewest_effects=2)
    compiled = compile_model(build_model(data, 0, specification))
    sampler = Sampler(chains=4, tune=1000, draws=5000, target_accept=0.97)
    fit = sample(compiled, model_numbers(data, 0, specification), sampler, 20261127)
    marginals = {"mu": integrated.mu, "tau": integrated.tau}
    if data.has_several_effects:
        marginals["omega"] = integrated.sd_within_study
    for name, marginal in marginals.items():
        draws = fit["posterior"][name].to_numpy()
        for level, quantile in zip(LEVELS, marginal.quantiles[0], strict=True):
            below = (draws <= quantile).astype(float)
            size = float(az.ess(below))
            chance = np.sqrt(level * (1 - level) / size)
            assert below.mean() == pytest.approx(level, abs=MOST_ERRORS * chance), (name, level)


@pytest.mark.parametrize("path", [FOLDER / "README.md", ROOT / "docs/methods.md"])
def test_texts_show_the_tables(path):
    text = path.read_text(encoding="utf-8")
    assert "<!-- table: fixed_weights -->" in text
    assert simulate.written(text) == text


@pytest.mark.slow
def test_a_part_of_the_simulations_is_what_is_written(monkeypatch):
    monkeypatch.setattr(simulate, "NORMALISED", ((0.3, 1, 100),))
    monkeypatch.setattr(simulate, "UNREPORTED", ((-0.3, -1),))
    monkeypatch.setattr(simulate, "REVIEWS", 100)
    for found, keys, pinned in (
        (simulate.normalisation(), ("studies", "mu", "division"), NORMALISATION),
        (simulate.fixed_weights(), ("mu", "missing", "weight", "sides"), WEIGHTS),
    ):
        for row in found:
            of_all = pinned.loc[tuple(row[key] for key in keys)]
            assert abs(row["bias"] - of_all["bias"]) < MOST_ERRORS * row["bias_error"]


def test_what_is_divided_over_the_population_leaves_little_bias():
    bias = NORMALISATION["bias"].unstack()
    assert (bias["over the population"] < bias["ignored"] / 3).all()
    assert (bias["at each study's effect"] > bias["ignored"] / 2).all()
    many = NORMALISATION.loc[80, :, "over the population"].iloc[0]
    assert abs(many["bias"]) < 2 * many["bias_error"] and many["coverage"] > 0.92


def test_the_true_weight_covers_the_truth():
    coverage = WEIGHTS["coverage"]
    for (_, missing), rows in coverage.groupby(level=["mu", "missing"]):
        # Three standard errors of 400 reviews below 95%.
        assert rows.xs((0.5, missing), level=["weight", "sides"]).item() > 0.917
