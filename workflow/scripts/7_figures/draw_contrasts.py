"""Draw outcomes against each other."""

from livingreview.base.measures import Measure
from livingreview.base.steps import run_step
from livingreview.figures.contrasts import ContrastWords, contrast_draws, draw_contrasts
from livingreview.figures.saving import write_figure
from livingreview.figures.wording import Wording, outcome_words
from livingreview.models.fits import read_fits
from livingreview.tables.synthesis import Contrasts


def main(snakemake) -> None:
    """Read the joint fits and their contrasts, draw, write."""
    params, output = snakemake.params, snakemake.output
    contrasts = [ContrastWords(**words) for words in params.contrasts]
    figure = draw_contrasts(
        contrast_draws(read_fits([snakemake.input.fits]), contrasts),
        Contrasts.read(snakemake.input.contrasts),
        contrasts,
        Wording(outcome_words(params.wording), Measure(**params.measure), params.treated),
    )
    write_figure(figure, output.svg, output.png)


if __name__ == "__main__":
    run_step(main, snakemake)
