"""Draw a forest plot of every outcome."""

from livingreview.base.steps import run_step
from livingreview.figures.forest import draw_forest
from livingreview.figures.reported import reported_table
from livingreview.figures.saving import write_figure
from livingreview.figures.wording import OutcomeWords
from livingreview.tables.effects import Terms
from livingreview.tables.models import Models
from livingreview.tables.records import Effects, Studies
from livingreview.tables.synthesis import StudyEffects, Summary


def main(snakemake) -> None:
    """Read the tables of stages 1 to 5, draw outcome by outcome, write."""
    given, params, output = snakemake.input, snakemake.params, snakemake.output
    studies, effects = Studies.read(given.studies), Effects.read(given.effects)
    study_effects = StudyEffects.read(given.study_effects)
    summary = Summary.read(given.summary)
    models = Models.read(*given.models)
    settings = {f"design={level}": label for level, label in params.designs.items()}
    outcomes = zip(params.wording.items(), given.terms, output.svg, output.png, strict=True)
    for (outcome, words), terms, svg, png in outcomes:
        figure = draw_forest(
            outcome,
            OutcomeWords(**words),
            studies,
            effects,
            reported_table(Terms.read(terms), params.baselines[outcome]),
            study_effects,
            summary,
            models,
            settings,
            params.limit,
            params.treated,
        )
        write_figure(figure, svg, png)


if __name__ == "__main__":
    run_step(main, snakemake)
