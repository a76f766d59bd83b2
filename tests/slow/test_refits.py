"""Studies left out and other priors: numerical integration against sampling again."""

import math
from pathlib import Path

import arviz as az
import numpy as np
import pandas as pd
import pytest

from livingreview.effects.design_matrix import design_matrix
from livingreview.effects.specification import Specification
from livingreview.effects.terms import alternative_terms, build_terms
from livingreview.models.nuts.sampling import fit_models
from livingreview.protocol.review import read_protocol
from livingreview.protocol.run_config import Sampler
from livingreview.records.reading import read_studies
from livingreview.records.record_tables import extract
from livingreview.sensitivity.assumptions import assumptions_to_vary
from livingreview.sensitivity.choices import OutcomeChoices, variations
from livingreview.sensitivity.integration import ChoiceIntegrator

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
MOST_MCSE = 4.0
SAMPLER = Sampler(chains=4, tune=1000, draws=5000, target_accept=0.99)
SEED = 20261123
LIMIT = math.log(1.1)
LEVELS = {"q2_5": 0.025, "q5": 0.05, "q50": 0.5, "q95": 0.95, "q97_5": 0.975}

# review, outcome, analysis, variant
CASES = [
    ("bcg_vaccine", "tuberculosis", "leave_one_out", "tpt_madras_1980"),
    ("second_responder", "police_recorded", "leave_one_out", "casey_2007"),
    ("second_responder", "victim_reported", "priors", "turner"),
]


def outcome_of(review, name):
    """One outcome of a shipped review, through stages 1 and 2; and its protocol."""
    protocol = read_protocol(ROOT / f"config/reviews/{review}.yaml")
    paths = (ROOT / f"data/raw/{review}/studies").glob("*.yaml")
    domains = protocol.risk_of_bias_domains
    records = read_studies(paths, protocol.outcomes, protocol.moderator_levels(), domains)
    baselines = {key: o.assumed for key, o in protocol.outcomes.items()}
    tables = extract(records, baselines, list(protocol.moderators), list(domains))
    terms = build_terms(records, tables.effects, baselines)
    others = alternative_terms(records, tables.effects, baselines)
    terms = terms[terms["outcome"] == name]
    baseline = protocol.outcomes[name].priors
    outcome = OutcomeChoices(
        name=name,
        terms=terms,
        alternatives=others[others["outcome"] == name],
        studies=tables.studies,
        assumptions=assumptions_to_vary(terms, baseline, {}, 0.5),
        priors=protocol.prior_sets_planned_first(),
        better=protocol.outcomes[name].better,
    )
    return outcome, protocol.specifications()["overall"]


@pytest.mark.parametrize(("review", "name", "analysis", "variant"), CASES)
def test_a_refit_by_sampling_is_the_variation(review, name, analysis, variant):
    outcome, model = outcome_of(review, name)
    analyses = ChoiceIntegrator(outcome)
    choice = {key[:2]: key[2] for key in variations(analyses.outcome)}[analysis, variant]
    integrated = analyses.pooled([choice], LIMIT).loc[0]

    terms = outcome.terms[~outcome.terms["study_id"].isin(choice.without)]
    data = outcome.assumptions["as_planned"].data_set(terms)
    changed = model.model_copy(update={"priors": outcome.priors[choice.priors]})
    design = design_matrix(pd.DataFrame({"study_id": data.studies}), {})
    specification = Specification("overall", design, changed)
    (_, fit), *_ = fit_models(data, [specification], SAMPLER, SEED, name)
    posterior = fit["posterior"].to_dataset()
    mu, tau = posterior["mu"].to_numpy(), posterior["tau"].to_numpy()

    apart = {
        level: (np.quantile(mu, p) - integrated[level])
        / float(az.mcse(mu, method="quantile", prob=p))
        for level, p in LEVELS.items()
    }
    error = float(az.mcse(tau, method="quantile", prob=0.5))
    apart["tau"] = (np.median(tau) - integrated["tau"]) / error
    above = (mu > 0).astype(float)
    error = float(az.mcse(above, method="mean"))
    apart["p_above_zero"] = (above.mean() - integrated["p_above_zero"]) / error
    largest = max(apart, key=lambda key: abs(apart[key]))
    print(f"{review} {name} {analysis} {variant}: {largest} {apart[largest]:+.2f} MCSE apart")
    assert abs(apart[largest]) < MOST_MCSE, apart
