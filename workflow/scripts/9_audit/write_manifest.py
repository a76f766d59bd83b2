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
from livingreview.base.saving import changed_since_written, checksum, write_text
from livingreview.base.steps import run_step


def main(snakemake) -> None:
    """Take checksums of results and sources, write."""
    inputs, params = snakemake.input, snakemake.params
    results = Path(snakemake.output.manifest).parents[1]
    if changed := changed_since_written(results):
        raise damaged(changed[0], "changed while the build ran")
    sources = dict(zip(params.sources, inputs.sources, strict=True))
    protocol = f"config/reviews/{params.review}.yaml"
    manifest = Manifest(
        review=params.review,
        commit=params.repository["commit"],
        uncommitted_changes=params.repository["uncommitted_changes"],
        seed=params.seed,
        protocol=ProtocolUsed(
            file=protocol,
            sha256=checksum(Path(sources[protocol])),
            content=params.run_config,
        ),
        software=software(Path(inputs.lock).read_text()),
        results=result_files(results, map(Step.model_validate, params.steps)),
        sources=source_files(sources),
    )
    write_text(snakemake.output.manifest, manifest.text())


if __name__ == "__main__":
    run_step(main, snakemake)
