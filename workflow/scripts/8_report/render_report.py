"""Render the pages and the summary; list the claims and the items of the EMMIE card."""

from pathlib import Path

from livingreview.base.documents import read_document
from livingreview.base.saving import write_text
from livingreview.base.steps import run_step
from livingreview.base.validation import validated
from livingreview.protocol.review import read_protocol
from livingreview.records.narrative import Narrative, Published
from livingreview.report.checklists import Checklist
from livingreview.report.page import ReportInputs, render
from livingreview.tables.registry import read_results
from livingreview.tables.report import ClaimsTable, EmmieItems


def main(snakemake) -> None:
    """Read everything that the report shows, render, write."""
    inputs = snakemake.input
    report_inputs = ReportInputs(
        protocol=read_protocol(Path(inputs.protocol)),
        narrative=validated(read_document(Path(inputs.narrative)), Narrative),
        published=validated(read_document(Path(inputs.published)), Published),
        tables=read_results(inputs),
        figures=_texts(inputs.figures),
        captions=_texts(inputs.captions),
        swim=validated(read_document(Path(inputs.swim)), Checklist),
        style=Path(inputs.style).read_text(encoding="utf-8"),
    )
    rendered = render(report_inputs, Path(inputs.templates[0]).parent)
    for path in snakemake.output.pages:
        write_text(path, rendered.pages[Path(path).name])
    write_text(snakemake.output.summary, rendered.summary)
    ClaimsTable.write(snakemake.output.claims, rendered.claims)
    EmmieItems.write(snakemake.output.emmie, rendered.emmie)


def _texts(paths) -> dict[str, str]:
    """Content of files by their names without ending."""
    return {Path(path).stem: Path(path).read_text(encoding="utf-8") for path in paths}


if __name__ == "__main__":
    run_step(main, snakemake)
