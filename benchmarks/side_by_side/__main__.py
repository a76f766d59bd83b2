"""Measure our engines beside the peers that are installed, one after the other.

Run from anywhere: ``make benchmark``. Writes docs/benchmarks.md, its figure, and
benchmarks/side_by_side/measured.json, from which a peer that is not installed is quoted the next
time.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from side_by_side.document import page
from side_by_side.figure import draw
from side_by_side.measured import Measured, as_text, measured_of, read
from side_by_side.reference import Answer, references
from side_by_side.software import PEERS, Peer, prior_variants

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MEASURED = HERE / "measured.json"
# Seconds after which a case of a peer is cut short.
LIMIT = 30.0
SETTINGS = {
    "chains": 4,
    "tune": 1000,
    "draws": 2000,
    "target_accept": 0.95,
    "seed": 20261123,
    "trials": str(ROOT / "validation/trials.csv"),
    "counts_jags": str(ROOT / "validation/brms_and_jags/counts.jags"),
    "counts_stan": str(ROOT / "validation/brms_and_jags/counts.stan"),
    "schools": str(ROOT / "tests/data/schools_in_districts.json"),
    "stan_code": str(ROOT / "validation/brms_and_jags/stan.R"),
}
# One thread each, so that seconds of the processor are those of the work.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def main() -> None:
    """Measure what is installed, quote what is not, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=float, default=LIMIT, help="seconds for a case of a peer")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="folder to write to")
    parser.add_argument("--measured", type=Path, default=MEASURED, help="file of what was measured")
    asked = parser.parse_args()
    exact = references()
    found = read(asked.measured)
    for name, peer in PEERS.items():
        told = rows(peer, asked.limit)
        if "not_run" in told[0]:
            quoted = "quoted" if name in found else "left out"
            print(f"{peer.label}: {quoted}, as {told[0]['not_run']}", flush=True)
            continue
        found[name] = measured(peer, told, exact)
        asked.measured.write_text(as_text(found), encoding="utf-8")
        print(f"{peer.label}: measured", flush=True)
    asked.docs.mkdir(exist_ok=True)
    (asked.docs / "benchmarks.md").write_text(page(found), encoding="utf-8")
    draw(found).savefig(asked.docs / "benchmarks.png", dpi=150, metadata={"Software": None})


def rows(peer: Peer, limit: float) -> list[dict[str, Any]]:
    """What a peer's script prints; a single row if it cannot run."""
    script = HERE / "peers" / peer.script
    runner = sys.executable if script.suffix == ".py" else shutil.which("Rscript")
    if runner is None:
        return [{"not_run": "R is not installed"}]
    more = {"limit": limit, "variants": prior_variants(), "started": time.time()}
    paths = os.pathsep.join(str(ROOT / part) for part in ("src", "tests"))
    run = subprocess.run(
        [runner, str(script), json.dumps(SETTINGS | peer.settings | more)],
        capture_output=True,
        text=True,
        env=os.environ | ONE_THREAD | {"PYTHONPATH": paths},
    )
    if run.returncode:
        sys.exit(f"{script} failed:\n{run.stderr}")
    return [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]


def measured(peer: Peer, told: list[dict[str, Any]], exact: dict[str, list[Answer]]) -> Measured:
    """Rows of one peer, with day, machine and the load of the last minute."""
    today = datetime.now(UTC).date().isoformat()
    return measured_of(peer, told, exact, today, machine(), os.getloadavg()[0])


def machine() -> str:
    """Processor, cores and memory."""
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{names[0] if names else 'a processor of unknown name'}, {os.cpu_count()} cores, "
        f"{memory:.0f} GB of memory"
    )


if __name__ == "__main__":
    main()
