"""Hold each published conclusion against the results."""

from pathlib import Path

import numpy as np
import pandas as pd

from livingreview.base.documents import read_document, validated
from livingreview.base.errors import told_plainly
from livingreview.models.fits import read_fits
from livingreview.protocol.decisions import Decisions
from livingreview.records.narrative import Published
from livingreview.synthesis.conclusions import ResultTables, conclusions_table
from livingreview.tables.models import Models
from livingreview.tables.synthesis import Conclusions, Contrasts, Moderators, Summary
from livingreview.tables.table import read_table, write_table


def main(snakemake) -> None:
    """Read conclusions and results, judge, write."""
    given = snakemake.input
    fits = dict(read_fits(given.fits))

    def study_effects(fit: str) -> np.ndarray:
        return fits[fit]["posterior"]["theta"].stack(sample=("chain", "draw")).to_numpy().T

    told = pd.concat([read_table(path, Models) for path in given.models])
    refused = told[told["status"] == "refused"]
    evidence = ResultTables(
        summary=read_table(given.summary, Summary),
        moderators=read_table(given.moderators, Moderators),
        contrasts=read_table(given.contrasts, Contrasts),
        refusals={f"{row.outcome}/{row.model}": row.reason for row in refused.itertuples()},
        study_effects=study_effects,
    )
    published = validated(read_document(Path(given.published)), Published)
    decisions = Decisions.model_validate(snakemake.params.decisions)
    table = conclusions_table(published, evidence, decisions)
    write_table(snakemake.output.conclusions, table, Conclusions)


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        main(snakemake)
