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
from livingreview.base.errors import Stop, damaged
from livingreview.base.saving import checksum, discard, write_text
from livingreview.base.step_records import STEP_RECORDS, changed_since_read, changed_since_written
from livingreview.base.steps import run_step
from livingreview.report.pages import PAGES


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
    now = {source.file: source.sha256 for source in manifest.sources}
    changed = {name for name, known in params.known.items() if known and now[name] != known}
    below = f"results/{params.review}"
    of_results = {f"{below}/{entry.file}": entry.sha256 for entry in manifest.results}
    records = [
        results / f for s in params.steps for f in s["outputs"] if f.startswith(STEP_RECORDS)
    ]
    changed |= set(changed_since_read(records, now | of_results))
    if changed:
        # They may mix what was read before and after.
        for page in PAGES:
            discard(results / "8_report" / page)
        names = ", ".join(sorted(changed))
        raise Stop(
            f"Changed while the build ran: {names}. Its pages are taken away, as they may say both"
            " what was there before and after. Run the same command again."
        )
    write_text(snakemake.output.manifest, manifest.text())


if __name__ == "__main__":
    run_step(main, snakemake)
