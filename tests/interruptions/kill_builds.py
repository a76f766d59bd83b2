"""Stop builds at random moments, run the same command again, and compare with one left alone.

`make interruptions KILLS=20`. A build is stopped by SIGINT, SIGTERM or SIGKILL, sent to all of
its processes or to the first one only; then the same command must finish it.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tiny_trees import checksums, command, environment, snakemake, tiny_tree

SEED = 20261123
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGKILL]
# Seconds. After a signal a build may finish the jobs that it is at.
LONGEST_WAIT = 300


def stopped(folder: Path, seconds: float, sent: signal.Signals, to_all: bool) -> int:
    """Start a build and stop it; give the process group, parts of which may live on."""
    build = subprocess.Popen(
        command(),
        cwd=folder,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        build.wait(seconds)
    except subprocess.TimeoutExpired:
        if to_all:
            os.killpg(build.pid, sent)
        else:
            build.send_signal(sent)
        build.wait(LONGEST_WAIT)
    return build.pid


def await_end(group: int) -> None:
    """Wait for the jobs of a build that was killed alone: they may still write."""
    deadline = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < deadline:
        listed = subprocess.run(["ps", "-eo", "pgid=,stat="], capture_output=True, text=True)
        alive = (line.split() for line in listed.stdout.splitlines())
        if not any(int(of) == group and not state.startswith("Z") for of, state in alive):
            return
        time.sleep(0.2)


def finished(folder: Path) -> str | None:
    """Run the same command to the end; tell what went wrong, if anything did."""
    run = snakemake(folder)
    return None if run.returncode == 0 else run.stderr[-1500:]


def compare(folder: Path, expected: dict[Path, str]) -> str | None:
    """Tell the first difference from a build that was left alone."""
    now = checksums(folder / "results")
    for name in sorted(set(now) | set(expected)):
        if now.get(name) != expected.get(name):
            return f"{name} differs"
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    kills = parser.parse_args().kills
    draw = random.Random(SEED)
    faults = []
    with tempfile.TemporaryDirectory() as room:
        clean = tiny_tree(Path(room) / "clean")
        alone = shutil.copytree(clean, Path(room) / "alone")
        start = time.monotonic()
        if fault := finished(alone):
            sys.exit(fault)
        length = time.monotonic() - start
        expected = checksums(alone / "results")
        print(f"Left alone: {length:.0f} s, {len(expected)} files.")
        for number in range(1, kills + 1):
            folder = shutil.copytree(clean, Path(room) / f"killed_{number}")
            seconds, sent = draw.uniform(0, length), draw.choice(SIGNALS)
            to_all = draw.random() < 0.5
            group = stopped(folder, seconds, sent, to_all)
            fault = finished(folder)
            await_end(group)
            fault = fault or compare(folder, expected)
            to_whom = "all processes" if to_all else "the first process"
            outcome = fault or "finished by the same command, identical"
            print(f"{number:3} {sent.name} to {to_whom} at {seconds:.1f} s: {outcome}", flush=True)
            faults += [fault] if fault else []
            shutil.rmtree(folder)
    print(f"{kills} kills, {len(faults)} faults.")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
