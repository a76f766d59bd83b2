"""Draw a forest plot of every outcome."""

import pandas as pd

from livingreview.base.steps import run_step
from livingreview.figures.forest import draw_forest
from livingreview.figures.reported import reported_table
from livingreview.figures.saving import write_figure
from livingreview.figures.wording import OutcomeWords
from livingreview.tables.effects import Terms
from livingreview.tables.models import Models
from livingreview.tables.records import Effects, Studies
from livingreview.tables.synthesis import StudyEffects, Summary
from livingreview.tables.table import read_table


def main(snakemake) -> None:
    """Read the tables of stages 1 to 5, draw outcome by outcome, write."""
    given, params, output = snakemake.input, snakemake.params, snakemake.output
    studies, effects = read_table(given.studies, Studies), read_table(given.effects, Effects)
    study_effects = read_table(given.study_effects, StudyEffects)
    summary = read_table(given.summary, Summary)
    models = pd.concat([read_table(path, Models) for path in given.models])
    settings = {f"design={level}": label for level, label in params.designs.items()}
    outcomes = zip(params.wording.items(), given.terms, output.svg, output.png, strict=True)
    for (outcome, words), terms, svg, png in outcomes:
        figure = draw_forest(
            outcome,
            OutcomeWords(**words),
            studies,
            effects,
            reported_table(read_table(terms, Terms), params.baselines[outcome]),
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
