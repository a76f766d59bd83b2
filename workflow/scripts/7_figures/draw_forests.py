"""Draw a forest plot of every outcome."""

import pandas as pd

from livingreview.base.errors import told_plainly
from livingreview.figures.forest import draw_forest
from livingreview.figures.forest_rows import ForestTables
from livingreview.figures.reported import reported_table
from livingreview.figures.saving import write_figure
from livingreview.figures.wording import Wording, outcome_words
from livingreview.tables.effects import Terms
from livingreview.tables.models import Models
from livingreview.tables.records import Effects, Studies
from livingreview.tables.synthesis import StudyEffects, Summary
from livingreview.tables.table import read_table


def main(snakemake) -> None:
    """Read the tables of stages 1 to 5, draw outcome by outcome, write."""
    given, params, output = snakemake.input, snakemake.params, snakemake.output
    tables = ForestTables(
        read_table(given.studies, Studies),
        read_table(given.effects, Effects),
        read_table(given.study_effects, StudyEffects),
        read_table(given.summary, Summary),
        pd.concat([read_table(path, Models) for path in given.models]),
        {f"design={level}": label for level, label in params.designs.items()},
    )
    wording = Wording(outcome_words(params.wording), params.limit, params.treated)
    files = zip(wording.outcomes, given.terms, output.svg, output.png, strict=True)
    for outcome, terms, svg, png in files:
        reported = reported_table(read_table(terms, Terms), params.baselines[outcome])
        write_figure(draw_forest(outcome, tables, reported, wording), svg, png)


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        main(snakemake)
