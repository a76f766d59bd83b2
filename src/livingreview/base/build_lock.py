"""One build of a review at a time: a lock that its process holds for as long as it lives."""

from __future__ import annotations

import atexit
import fcntl
import os
import time
from pathlib import Path

from livingreview.base.errors import Stop


def hold(lock: Path, command: str) -> int:
    """Keep other builds out until this process ends, however it ends; never close what is returned.

    Parameters
    ----------
    command : str
        What this process runs, for whoever is kept out.

    Raises
    ------
    Stop
        If another process holds the lock; it is named.
    """
    try:
        lock.parent.mkdir(exist_ok=True)
        held = os.open(lock, os.O_CREAT | os.O_RDWR)
    except OSError as error:
        raise Stop(
            f"{lock}: {error.strerror}. Make its folder writable, with room in it, and run the same"
            " command again."
        ) from None
    if not _locked(held):
        raise Stop(kept_out(lock))
    os.ftruncate(held, 0)
    # What it says is of no use afterwards, and would make two builds differ.
    atexit.register(os.ftruncate, held, 0)
    os.pwrite(held, f"process {os.getpid()} since {time.strftime('%H:%M')}: {command}".encode(), 0)
    return held


def kept_out(lock: Path) -> str:
    """Who holds a lock, and what to do about it."""
    holder = lock.read_text(encoding="utf-8") if lock.exists() else ""
    return (
        f"Another build of this review is at work ({holder or 'it does not say which'}). Wait until"
        " it ends, and run the same command again; nothing was changed by this one."
    )


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return False
    return True
