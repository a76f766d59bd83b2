"""Compute pooled effects under all other choices, for one outcome."""

from livingreview.base.measures import Measure
from livingreview.base.steps import LOG, log_statuses, run_step
from livingreview.protocol.decisions import Decisions
from livingreview.protocol.models import Priors
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior
from livingreview.protocol.sensitivity import Sensitivity
from livingreview.sensitivity.arms import Reports
from livingreview.sensitivity.assumptions import assumptions_to_vary
from livingreview.sensitivity.choices import OutcomeChoices
from livingreview.sensitivity.sensitivity_tables import TABLES, sensitivity_tables
from livingreview.synthesis.size import LearntSizes
from livingreview.tables.effects import AlternativeTerms, Terms
from livingreview.tables.models import SizeEvidence
from livingreview.tables.records import Effects, Routes, Studies


def main(snakemake) -> None:
    """Read, vary, write."""
    inputs, params, name = snakemake.input, snakemake.params, snakemake.wildcards.outcome
    decisions, measure = Decisions.model_validate(params.decisions), Measure(**params.measure)
    learnt = LearntSizes.judged(SizeEvidence.read(inputs.sizes), decisions.size, measure)
    terms, effects = Terms.read(inputs.terms), Effects.read(inputs.effects)
    alternatives = AlternativeTerms.read(inputs.alternatives)
    priors = {key: Priors.model_validate(p) for key, p in params.priors.items()}
    settings = {key: Prior.parse(text) for key, text in params.settings.items()}
    planned = BaselinePriors.model_validate(params.baseline)
    LOG.info(f"{name}: {terms['study_id'].nunique()} studies, {len(priors)} sets of priors")
    outcome = OutcomeChoices(
        name,
        terms,
        alternatives[alternatives["outcome"] == name],
        Studies.read(inputs.studies),
        assumptions_to_vary(terms, planned, settings, params.sampling_correlation),
        priors,
        params.better,
        Reports.of(effects[effects["outcome"] == name], Routes.read(inputs.routes)),
        learnt.of_all_studies(name),
        params.sides,
    )
    rules = Sensitivity.model_validate(params.sensitivity)
    tables = sensitivity_tables(outcome, rules, decisions, measure, params.seed)
    log_statuses(tables["told"])
    for table, model in TABLES.items():
        model.write(snakemake.output[table], tables[table])


if __name__ == "__main__":
    run_step(main, snakemake)
