"""Write the reporting checklists, with links to where each item is reported."""

from pathlib import Path

from livingreview.base.documents import read_document
from livingreview.base.markdown import markdown
from livingreview.base.saving import write_text
from livingreview.base.steps import run_step
from livingreview.base.validation import validated
from livingreview.report.checklists import ANSWERS, Checklist, counts


def main(snakemake) -> None:
    """Read the items, fill, write."""
    inputs = snakemake.input
    for path, filled in zip(inputs.checklists, snakemake.output.filled, strict=True):
        checklist = validated(read_document(Path(path)), Checklist)
        text = markdown(
            Path(inputs.template),
            checklist=checklist,
            counts=counts(checklist),
            answers=ANSWERS,
            title=snakemake.params.title,
        )
        write_text(filled, text)


if __name__ == "__main__":
    run_step(main, snakemake)
