"""Build the tiny review with all its files in a stand-in for object storage; compare every byte.

`make object-storage`. Steps run on this machine, each with copies of what it reads, as in a pod.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from stand_in import BUCKET, object_storage
from tiny_trees import checksums, snakemake, tiny_tree

RESULTS = "results/tiny"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        far, near, got = (Path(folder) / name for name in ("far", "near", "got"))
        tiny_tree(far)
        files = [str(path.relative_to(far)) for path in far.rglob("*") if path.is_file()]
        with object_storage(far, files) as storage:
            run = snakemake(
                far,
                *("--default-storage-provider", "s3"),
                *("--default-storage-prefix", f"s3://{BUCKET}"),
                within=("env", *(f"{name}={value}" for name, value in storage.settings.items())),
            )
            if run.returncode:
                sys.exit((run.stdout + run.stderr)[-3000:])
            storage.download(RESULTS, got)
        run = snakemake(tiny_tree(near))
        if run.returncode:
            sys.exit(run.stderr[-3000:])
        here, there = checksums(near / RESULTS), checksums(got / RESULTS)
    apart = sorted(str(p) for p in here.keys() | there.keys() if here.get(p) != there.get(p))
    print(f"{len(here)} files here, {len(there)} in the bucket, {len(apart)} differ", *apart)
    sys.exit(bool(apart))


if __name__ == "__main__":
    main()
