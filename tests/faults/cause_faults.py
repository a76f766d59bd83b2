"""Cause one fault after another in a built tiny review: what is told, and what the next run does.

`make faults`, or this script with the names of some faults. Each fault must end in words and not
be built upon; the same command, run again, must give the results of a build that nothing happened
to. Faults that need a mount are skipped, and that is said, where none is allowed.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from damages import DAMAGES
from tiny_trees import checksums, command, environment, snakemake, tiny_tree

# Enough for Snakemake, too little to compile a model.
MEMORY = 1_000_000_000
LONGEST_WAIT = 600
# A result that much is made from and that is soon made; without it a build has something to do.
NEEDED = "results/tiny/5_synthesis/summary.csv"
FUTURE = 2_056_000_000  # a day of 2035
FITS = "results/tiny/3_models/relapse.nc"
Run = subprocess.CompletedProcess[str]


class Skip(Exception):
    """A fault that cannot be caused here, and why."""


@dataclass(frozen=True)
class Fault:
    """How a fault is caused in a folder, giving the build that met it; and what that tells."""

    name: str
    cause: Callable[[Path], Run]
    words: str


def damaged(damage: Callable[[Path], None], file: str) -> Callable[[Path], Run]:
    """A build that finds a result damaged."""

    def cause(folder: Path) -> Run:
        damage(folder / file)
        return snakemake(folder)

    return cause


def read_only(folder: Path) -> Run:
    """A build whose results lie on a read-only mount."""
    (folder / NEEDED).unlink()
    results = folder / "results"
    mount = f"mount --bind {results} {results} && mount -o remount,ro,bind {results}"
    allowed = subprocess.run(["unshare", "-m", "sh", "-c", mount], capture_output=True, text=True)
    if allowed.returncode != 0:
        raise Skip(f"no mount is allowed: {allowed.stderr.strip()}")
    return snakemake(folder, within=("unshare", "-m", "sh", "-c", f'{mount} && exec "$@"', "sh"))


def little_memory(folder: Path) -> Run:
    """A build in which no process may have enough memory to compile a model."""
    (folder / FITS).unlink()
    return snakemake(folder, within=("prlimit", f"--as={MEMORY}"))


def killed_step(at_work: bool) -> Callable[[Path], Run]:
    """A build one of whose steps is killed, as the system does when memory runs out.

    It is killed while it still imports, or when it has begun with its work.
    """

    def cause(folder: Path) -> Run:
        (folder / FITS).unlink()
        log = folder / "logs/tiny/3_models/fit_models.relapse.log"
        build = started(folder)
        for _ in moments():
            steps = steps_at_work(folder, "fit_models.py")
            begun = log.exists() and log.stat().st_size
            if steps and (begun or not at_work):
                os.kill(steps[0], signal.SIGKILL)
                break
        out, error = build.communicate(timeout=LONGEST_WAIT)
        return subprocess.CompletedProcess(build.args, build.returncode, out, error)

    return cause


def two_builds(folder: Path) -> Run:
    """A build while another is at work, which goes on undisturbed."""
    (folder / NEEDED).unlink()
    first = started(folder)
    for _ in moments():
        if any((folder / ".snakemake/locks").glob("*.lock")):
            break
    second = snakemake(folder)
    _, error = first.communicate(timeout=LONGEST_WAIT)
    assert first.returncode == 0, error[-1500:]
    return second


def two_builds_and_an_audit(folder: Path) -> Run:
    """A build while another is at work, and an audit has ended that deleted Snakemake's locks."""
    (folder / FITS).unlink()
    first = started(folder)
    for _ in moments():
        if steps_at_work(folder, "fit_models.py"):
            break
    snakemake(folder, "audit")
    assert not (folder / ".snakemake/locks").exists(), "the audit deletes them"
    second = snakemake(folder)
    _, error = first.communicate(timeout=LONGEST_WAIT)
    assert first.returncode == 0, error[-1500:]
    return second


def file_of_the_future(folder: Path) -> Run:
    """A build from a changed record that a wrong clock dated; the record is then as it was."""
    record = folder / "data/raw/tiny/studies/alpha.yaml"
    before = record.read_text()
    record.write_text(before.replace("events: 20", "events: 21", 1))
    os.utime(record, (FUTURE, FUTURE))
    run = snakemake(folder)
    record.write_text(before)
    return run


def started(folder: Path) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command(), cwd=folder, env=environment(), stdout=pipe, stderr=pipe, text=True
    )


def moments() -> Iterator[None]:
    """Look again every so often, and not for ever."""
    deadline = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < deadline:
        yield
        time.sleep(0.1)
    raise TimeoutError("what was waited for did not come")


def steps_at_work(folder: Path, script: str) -> list[int]:
    """Processes that run a script in a folder: Python itself, not the shell that started it."""
    steps = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = line.read_bytes().decode().split("\0")
        except OSError:
            continue
        if len(words) > 1 and words[1].startswith(str(folder)) and words[1].endswith(script):
            steps.append(int(line.parent.name))
    return steps


def occupied(folder: Path) -> int:
    """Bytes that a folder takes on a disk with pages of 4 KiB, as a tmpfs has them."""
    return sum(-(-path.stat().st_size // 4096) * 4096 for path in folder.rglob("*"))


def full_disk(folder: Path) -> Run:
    """A build on a disk that half of its results fit on; it is then given room."""
    results = folder / "results"
    size = occupied(folder) - occupied(results) // 2
    shutil.rmtree(results)
    shutil.rmtree(folder / ".snakemake")
    disk = folder.rename(folder.with_name("copied"))
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, text=True)
    if mounted.returncode != 0:
        raise Skip(f"no disk can be mounted: {mounted.stderr.strip()}")
    shutil.copytree(disk, folder, dirs_exist_ok=True)
    run = snakemake(folder)
    subprocess.run(["mount", "-o", "remount,size=1G", str(folder)], check=True)
    return run


FAULTS = [
    *(Fault(d.name, damaged(d.damage, d.file), d.words) for d in DAMAGES),
    Fault("read-only results", read_only, "is read-only, so that nothing can be built into it"),
    Fault("two builds at once", two_builds, r"Another build of this review is at work \(process"),
    Fault("too little memory", little_memory, r"^Memory ran out|\(ulimit -v\)"),
    Fault("a step killed as it starts", killed_step(at_work=False), "ended by SIGKILL, a signal"),
    Fault("a step killed at work", killed_step(at_work=True), "ended by SIGKILL, a signal"),
    Fault("two builds, and an audit in between", two_builds_and_an_audit, r"at work \(process"),
    Fault("a file dated 2035", file_of_the_future, "which is still to come"),
    Fault("disk full", full_disk, "The disk is full"),
]


def met(fault: Fault, built: Path, folder: Path, expected: dict[Path, str]) -> tuple[str, ...]:
    """A row of the table: what was told, exit status, what the next run did, whether identical."""
    shutil.copytree(built, folder)
    try:
        run = fault.cause(folder)
        line = next((x.strip() for x in run.stderr.splitlines() if re.search(fault.words, x)), "")
        again = snakemake(folder)
        nothing = "Nothing to be done" in again.stdout + again.stderr
        did = "nothing to do" if nothing else "finished"
        after = did if again.returncode == 0 else f"failed: {again.stderr[-800:]}"
        same = checksums(folder / "results/tiny") == expected
        outcome = "identical" if same else "DIFFERENT"
        return (
            line or f"NOT TOLD: {' '.join(run.stderr[-1500:].split())}",
            str(run.returncode),
            after,
            outcome,
        )
    except Skip as reason:
        return f"skipped: {reason}", "", "", ""
    finally:
        if os.path.ismount(folder):
            subprocess.run(["umount", str(folder)], check=True)


def main() -> None:
    failed = []
    with tempfile.TemporaryDirectory() as room:
        built = tiny_tree(Path(room) / "built")
        if (run := snakemake(built)).returncode != 0:
            sys.exit(run.stderr[-3000:])
        expected = checksums(built / "results/tiny")
        wanted = sys.argv[1:]
        print("| fault | told | exit | same command again | results |\n|---|---|---|---|---|")
        for number, fault in enumerate(FAULTS):
            if wanted and fault.name not in wanted:
                continue
            row = met(fault, built, Path(room) / f"fault_{number}", expected)
            print(f"| {fault.name} | {' | '.join(row)} |", flush=True)
            line, status, after, outcome = row
            good = status == "1" and "NOT TOLD" not in line and not after.startswith("failed")
            if not line.startswith("skipped") and not (good and outcome == "identical"):
                failed.append(fault.name)
    sys.exit(f"Not as promised: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
