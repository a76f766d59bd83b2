"""Write how to cite the review, as text and for BibTeX."""

from pathlib import Path

import yaml

from livingreview.base.saving import write_text
from livingreview.base.steps import run_step
from livingreview.report.citation import citation_bibtex, citation_text


def main(snakemake) -> None:
    """Read the citation file, write both forms."""
    params, output = snakemake.params, snakemake.output
    citation = yaml.safe_load(Path(snakemake.input.citation).read_text(encoding="utf-8"))
    text = citation_text(citation, params.title, params.repository)
    bibtex = citation_bibtex(citation, params.title, params.repository, params.review)
    write_text(output.text, text + "\n")
    write_text(output.bibtex, bibtex + "\n")


if __name__ == "__main__":
    run_step(main, snakemake)
