"""Compute pooled effects under all other choices, for a part of the outcomes."""

from pathlib import Path

from livingreview.base.measures import Measure
from livingreview.base.steps import LOG, log_statuses, run_step, show_progress
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


def share(paths: list[str], item: str) -> list[str]:
    """Part of the outcomes that a job takes, such as `2-of-3`; in turn, they give all in order."""
    part, parts = map(int, item.split("-of-"))
    return paths[len(paths) * (part - 1) // parts : len(paths) * part // parts]


def outcomes(snakemake, learnt: LearntSizes):
    """What the analyses of each outcome of this share may choose from."""
    params = snakemake.params
    studies = Studies.read(snakemake.input.studies)
    alternatives = AlternativeTerms.read(snakemake.input.alternatives)
    effects, routes = Effects.read(snakemake.input.effects), Routes.read(snakemake.input.routes)
    priors = {name: Priors.model_validate(p) for name, p in params.priors.items()}
    paths = share(snakemake.input.terms, snakemake.wildcards.scatteritem)
    for done, path in enumerate(paths):
        name, terms = Path(path).stem, Terms.read(path)
        settings = {key: Prior.parse(text) for key, text in params.settings[name].items()}
        planned = BaselinePriors.model_validate(params.baselines[name])
        assumptions = assumptions_to_vary(terms, planned, settings, params.sampling_correlation)
        others = alternatives[alternatives["outcome"] == name]
        show_progress(f"vary_choices {name}", done, len(paths))
        LOG.info(f"{name}: {terms['study_id'].nunique()} studies, {len(priors)} sets of priors")
        yield OutcomeChoices(
            name,
            terms,
            others,
            studies,
            assumptions,
            priors,
            params.better[name],
            Reports.of(effects[effects["outcome"] == name], routes),
            learnt.of_all_studies(name),
            params.sides[name],
        )


def main(snakemake) -> None:
    """Read, vary, write."""
    params, output = snakemake.params, snakemake.output
    rules = Sensitivity.model_validate(params.sensitivity)
    decisions = Decisions.model_validate(params.decisions)
    measure = Measure(**params.measure)
    evidence = SizeEvidence.read(snakemake.input.sizes)
    varied = outcomes(snakemake, LearntSizes.judged(evidence, decisions.size, measure))
    tables = sensitivity_tables(varied, rules, decisions, measure, params.seed)
    log_statuses(tables["told"])
    for name, model in TABLES.items():
        model.write(output[name], tables[name])


if __name__ == "__main__":
    run_step(main, snakemake)
