"""Propose a certainty for each outcome, and write the summary of findings."""

from pathlib import Path

from livingreview.base.documents import read_document
from livingreview.base.steps import run_step
from livingreview.base.validation import validated
from livingreview.protocol.review import read_protocol
from livingreview.records.narrative import Narrative
from livingreview.report.summary_of_findings import findings_table
from livingreview.synthesis.certainty.proposal import certainty_table
from livingreview.tables.registry import read_results
from livingreview.tables.report import Certainties, SummaryOfFindings


def main(snakemake) -> None:
    """Read protocol, narrative and tables, judge, write."""
    inputs = snakemake.input
    protocol = read_protocol(Path(inputs.protocol))
    narrative = validated(read_document(Path(inputs.narrative)), Narrative)
    tables = read_results(inputs)
    certainties = certainty_table(protocol, tables)
    Certainties.write(snakemake.output.certainty, certainties)
    findings = findings_table(protocol, tables, certainties, narrative.certainty)
    SummaryOfFindings.write(snakemake.output.findings, findings)


if __name__ == "__main__":
    run_step(main, snakemake)
