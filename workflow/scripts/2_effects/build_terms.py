"""Write the likelihood terms and moderators of each outcome, and terms of routes not analysed."""

from pathlib import Path

from livingreview.base.steps import run_step
from livingreview.effects.terms import alternative_terms, build_terms
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
        of_outcome = terms[terms["outcome"] == outcome]
        Terms.write(snakemake.output.terms[position], of_outcome)
        high_risk = effects.loc[
            (effects["outcome"] == outcome) & effects["high_risk"].notna(), "study_id"
        ]
        moderators = StudyModerators.select(studies, of_outcome, values, set(high_risk))
        StudyModerators.write(snakemake.output.moderators[position], moderators)
    alternatives = alternative_terms(records, effects, assumed)
    AlternativeTerms.write(snakemake.output.alternatives, alternatives)


if __name__ == "__main__":
    run_step(main, snakemake)
