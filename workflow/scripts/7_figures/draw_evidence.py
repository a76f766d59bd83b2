"""Draw the map of studies by outcomes, and which way the effects of every outcome point."""

import pandas as pd

from livingreview.base.measures import Measure
from livingreview.base.steps import run_step
from livingreview.figures.directions import DirectionTables, draw_directions
from livingreview.figures.evidence_map import MapTables, draw_evidence_map
from livingreview.figures.saving import write_figure
from livingreview.figures.wording import Wording, outcome_words
from livingreview.tables.effects import Precision
from livingreview.tables.records import Effects, Studies


def main(snakemake) -> None:
    """Read studies, effects and their people, draw, write."""
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    studies, effects = Studies.read(inputs.studies), Effects.read(inputs.effects)
    precision = Precision.read_by_outcome(inputs.precision)
    wording = Wording(outcome_words(params.wording), Measure(**params.measure), params.treated)
    figure = draw_evidence_map(
        MapTables(studies, effects, pd.concat(precision.values()), params.countries),
        wording.outcomes,
        dict(params.headings),
        params.treated,
    )
    write_figure(figure, output.map, output.map_png)
    files = zip(wording.outcomes, output.directions, output.directions_png, strict=True)
    for outcome, svg, png in files:
        tables = DirectionTables(studies, effects, precision[outcome], params.designs)
        write_figure(draw_directions(outcome, tables, wording), svg, png)


if __name__ == "__main__":
    run_step(main, snakemake)
