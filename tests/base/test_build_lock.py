"""A second build of a review is kept out for as long as the first one lives."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from livingreview.base.build_lock import hold
from livingreview.base.errors import Stop

HOLDS = """
import sys, pathlib
from livingreview.base.build_lock import hold
hold(pathlib.Path(sys.argv[1]), "snakemake --cores 4")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_build_is_kept_out_and_told_of_the_other_until_that_one_is_dead(tmp_path: Path):
    lock = tmp_path / ".tiny.lock"
    first = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(lock)],
        env=os.environ | {"PYTHONPATH": "src"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert first.stdout is not None and first.stdout.readline() == "held\n"
    with pytest.raises(Stop, match=rf"process {first.pid} since .*: snakemake --cores 4\)"):
        hold(lock, "snakemake")
    # Not even a clean end is needed; after one nothing is left in the file.
    first.kill()
    first.communicate()
    subprocess.run(
        [sys.executable, "-c", HOLDS, str(lock)],
        env=os.environ | {"PYTHONPATH": "src"},
        stdin=subprocess.DEVNULL,
        check=True,
    )
    assert lock.read_text() == ""


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path):
    (tmp_path / "results").write_text("a file")
    with pytest.raises(Stop, match=r"results/.tiny.lock: .* Make its folder writable"):
        hold(tmp_path / "results/.tiny.lock", "snakemake")
