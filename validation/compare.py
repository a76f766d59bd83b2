"""Run every script that can run here and compare what it finds with the pinned figures.

`make validate` calls it. What is not installed is named, and its pinned figures stand; a
figure that is off by more than its tolerance, or missing without a reason, ends the run
with status 1.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from math import isfinite, sqrt
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PEERS = ("metafor", "bayesmeta", "brms_and_jags", "numerical_integration")
# Sampled figures may differ by this many Monte Carlo standard errors.
MOST_MCSE = 4.0
# Peer, figure, where the largest difference is, the difference, what is allowed, and whether
# they agree: None for what was not run.
Row = tuple[str, str, str, str, str, bool | None]
WIDTHS = (22, 24, 34, 12, 12)


def pinned(peer: str) -> dict[str, dict]:
    """Pinned figures of a peer by name."""
    figures = json.loads((HERE / peer / "pinned.json").read_text(encoding="utf-8"))["figures"]
    return {figure["name"]: figure for figure in figures}


def derived(peer: str) -> dict:
    """What the peer's script prints: figures, or why it could not run."""
    script = next((HERE / peer).glob("derive.*"))
    runner = sys.executable if script.suffix == ".py" else shutil.which("Rscript")
    if runner is None:
        return {"not_run": "R is not installed"}
    run = subprocess.run([runner, script], capture_output=True, text=True, check=False)
    if run.returncode:
        raise SystemExit(f"{script} failed:\n{run.stderr}")
    return json.loads(run.stdout.strip().splitlines()[-1])


def flat(values: Any, name: str = "") -> Iterator[tuple[str, float]]:
    """Numbers of nested figures with their names; a list of one is its number."""
    if isinstance(values, dict):
        for key, value in values.items():
            yield from flat(value, f"{name}.{key}" if name else key)
    elif isinstance(values, list) and len(values) > 1:
        for i, value in enumerate(values):
            yield from flat(value, f"{name}[{i}]")
    else:
        number = float(values[0] if isinstance(values, list) else values)
        if not isfinite(number):  # or it would be lost among the largest differences
            raise SystemExit(f"{name} is {number}")
        yield name, number


def exact_difference(ours: dict, theirs: dict) -> tuple[float, str]:
    """Largest difference of any figure, and which."""
    found, expected = dict(flat(ours)), dict(flat(theirs))
    if found.keys() != expected.keys():
        raise SystemExit(f"figures differ in name: {sorted(found.keys() ^ expected.keys())}")
    return max((abs(found[name] - expected[name]), name) for name in expected)


def sampled_difference(ours: dict, theirs: dict) -> tuple[float, str]:
    """Largest difference in Monte Carlo standard errors, of mu and tau, and which.

    Draws of one posterior have errors in proportion to 1/sqrt(effective sample size), so
    the peer's follow from ours; an exact peer has none.
    """
    largest = (0.0, "")
    for quantity in ("mu", "tau"):
        a, b = ours[quantity], theirs[quantity]
        size = "ess_tail" if "ess_tail" in b else "ess_bulk"
        errors, expected = dict(flat(a["mcse"])), dict(flat(b))
        for name, error in errors.items():
            used = size if name.startswith("quantiles") else "ess_bulk"
            share = a[used] / b[used] if used in b else 0.0
            difference = abs(dict(flat(a))[name] - expected[name])
            largest = max(largest, (difference / (error * sqrt(1 + share)), f"{quantity}.{name}"))
    return largest


def rows(peer: str) -> Iterator[Row]:
    """Comparisons of one peer."""
    run = derived(peer)
    if "not_run" in run:
        yield peer, "every figure", f"not run: {run['not_run']}", "", "", None
        return
    print(f"{peer}: {run['version']}", flush=True)
    missing = run.get("missing", {})
    for name, figure in pinned(peer).items():
        if name in missing:
            yield peer, name, f"not run: {missing[name]}", "", "", None
        elif name not in run["figures"]:
            yield peer, name, "not derived, and no reason given", "", "", False
        elif "tolerance" in figure:
            difference, where = exact_difference(run["figures"][name], figure["values"])
            allowed = figure["tolerance"]
            shown = f"{difference:.1e}"
            yield peer, name, where, shown, f"{allowed:.0e}", difference <= allowed
        else:
            yield from sampled_rows(peer, name, figure, run["figures"][name])


def sampled_rows(peer: str, name: str, figure: dict, ours: dict) -> Iterator[Row]:
    """Comparisons of one sampled figure: with what is pinned and with the exact answer."""
    exact_peer, exact_name = figure["exact"].split("/")
    exact = pinned(exact_peer)[exact_name]["values"]
    for label, values in (("pinned", figure["values"]), ("exact", exact)):
        difference, where = sampled_difference(ours, values)
        shown, allowed = f"{difference:.1f} MCSE", f"{MOST_MCSE:g} MCSE"
        yield peer, f"{name}, {label}", where, shown, allowed, difference <= MOST_MCSE


def main() -> int:
    """Print one row per figure; 1 when any differs."""
    table = [row for peer in PEERS for row in rows(peer)]
    head: Row = ("peer", "figure", "largest difference at", "", "allowed", None)
    print()
    for row in (head, *table):
        cells = [cell.ljust(width) for cell, width in zip(row[:5], WIDTHS, strict=True)]
        print(*cells, {True: "agrees", False: "DIFFERS", None: ""}[row[5]])
    return 1 if any(row[5] is False for row in table) else 0


if __name__ == "__main__":
    raise SystemExit(main())
