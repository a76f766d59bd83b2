"""Stop builds, or change their inputs, at random moments; run the same command again, and compare.

`make interruptions KILLS=20`. A build is stopped by SIGINT, SIGTERM or SIGKILL, sent to all of
its processes or to the first one only; then the same command must finish it, as a build left alone.
In other builds one input is changed while they run: such a build must refuse to end, or be of what
it read, as the audit then says; and the same command must end as a build of the changed inputs.
"""

import argparse
import contextlib
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
RESULTS = "results/tiny"
# An input, and what in it changes.
CHANGES = [
    ("data/raw/tiny/studies/alpha.yaml", "events: 20", "events: 21"),
    ("config/reviews/tiny.yaml", "tau: half_normal(0.5)", "tau: half_normal(0.6)"),
    ("workflow/report/page.html.j2", "What to bear in mind", "To bear in mind"),
]
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGKILL]
# Seconds. After a signal a build may finish the jobs that it is at.
LONGEST_WAIT = 300


def started(folder: Path) -> subprocess.Popen:
    """A build in a process group of its own, parts of which may live on."""
    return subprocess.Popen(
        command(),
        cwd=folder,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def stopped(folder: Path, seconds: float, sent: signal.Signals, to_all: bool) -> int:
    """Start a build and stop it; give its process group."""
    build = started(folder)
    try:
        build.wait(seconds)
    except subprocess.TimeoutExpired:
        if to_all:
            os.killpg(build.pid, sent)
        else:
            build.send_signal(sent)
        build.wait(LONGEST_WAIT)
    return build.pid


def changed(folder: Path, file: str, old: str, new: str) -> None:
    """Change an input of a review."""
    text = (folder / file).read_text()
    assert old in text, f"{old!r} is not in {file}"
    (folder / file).write_text(text.replace(old, new, 1))


def changed_at_work(folder: Path, seconds: float, change: tuple[str, str, str]) -> str | None:
    """Change an input while a build runs; tell what is wrong if that build ends well."""
    build = started(folder)
    with contextlib.suppress(subprocess.TimeoutExpired):
        build.wait(seconds)
    too_late = build.poll() is not None
    changed(folder, *change)
    if build.wait(LONGEST_WAIT) != 0 or too_late:
        return None
    # Its results are of what it read, as its manifest says; the audit names the change, alone.
    audit = snakemake(folder, "audit")
    names_it = f"{change[0]}: changed since the results were built" in audit.stderr
    named = "Audit failed: 1 fault in" in audit.stderr and names_it
    return None if audit.returncode == 0 or named else f"ended well, but: {audit.stderr[-800:]}"


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
    now = checksums(folder / RESULTS)
    for name in sorted(set(now) | set(expected)):
        if now.get(name) != expected.get(name):
            return f"{name} differs"
    return None


def left_alone(folder: Path) -> dict[Path, str]:
    """Checksums of the results of a build that nothing happens to."""
    if fault := finished(folder):
        sys.exit(fault)
    return checksums(folder / RESULTS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--changes", type=int, default=5)
    asked = parser.parse_args()
    kills, changes = asked.kills, asked.changes
    draw = random.Random(SEED)
    faults = []

    def report(what: str, fault: str | None) -> None:
        outcome = fault or "finished by the same command, identical"
        print(f"{what}: {outcome}", flush=True)
        faults.extend([fault] if fault else [])

    with tempfile.TemporaryDirectory() as room:
        clean = tiny_tree(Path(room) / "clean")
        start = time.monotonic()
        expected = left_alone(shutil.copytree(clean, Path(room) / "alone"))
        length = time.monotonic() - start
        print(f"Left alone: {length:.0f} s, {len(expected)} files.")
        for number in range(1, kills + 1):
            folder = shutil.copytree(clean, Path(room) / f"killed_{number}")
            seconds, sent = draw.uniform(0, length), draw.choice(SIGNALS)
            to_all = draw.random() < 0.5
            group = stopped(folder, seconds, sent, to_all)
            fault = finished(folder)
            await_end(group)
            to_whom = "all processes" if to_all else "the first process"
            what = f"{number:3} {sent.name} to {to_whom} at {seconds:.1f} s"
            report(what, fault or compare(folder, expected))
            shutil.rmtree(folder)
        of_change: dict[str, dict[Path, str]] = {}
        for number in range(1, changes + 1):
            change = CHANGES[number % len(CHANGES)]
            if change[0] not in of_change:
                other = shutil.copytree(clean, Path(room) / f"other_{number}")
                changed(other, *change)
                of_change[change[0]] = left_alone(other)
            folder = shutil.copytree(clean, Path(room) / f"changed_{number}")
            seconds = draw.uniform(0, 0.9 * length)
            fault = changed_at_work(folder, seconds, change) or finished(folder)
            what = f"{number:3} {change[0]} changed at {seconds:.1f} s"
            report(what, fault or compare(folder, of_change[change[0]]))
            shutil.rmtree(folder)
    print(f"{kills} kills and {changes} changes, {len(faults)} faults.")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
