"""Write the likelihood terms and moderators of each outcome, and terms of routes not analysed."""

from pathlib import Path

from livingreview.base.steps import run_step
from livingreview.effects.terms import alternative_terms, build_terms, of_outcome
from livingreview.protocol.outcomes import Assumed
from livingreview.records.reading import read_studies
from livingreview.tables.effects import AlternativeTerms, StudyModerators, Terms
from livingreview.tables.records import Effects, ModeratorValues, Studies


def main(snakemake) -> None:
    """Read records and choices, build terms, write."""
    params = snakemake.params
    assumed = {name: Assumed.model_validate(a) for name, a in params.assumed.items()}
    records = read_studies(
        map(Path, snakemake.input.records), params.assumed, params.levels, params.domains
    )
    effects = Effects.read(snakemake.input.effects)
    terms = build_terms(records, effects, assumed)
    studies = Studies.read(snakemake.input.studies)
    values = ModeratorValues.read(snakemake.input.moderator_values)
    for position, outcome in enumerate(params.outcomes):
        own, moderators = of_outcome(outcome, terms, effects, studies, values)
        Terms.write(snakemake.output.terms[position], own)
        StudyModerators.write(snakemake.output.moderators[position], moderators)
    alternatives = alternative_terms(records, effects, assumed)
    AlternativeTerms.write(snakemake.output.alternatives, alternatives)


if __name__ == "__main__":
    run_step(main, snakemake)
