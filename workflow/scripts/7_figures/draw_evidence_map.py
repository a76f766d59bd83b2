"""Draw the map of studies by outcomes."""

from livingreview.base.steps import run_step
from livingreview.figures.evidence_map import draw_evidence_map
from livingreview.figures.saving import write_figure
from livingreview.figures.wording import outcome_words
from livingreview.tables.records import Effects, Studies


def main(snakemake) -> None:
    """Read studies and effects, draw, write."""
    params, output = snakemake.params, snakemake.output
    figure = draw_evidence_map(
        Studies.read(snakemake.input.studies),
        Effects.read(snakemake.input.effects),
        outcome_words(params.wording),
        params.designs,
        params.treated,
    )
    write_figure(figure, output.svg, output.png)


if __name__ == "__main__":
    run_step(main, snakemake)
