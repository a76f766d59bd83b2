"""Write whether the College of Policing's toolkit would admit the review, item by item."""

from pathlib import Path

from livingreview.base.documents import read_document
from livingreview.base.steps import run_step
from livingreview.base.validation import validated
from livingreview.protocol.review import read_protocol
from livingreview.records.narrative import Narrative
from livingreview.report.admission import admission_table
from livingreview.tables.registry import read_results
from livingreview.tables.report import AdmissionItems


def main(snakemake) -> None:
    """Read protocol, narrative and tables, judge, write; no item where the narrative asks none."""
    inputs = snakemake.input
    protocol = read_protocol(Path(inputs.protocol))
    read = validated(read_document(Path(inputs.narrative)), Narrative).admission
    items = AdmissionItems.frame([])
    if read is not None:
        items = admission_table(protocol, read_results(inputs), read)
    AdmissionItems.write(snakemake.output.admission, items)


if __name__ == "__main__":
    run_step(main, snakemake)
