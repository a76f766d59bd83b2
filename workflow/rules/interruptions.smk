# What a build that was killed leaves behind: locks that nobody holds, and half-written files.
# Snakemake cannot tell such a lock from a living one, and would ask for `--unlock`.

import fcntl
import os

from livingreview.saving import discard, partial_files


def join_builds(mark: Path) -> int:
    """Mark this process as alive, and clear up when no other one is.

    Each build holds a shared lock on one file for as long as it lives, however it ends:
    the system lets go of it. Who gets that lock alone knows that all others are dead.
    """
    mark.parent.mkdir(exist_ok=True)
    alive = os.open(mark, os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pass  # Another build is alive; Snakemake's own locks decide who may go on.
    else:
        discard(mark.parent / "locks")
        for path in partial_files(Path("results")):
            discard(path)
    fcntl.flock(alive, fcntl.LOCK_SH)
    return alive


# Never closed: that would let go of the lock.
if workflow.is_main_process:
    join_builds(Path(".snakemake/alive"))
