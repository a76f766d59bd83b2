"""Draw which way the effects of every outcome point."""

from livingreview.base.measures import Measure
from livingreview.base.steps import run_step
from livingreview.figures.directions import DirectionTables, draw_directions
from livingreview.figures.saving import write_figure
from livingreview.figures.wording import Wording, outcome_words
from livingreview.tables.effects import Precision
from livingreview.tables.records import Effects, Studies


def main(snakemake) -> None:
    """Read the tables of stages 1 and 2, draw outcome by outcome, write."""
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    studies, effects = Studies.read(inputs.studies), Effects.read(inputs.effects)
    wording = Wording(outcome_words(params.wording), Measure(**params.measure), params.treated)
    files = zip(wording.outcomes, inputs.precision, output.svg, output.png, strict=True)
    for outcome, precision, svg, png in files:
        tables = DirectionTables(studies, effects, Precision.read(precision), params.designs)
        write_figure(draw_directions(outcome, tables, wording), svg, png)


if __name__ == "__main__":
    run_step(main, snakemake)
