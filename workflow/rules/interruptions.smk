# What a build may find when it starts. One that was killed leaves locks that nobody holds, and
# half-written files; Snakemake cannot tell such a lock from a living one, and would ask for
# `--unlock`. Another build may be alive. And results may have been edited, or not be writable.

import fcntl
import os
import sys

from livingreview.base.errors import Stop
from livingreview.base.saving import discard, partial_files, set_aside
from livingreview.base.step_records import changed_since_written


def warn(words: str) -> None:
    """Name what may stop the build before Snakemake meets it; it may have no need to build."""
    print(f"{words} Then run the same command again.", file=sys.stderr)


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
        # Snakemake's own locks decide who may go on.
        warn(
            "Another build is alive in this folder. Should this one not be allowed to go on, wait"
            " for the other one to end; do not unlock the folder."
        )
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


def refuse_changed_results(results: Path) -> None:
    """Stop before anything is built from a result that changed since it was written.

    Snakemake knows no checksum of a result: it would take an edited one for a new one.
    """
    # An audit looks at the files as they stand.
    if "audit" in workflow.dag_settings.targets:
        return
    if changed := changed_since_written(results):
        aside = Path(f"{results}.set_aside")
        lines = [
            "Changed since this workflow wrote it, and so moved aside; nothing was built from it:",
            *(f"  {path} -> {set_aside(path, results, aside)}" for path in changed),
            "Run the same command again: it makes these results anew. To change what a review"
            " says, edit its records or its protocol.",
        ]
        raise Stop("\n".join(lines))


# Never closed: that would let go of the lock.
if workflow.is_main_process:
    join_builds(Path(".snakemake/alive"))
    warn_of_read_only(Path("results"))
