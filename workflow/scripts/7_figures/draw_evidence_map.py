"""Draw the map of studies by outcomes."""

from livingreview.base.errors import told_plainly
from livingreview.figures.evidence_map import draw_evidence_map
from livingreview.figures.saving import write_figure
from livingreview.figures.wording import outcome_words
from livingreview.tables.records import Effects, Studies
from livingreview.tables.table import read_table


def main(snakemake) -> None:
    """Read studies and effects, draw, write."""
    params, output = snakemake.params, snakemake.output
    figure = draw_evidence_map(
        read_table(snakemake.input.studies, Studies),
        read_table(snakemake.input.effects, Effects),
        outcome_words(params.wording),
        params.designs,
        params.treated,
    )
    write_figure(figure, output.svg, output.png)


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        main(snakemake)
