"""Let Snakemake plan a build on Kubernetes, with a stand-in for the object storage.

`make kubernetes`. No cluster is asked: this shows that the profile is understood, that every file
has its place in the bucket, and which jobs would be sent.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from stand_in import BUCKET, object_storage

ROOT = Path(__file__).parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--review", default="second_responder")
    review = parser.parse_args().review
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    files = listed.stdout.decode().strip("\0").split("\0")
    with object_storage(ROOT, files) as storage:
        run = subprocess.run(
            [
                *(sys.executable, "-m", "snakemake", "--profile", "profiles/kubernetes"),
                *("--dry-run", "--config", f"review={review}"),
            ],
            cwd=ROOT,
            env=os.environ | storage.settings,
            capture_output=True,
            text=True,
        )
    if run.returncode != 0:
        sys.exit((run.stdout + run.stderr)[-3000:])
    print(f"{len(files)} committed files in the bucket {BUCKET}; what would run:")
    print(*(line for line in run.stderr.splitlines() if line.startswith("[")), sep="\n")


if __name__ == "__main__":
    main()
