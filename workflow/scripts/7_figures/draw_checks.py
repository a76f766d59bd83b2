"""Draw the results of the checks of stage 4."""

from pathlib import Path

from livingreview.base.measures import Measure
from livingreview.base.steps import run_step
from livingreview.figures.influence import draw_influence
from livingreview.figures.posterior_draws import overall_draws
from livingreview.figures.predictive import draw_predictive
from livingreview.figures.priors import draw_priors
from livingreview.figures.ranks import draw_ranks
from livingreview.figures.saving import write_figure
from livingreview.figures.wording import outcome_words
from livingreview.models.fits import is_sampled, read_fits
from livingreview.protocol.models import Priors
from livingreview.tables.checks import Influence, Predictive
from livingreview.tables.records import Studies


def main(snakemake) -> None:
    """Read fits and checks, draw, write."""
    inputs, params = snakemake.input, snakemake.params
    measure = Measure(**params.measure)
    outcomes = outcome_words(params.wording)
    fits = read_fits(inputs.fits)
    draws = overall_draws(fits)
    sampled = overall_draws((name, fit) for name, fit in fits if is_sampled(fit))
    priors = Priors.model_validate(params.priors)
    studies = Studies.read(inputs.studies)
    predictive = Predictive.read(inputs.predictive)
    influence = Influence.read(inputs.influence)
    figures = {
        "ranks": draw_ranks(sampled, draws.keys() - sampled.keys(), outcomes),
        "predictive": draw_predictive(predictive, outcomes, measure),
        "influence": draw_influence(influence, studies, outcomes, params.pareto_k),
        "priors": draw_priors(draws, priors, outcomes, measure),
    }
    for name, figure in figures.items():
        svg = Path(snakemake.output[name])
        write_figure(figure, svg, svg.with_suffix(".png"))


if __name__ == "__main__":
    run_step(main, snakemake)
