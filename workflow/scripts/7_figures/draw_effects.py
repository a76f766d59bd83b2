"""Draw the effects of every outcome study by study, pooled, and in pairs of outcomes."""

import pandas as pd

from livingreview.base.measures import Measure
from livingreview.base.steps import run_step
from livingreview.figures.contrasts import ContrastWords, PairTables, draw_contrasts
from livingreview.figures.densities import draw_densities, pooled_draws
from livingreview.figures.forest import draw_forest
from livingreview.figures.forest_rows import ForestTables
from livingreview.figures.reported import reported_table
from livingreview.figures.saving import write_figure
from livingreview.figures.wording import Wording, outcome_words
from livingreview.models.fits import read_fits
from livingreview.tables.effects import Precision, Terms
from livingreview.tables.models import Models
from livingreview.tables.records import Effects, Studies
from livingreview.tables.synthesis import Contrasts, StudyEffects, Summary


def main(snakemake) -> None:
    """Read fits and the tables of stages 1 to 5, draw, write."""
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    wording = Wording(outcome_words(params.wording), Measure(**params.measure), params.treated)
    studies, effects = Studies.read(inputs.studies), Effects.read(inputs.effects)
    precision, summary = Precision.read(*inputs.precision), Summary.read(inputs.summary)
    reported = {
        outcome: reported_table(Terms.read(terms), params.baselines[outcome], wording.measure)
        for outcome, terms in zip(wording.outcomes, inputs.terms, strict=True)
    }
    tables = ForestTables(
        studies,
        effects,
        precision,
        StudyEffects.read(inputs.study_effects),
        summary,
        Models.read(*inputs.models),
        {f"design={level}": label for level, label in params.designs.items()},
    )
    for outcome, svg, png in zip(wording.outcomes, output.forests, output.forests_png, strict=True):
        write_figure(draw_forest(outcome, tables, reported[outcome], wording), svg, png)
    densities = draw_densities(pooled_draws(read_fits(inputs.fits)), summary, wording)
    write_figure(densities, output.densities, output.densities_png)
    for svg, png in zip(output.contrasts, output.contrasts_png, strict=True):
        pairs = PairTables(
            studies,
            effects,
            precision,
            Contrasts.read(inputs.contrasts),
            pd.concat(reported.values()),
        )
        contrasts = [ContrastWords(**words) for words in params.contrasts]
        figure = draw_contrasts(pairs, contrasts, dict(params.headings), wording)
        write_figure(figure, svg, png)


if __name__ == "__main__":
    run_step(main, snakemake)
