"""Build one commit through a Slurm of one node, and on this machine alone; compare every byte.

`make slurm`, or `python tests/slurm/compare_with_local.py tiny`. Besides a review it takes
`calibration`, of few data sets: in one part here, and in two through Slurm, as their number
must not matter either.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "reproduce"))

from compare_builds import clone, differences, files
from tiny_trees import command, environment

HERE = Path(__file__).parent
CALIBRATION = "calibration"
# What start.sh ends with where Slurm cannot be started.
NOT_HERE = 77
# The profile as it is, with what this cluster has otherwise: no accounts and no database of jobs,
# one small node, and nobody else whom frequent questions would disturb.
THROUGH_SLURM = [
    *("--profile", "profiles/slurm", "--slurm-no-account", "--slurm-status-command", "squeue"),
    *("--seconds-between-status-checks", "2", "--slurm-init-seconds-before-status-checks", "2"),
]


def build(folder: Path, what: str, options: list[str], parts: int) -> Path:
    """Build a review, or a small calibration in some parts; give the folder of what was made."""
    if what == CALIBRATION:
        sets = f"calibration={{data_sets: 20, quadrature_data_sets: 60, parts: {parts}}}"
        line = [*command("judge_calibration", *options, cores=os.cpu_count() or 1), sets]
        made = folder / "results/calibration"
    else:
        targets = ("all", "write_archive")
        line = command(*targets, *options, review=what, cores=os.cpu_count() or 1)
        made = folder / "results"
    begin = time.monotonic()
    run = subprocess.run(line, cwd=folder, env=environment(), capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"The build in {folder} failed:\n{run.stderr[-3000:]}")
    print(f"{folder.name}: {time.monotonic() - begin:.0f} s", flush=True)
    return made


def is_part(line: str) -> bool:
    """Whether a difference is one between the parts that a calibration was split into."""
    return line.startswith(("ranks/", "quadrature/"))


def ended_jobs(room: Path) -> list[str]:
    """State of each job that Slurm has ended."""
    lines = (room / "ended.txt").read_text().splitlines()
    fields = [dict(word.split("=", 1) for word in line.split() if "=" in word) for line in lines]
    return [field["JobState"] for field in fields]


def compare(what: str, place: Path, room: Path) -> str | None:
    """Build twice, and tell what was compared; give the first difference, if there is one."""
    for name in ("local", "slurm"):
        clone(place / name, "tiny" if what == CALIBRATION else what)
    here = build(place / "local", what, [], parts=1)
    there = build(place / "slurm", what, THROUGH_SLURM, parts=2)
    lines = differences(here, there)
    count = len(set(files(here)) | set(files(there)))
    if what == CALIBRATION:
        pieces = [name for name in set(files(here)) | set(files(there)) if is_part(name)]
        lines, count = [line for line in lines if not is_part(line)], count - len(pieces)
    states = ended_jobs(room)
    completed = states.count("COMPLETED")
    print(
        f"{what}: {len(states)} Slurm jobs, {completed} completed; "
        f"{count} files compared with a local build, {count - len(lines)} identical."
    )
    if completed != len(states):
        return "a job did not complete"
    return lines[0] if lines else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", help=f"a review, such as tiny, or {CALIBRATION}")
    what = parser.parse_args().what
    with tempfile.TemporaryDirectory() as place:
        room = Path(place) / "cluster"
        started = subprocess.run([str(HERE / "start.sh"), str(room)])
        if started.returncode == NOT_HERE:
            print("Skipped.")
            return
        started.check_returncode()
        try:
            fault = compare(what, Path(place), room)
        finally:
            subprocess.run([str(HERE / "stop.sh"), str(room)], check=True)
    if fault:
        sys.exit("First difference: " + fault)


if __name__ == "__main__":
    main()
