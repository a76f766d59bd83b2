"""Seeds derived from the run's seed, so that nothing depends on what ran before or beside it."""

from __future__ import annotations

import hashlib


def seed_of(seed: int, name: str) -> int:
    """Seed of one fit or one simulation, the same whatever else is run.

    Parameters
    ----------
    seed : int
        Of the whole run.
    name : str
        Of the fit or simulation.
    """
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    return int.from_bytes(digest[:4], "big")
