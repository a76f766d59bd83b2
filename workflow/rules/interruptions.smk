# What a build may find when it starts. One that was killed leaves locks that nobody holds, and
# half-written files; Snakemake cannot tell such a lock from a living one, and would ask for
# `--unlock`. Another build may be alive; Snakemake's locks, which any command may delete at its
# end, do not keep a second one out for sure. Results may have been edited, or not be writable, and
# a clock may have been wrong.

import atexit
import fcntl
import os
import shlex
import subprocess
import sys
import time
from functools import cache

from livingreview.base.build_lock import hold
from livingreview.base.errors import Stop
from livingreview.base.saving import discard, partial_files, set_aside
from livingreview.base.step_records import STEP_RECORDS, changed_since_written

# Held by the build of this review that is at work.
REVIEW_LOCK = Path(f"results/.{REVIEW}.lock")
# Seconds by which the clock of a file server may be ahead.
CLOCKS_MAY_DIFFER = 60


def warn(words: str) -> None:
    """Name what may stop the build before Snakemake meets it; it may have no need to build."""
    print(f"{words} Then run the same command again.", file=sys.stderr)


def interpreter() -> str:
    """Path of Python as a shell takes it, as Snakemake does not quote it; from here if it must."""
    for path in (sys.executable, os.path.relpath(sys.executable)):
        if shlex.quote(path) == path:
            return path
    raise Stop(
        f"Python lies at {sys.executable!r}, and a blank, quote or bracket in that path would stop"
        " every step. Build with the Python of this folder's .venv, or move it to another path."
    )


def join_builds(mark: Path) -> int:
    """Mark this process as alive, and clear up when no other one is.

    Each build holds a shared lock on one file for as long as it lives, however it ends:
    the system lets go of it. Who gets that lock alone knows that all others are dead.
    """
    try:
        mark.parent.mkdir(exist_ok=True)
        alive = os.open(mark, os.O_CREAT | os.O_RDWR)
    except OSError as error:
        raise Stop(
            f"{error}. Make this folder writable, with room in it, and run the same command again."
        ) from None
    try:
        fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pass
    else:
        discard(mark.parent / "locks")
        for path in partial_files(Path("results")):
            discard(path)
    fcntl.flock(alive, fcntl.LOCK_SH)
    return alive


def warn_of_read_only(results: Path) -> None:
    """Name a folder of results that is read-only; an audit can still be made."""
    for path in (results, *results.rglob("*/")):
        if path.exists() and not os.access(path, os.W_OK):
            return warn(
                f"{path} is read-only, so that nothing can be built into it. Make it writable."
            )


@cache
def keep_others_out() -> int | None:
    """Hold the lock of this review from before steps are planned; a dry run plans without it."""
    builds = (
        workflow.is_main_process and workflow.executor_plugin and not workflow.dryrun
    )
    return hold(REVIEW_LOCK, shlex.join(sys.argv)) if builds else None


def refuse_files_of_the_future(paths: list[str]) -> None:
    """Stop where a file is dated ahead: what is made from it would look older than it for ever."""
    now = time.time()
    dated = {path: Path(path).stat().st_mtime for path in paths if Path(path).exists()}
    ahead = [path for path, date in dated.items() if date > now + CLOCKS_MAY_DIFFER]
    if ahead:
        day = time.strftime("%Y-%m-%d %H:%M", time.localtime(dated[ahead[0]]))
        more = f", and {len(ahead) - 1} more" if len(ahead) > 1 else ""
        raise Stop(
            f"{ahead[0]} is dated {day}, which is still to come{more}. Date it now, and run the same"
            f" command again:\n  touch {shlex.join(ahead)}"
        )


def discard_former_records(results: Path) -> None:
    """Delete records of steps that the workflow once had: others make their results now."""
    for record in (results / STEP_RECORDS).glob("*.json"):
        if str(record) not in makers():
            discard(record)


def refuse_changed_results(results: Path) -> None:
    """Stop before anything is built from a result that changed since it was written.

    Snakemake knows no checksum of a result: it would take an edited one for a new one.
    """
    if changed := changed_since_written(results):
        aside = Path(f"{results}.set_aside")
        lines = [
            "Changed since this workflow wrote it, and so moved aside; nothing was built from it:",
            *(f"  {path} -> {set_aside(path, results, aside)}" for path in changed),
            "Run the same command again: it makes these results anew. To change what a review"
            " says, edit its records or its protocol.",
        ]
        raise Stop("\n".join(lines))


def start_forking() -> str:
    """Start the process that forks for small steps; what to run in place of Python."""
    python, file = interpreter(), "workflow/forking.py"
    address = f".snakemake/forking.{os.getpid()}"
    # It lives for as long as its input is open, so until this process ends.
    forking = subprocess.Popen([python, file, address], stdin=subprocess.PIPE)
    atexit.register(forking.communicate)
    measured = ",".join(rule.name for rule in workflow.rules if rule.benchmark)
    return f"{python} -S -E {file} {address} {measured}"


sys.executable = interpreter()
if workflow.is_main_process:
    console.review_lock = REVIEW_LOCK
    # Never closed: that would let go of the lock.
    join_builds(Path(".snakemake/alive"))
    warn_of_read_only(Path("results"))
