"""Compute pooled effects under all other choices, for a part of the outcomes."""

from pathlib import Path

from livingreview.base.measures import Measure
from livingreview.base.steps import LOG, log_statuses, run_step, show_progress
from livingreview.protocol.models import Priors
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior
from livingreview.protocol.sensitivity import Sensitivity
from livingreview.sensitivity.assumptions import assumptions_to_vary
from livingreview.sensitivity.choices import OutcomeChoices
from livingreview.sensitivity.sensitivity_tables import TABLES, sensitivity_tables
from livingreview.tables.effects import AlternativeTerms, Terms
from livingreview.tables.records import Studies


def share(paths: list[str], item: str) -> list[str]:
    """Part of the outcomes that a job takes, such as `2-of-3`; in turn, they give all in order."""
    part, parts = map(int, item.split("-of-"))
    return paths[len(paths) * (part - 1) // parts : len(paths) * part // parts]


def outcomes(snakemake):
    """What the analyses of each outcome of this share may choose from."""
    params = snakemake.params
    studies = Studies.read(snakemake.input.studies)
    alternatives = AlternativeTerms.read(snakemake.input.alternatives)
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
        )


def main(snakemake) -> None:
    """Read, vary, write."""
    params, output = snakemake.params, snakemake.output
    rules = Sensitivity.model_validate(params.sensitivity)
    limit = Measure(**params.measure).limit_on_line
    tables = sensitivity_tables(outcomes(snakemake), rules, limit, params.seed)
    log_statuses(tables["told"])
    for name, model in TABLES.items():
        model.write(output[name], tables[name])


if __name__ == "__main__":
    run_step(main, snakemake)
