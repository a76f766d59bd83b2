"""Draw outcomes against each other, within the studies that report both."""

import pandas as pd

from livingreview.base.measures import Measure
from livingreview.base.steps import run_step
from livingreview.figures.contrasts import ContrastWords, PairTables, draw_contrasts
from livingreview.figures.reported import reported_table
from livingreview.figures.saving import write_figure
from livingreview.figures.wording import Wording, outcome_words
from livingreview.tables.effects import Precision, Terms
from livingreview.tables.records import Effects, Studies
from livingreview.tables.synthesis import Contrasts


def main(snakemake) -> None:
    """Read what the studies report and the contrasts, draw, write."""
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    wording = Wording(outcome_words(params.wording), Measure(**params.measure), params.treated)
    reported = [
        reported_table(Terms.read(terms), params.baselines[outcome], wording.measure)
        for outcome, terms in zip(wording.outcomes, inputs.terms, strict=True)
    ]
    tables = PairTables(
        Studies.read(inputs.studies),
        Effects.read(inputs.effects),
        Precision.read(*inputs.precision),
        Contrasts.read(inputs.contrasts),
        pd.concat(reported),
    )
    contrasts = [ContrastWords(**words) for words in params.contrasts]
    figure = draw_contrasts(tables, contrasts, dict(params.headings), wording)
    write_figure(figure, output.svg, output.png)


if __name__ == "__main__":
    run_step(main, snakemake)
