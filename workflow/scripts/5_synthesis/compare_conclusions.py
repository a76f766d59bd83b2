"""Compare each published conclusion with the results."""

from pathlib import Path

import numpy as np

from livingreview.base.documents import read_document
from livingreview.base.measures import Measure
from livingreview.base.steps import run_step
from livingreview.base.validation import validated
from livingreview.models.fits import is_sampled, read_fits
from livingreview.protocol.decisions import Decisions
from livingreview.records.narrative import Published
from livingreview.synthesis.conclusions import ResultTables, conclusions_table
from livingreview.tables.models import Models
from livingreview.tables.synthesis import Conclusions, Contrasts, Moderators, Summary


def main(snakemake) -> None:
    """Read conclusions and results, judge, write."""
    inputs = snakemake.input
    fits = dict(read_fits(inputs.fits))

    def study_effects(fit: str) -> np.ndarray | None:
        if not is_sampled(fits[fit]):
            return None
        return fits[fit]["posterior"]["theta"].stack(sample=("chain", "draw")).to_numpy().T

    fitted = Models.read(*inputs.models)
    refused = fitted[fitted["status"] == "refused"]
    evidence = ResultTables(
        summary=Summary.read(inputs.summary),
        moderators=Moderators.read(inputs.moderators),
        contrasts=Contrasts.read(inputs.contrasts),
        refusals={f"{row.outcome}/{row.model}": row.reason for row in refused.itertuples()},
        study_effects=study_effects,
    )
    published = validated(read_document(Path(inputs.published)), Published)
    decisions = Decisions.model_validate(snakemake.params.decisions)
    measure = Measure(**snakemake.params.measure)
    table = conclusions_table(published, evidence, decisions, measure)
    Conclusions.write(snakemake.output.conclusions, table)


if __name__ == "__main__":
    run_step(main, snakemake)
