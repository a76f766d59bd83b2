"""Propose a certainty for each outcome, summarise the findings, and judge the toolkit's items."""

from pathlib import Path

from livingreview.base.documents import read_document
from livingreview.base.steps import run_step
from livingreview.base.validation import validated
from livingreview.protocol.review import read_protocol
from livingreview.records.narrative import Narrative
from livingreview.report.admission import admission_table
from livingreview.report.summary_of_findings import findings_table
from livingreview.synthesis.certainty.proposal import certainty_table
from livingreview.tables.registry import read_results
from livingreview.tables.report import AdmissionItems, Certainties, SummaryOfFindings


def main(snakemake) -> None:
    """Read protocol, narrative and tables, judge, write; no item where the narrative asks none."""
    inputs, output = snakemake.input, snakemake.output
    protocol = read_protocol(Path(inputs.protocol))
    narrative = validated(read_document(Path(inputs.narrative)), Narrative)
    tables = read_results(inputs)
    certainties = certainty_table(protocol, tables)
    Certainties.write(output.certainty, certainties)
    findings = findings_table(protocol, tables, certainties, narrative.certainty)
    SummaryOfFindings.write(output.findings, findings)
    items = AdmissionItems.frame([])
    if narrative.admission is not None:
        items = admission_table(protocol, tables, narrative.admission)
    AdmissionItems.write(output.admission, items)


if __name__ == "__main__":
    run_step(main, snakemake)
