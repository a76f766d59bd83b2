"""Draw a forest plot of every outcome."""

from livingreview.base.measures import Measure
from livingreview.base.steps import run_step
from livingreview.figures.forest import draw_forest
from livingreview.figures.forest_rows import ForestTables
from livingreview.figures.reported import reported_table
from livingreview.figures.saving import write_figure
from livingreview.figures.wording import Wording, outcome_words
from livingreview.tables.effects import Terms
from livingreview.tables.models import Models
from livingreview.tables.records import Effects, Studies
from livingreview.tables.synthesis import StudyEffects, Summary


def main(snakemake) -> None:
    """Read the tables of stages 1 to 5, draw outcome by outcome, write."""
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    tables = ForestTables(
        Studies.read(inputs.studies),
        Effects.read(inputs.effects),
        StudyEffects.read(inputs.study_effects),
        Summary.read(inputs.summary),
        Models.read(*inputs.models),
        {f"design={level}": label for level, label in params.designs.items()},
    )
    wording = Wording(outcome_words(params.wording), Measure(**params.measure), params.treated)
    files = zip(wording.outcomes, inputs.terms, output.svg, output.png, strict=True)
    for outcome, terms, svg, png in files:
        reported = reported_table(Terms.read(terms), params.baselines[outcome], wording.measure)
        write_figure(draw_forest(outcome, tables, reported, wording), svg, png)


if __name__ == "__main__":
    run_step(main, snakemake)
