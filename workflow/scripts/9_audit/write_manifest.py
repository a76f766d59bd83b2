"""Write the manifest of a review's results."""

from pathlib import Path

from livingreview.audit.manifest import (
    Manifest,
    ProtocolUsed,
    Step,
    result_files,
    software,
    source_files,
)
from livingreview.base.errors import damaged
from livingreview.base.saving import changed_since_written, checksum, root_of, write_text
from livingreview.base.steps import run_step


def main(snakemake) -> None:
    """Take checksums of results and sources, write."""
    given, params = snakemake.input, snakemake.params
    results = Path(snakemake.output.manifest).parents[1]
    root = root_of(snakemake.output.manifest)
    if changed := changed_since_written(results):
        raise damaged(changed[0], "changed while the build ran")
    manifest = Manifest(
        review=params.review,
        commit=params.repository["commit"],
        uncommitted_changes=params.repository["uncommitted_changes"],
        seed=params.seed,
        protocol=ProtocolUsed(
            file=Path(given.protocol).relative_to(root).as_posix(),
            sha256=checksum(Path(given.protocol)),
            content=params.run_config,
        ),
        software=software(Path(given.lock).read_text()),
        results=result_files(map(Step.model_validate, params.steps), results, root),
        sources=source_files(given.sources, root),
    )
    write_text(snakemake.output.manifest, manifest.text())


if __name__ == "__main__":
    run_step(main, snakemake)
