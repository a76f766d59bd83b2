"""Write the protocol, the seed and the software versions of this run."""

import platform
from pathlib import Path

import yaml

from livingreview.audit.manifest import locked_versions
from livingreview.base.saving import write_text
from livingreview.base.steps import run_step
from livingreview.protocol.review import read_protocol


def main(snakemake) -> None:
    """Collect configuration, protocol and versions, write."""
    lock = Path(snakemake.input.lock).read_text()
    run = {
        "config": dict(snakemake.params.config),
        "protocol": read_protocol(Path(snakemake.input.protocol)).model_dump(mode="json"),
        "python": platform.python_version(),
        "packages": locked_versions(lock),
    }
    write_text(snakemake.output.run, yaml.safe_dump(run, sort_keys=False, allow_unicode=True))


if __name__ == "__main__":
    run_step(main, snakemake)
