"""Draw the map of studies by outcomes."""

from livingreview.base.steps import run_step
from livingreview.figures.evidence_map import MapTables, draw_evidence_map
from livingreview.figures.saving import write_figure
from livingreview.figures.wording import outcome_words
from livingreview.tables.effects import Precision
from livingreview.tables.records import Effects, Studies


def main(snakemake) -> None:
    """Read studies, effects and their people, draw, write."""
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    figure = draw_evidence_map(
        MapTables(
            Studies.read(inputs.studies),
            Effects.read(inputs.effects),
            Precision.read(*inputs.precision),
            params.countries,
        ),
        outcome_words(params.wording),
        dict(params.headings),
        params.treated,
    )
    write_figure(figure, output.svg, output.png)


if __name__ == "__main__":
    run_step(main, snakemake)
