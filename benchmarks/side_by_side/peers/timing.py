"""Shared by the Python peers: a stopwatch, and rows of JSON. README.md tells the rows."""

import json
import resource
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

SETTINGS = json.loads(sys.argv[1])
QUANTILES = ("0.025", "0.5", "0.975")
# Seconds of passes after which there are no more.
ENOUGH = 3.0


def told(row: dict[str, Any]) -> None:
    """Print a row."""
    print(json.dumps(row), flush=True)


def used() -> tuple[float, float]:
    """Seconds by the clock, and of the processor, children included."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return time.time(), sum(usage.ru_utime + usage.ru_stime for usage in usages)


def ready(version: str) -> None:
    """Tell what it took to get here from the start of the process."""
    wall, processor = used()
    start = {"wall": wall - SETTINGS["started"], "cpu": processor}
    told({"version": version, "start": start})


def timed[T](call: Callable[[], T]) -> tuple[T, dict[str, float]]:
    """Result of a call, and the seconds that it took."""
    start, before = used()
    value = call()
    end, after = used()
    return value, {"wall": end - start, "cpu": after - before}


def measure[T](
    case: str,
    calls: int,
    fit: Callable[[int], T],
    describe: Callable[[T], list[dict[str, Any]]],
    compiled: dict[str, float] | None = None,
) -> None:
    """Fit again and again until three seconds are over, three times at least, and tell the row.

    What takes longer than the limit is stopped after the call that passes it.

    Parameters
    ----------
    case : str
    calls : int
        Calls of `fit` that the case takes.
    fit : callable
        What is timed, by the number of the call from 0 on.
    describe : callable
        Answers of one call; off the clock.
    compiled : dict, optional
        Seconds of compiling beforehand.
    """
    passes: list[dict[str, float]] = []
    answers: list[dict[str, Any]] = []
    while True:
        spent = {"wall": 0.0, "cpu": 0.0}
        for call in range(calls):
            value, seconds = timed(lambda call=call: fit(call))
            spent = {clock: spent[clock] + seconds[clock] for clock in spent}
            if not passes:
                answers += describe(value)
            if spent["wall"] > SETTINGS["limit"]:
                break
        whole = call == calls - 1
        if whole or not passes:
            passes.append(spent)
        total = sum(one["wall"] for one in passes)
        if not whole or total > SETTINGS["limit"] or (len(passes) >= 3 and total > ENOUGH):
            break
    fitted = {clock: median(one[clock] for one in passes) for clock in passes[0]}
    best = {clock: min(one[clock] for one in passes) for clock in passes[0]}
    row = {"case": case, "fits": len(answers), "passes": len(passes), "fit": fitted, "best": best}
    told(row | {"answers": answers} | ({"compile": compiled} if compiled else {}))
