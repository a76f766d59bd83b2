"""Copy the sources to the results, and describe both as an RO-Crate."""

from pathlib import Path

import yaml

from livingreview.audit.crate import CrateDescription, crate_metadata
from livingreview.audit.manifest import MANIFEST, read_manifest, result_file
from livingreview.base.saving import copy_files, write_text
from livingreview.base.steps import run_step


def main(snakemake) -> None:
    """Read the manifest and the citation, copy, describe, write."""
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    results = Path(output.metadata).parent
    citation = yaml.safe_load(Path(inputs.citation).read_text(encoding="utf-8"))
    description = CrateDescription(
        title=params.title,
        question=params.question,
        date=params.repository["date"],
        authors=citation["authors"],
        licence=citation["license"],
        version=str(citation["version"]),
        rules=params.rules,
    )
    own = result_file(results, MANIFEST, "write_manifest")
    copy_files(dict(zip(params.sources, inputs.sources, strict=True)), output.sources)
    folder = Path(output.sources).relative_to(results).as_posix()
    metadata = crate_metadata(read_manifest(Path(inputs.manifest)), description, own, folder)
    write_text(output.metadata, metadata)


if __name__ == "__main__":
    run_step(main, snakemake)
