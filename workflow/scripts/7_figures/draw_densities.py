"""Draw the posterior densities of the pooled effect."""

from livingreview.base.measures import Measure
from livingreview.base.steps import run_step
from livingreview.figures.densities import draw_densities, pooled_draws
from livingreview.figures.saving import write_figure
from livingreview.figures.wording import Wording, outcome_words
from livingreview.models.fits import read_fits
from livingreview.tables.synthesis import Summary


def main(snakemake) -> None:
    """Read fits and the summary, draw, write."""
    params, output = snakemake.params, snakemake.output
    figure = draw_densities(
        pooled_draws(read_fits(snakemake.input.fits)),
        Summary.read(snakemake.input.summary),
        Wording(outcome_words(params.wording), Measure(**params.measure), params.treated),
    )
    write_figure(figure, output.svg, output.png)


if __name__ == "__main__":
    run_step(main, snakemake)
