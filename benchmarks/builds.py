"""Whole builds of the shipped review: first, warm, of nothing, of an edit; and a preview.

Run from anywhere: ``make build-times``, or ``.venv/bin/python benchmarks/builds.py OLD NEW`` to
compare commits. Each is measured in a clone with caches of its own, one after the other, by the
environment at hand: a commit with another lock cannot be. Writes docs/builds.md.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pandas as pd
from scale import ROOT, markdown

REVIEW, CORES = "second_responder", 4
# One record, edited: the size of a group of a study that police records and victims were asked of.
RECORD = f"data/raw/{REVIEW}/studies/hovell_2006.yaml"
OLD, NEW = "control: 498", "control: 497"
PREVIEWS = 10
FIRST, WARM, NOTHING, EDIT = "first build", "caches warm", "nothing changed", "one record edited"
# Seconds by the clock that each is wanted within.
BUDGETS = {FIRST: 130, WARM: 90, NOTHING: 3, EDIT: 45}
PREVIEW_BUDGET = 3


@dataclass(frozen=True)
class Built:
    """A build of a commit: seconds by the clock and of the processor, and of each rule."""

    clock: float
    processor: float
    steps: dict[str, float]


def main() -> None:
    """Build, preview, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("commits", nargs="*", default=["HEAD"])
    parser.add_argument("--page", type=Path, default=ROOT / "docs/builds.md")
    asked = parser.parse_args()
    builds, previews = {}, {}
    for commit in asked.commits:
        name = git("rev-parse", "--short", commit)
        with tempfile.TemporaryDirectory() as folder:
            tree, home = Path(folder) / "tree", Path(folder) / "home"
            git("clone", "--quiet", "--no-hardlinks", str(ROOT), str(tree))
            git("-C", str(tree), "checkout", "--quiet", name)
            home.mkdir()
            builds[name], previews[name] = measured(tree, home)
    asked.page.write_text(page(builds, previews), encoding="utf-8")


def git(*words: str) -> str:
    """Output of a command of git in this repository."""
    run = subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True)
    return run.stdout.strip()


def measured(tree: Path, home: Path) -> tuple[dict[str, Built], list[float]]:
    """All builds of a tree, and previews of the edited record before its build."""
    found = {FIRST: build(tree, home)}
    for folder in ("results", "logs", ".snakemake"):
        shutil.rmtree(tree / folder)
    found[WARM] = build(tree, home)
    found[NOTHING] = build(tree, home)
    record = tree / RECORD
    text = record.read_text(encoding="utf-8")
    assert OLD in text, f"{RECORD} has no {OLD!r}"
    record.write_text(text.replace(OLD, NEW, 1), encoding="utf-8")
    forget_files()
    previews = [preview(tree, home) for _ in range(PREVIEWS)]
    found[EDIT] = build(tree, home)
    return found, previews


def build(tree: Path, home: Path) -> Built:
    """Build what is not up to date."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
    words = ["-m", "snakemake", "--cores", str(CORES), "--config", f"review={REVIEW}"]
    clock = run(tree, home, words)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    built = Built(clock, processor, steps_since(tree, start))
    print(f"{tree} {clock:.1f} s by the clock, {processor:.0f} s of the processor", flush=True)
    return built


def forget_files() -> None:
    """Let the system drop its cache of files, where this process may ask for that."""
    with suppress(OSError):
        Path("/proc/sys/vm/drop_caches").write_text("3", encoding="utf-8")


def preview(tree: Path, home: Path) -> float:
    """Seconds by the clock of a preview of what was edited."""
    return run(tree, home, ["-m", "livingreview", "preview", "--review", REVIEW])


def run(tree: Path, home: Path, words: list[str]) -> float:
    """Seconds by the clock of a Python command in a tree."""
    paths = {"HOME": str(home), "PYTHONPATH": str(tree / "src")}
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *words], cwd=tree, env=os.environ | paths, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return time.perf_counter() - start


def steps_since(tree: Path, start: float) -> dict[str, float]:
    """Seconds by the clock of each rule's jobs together, as Snakemake recorded them."""
    jobs = {}
    for file in (tree / ".snakemake/metadata").rglob("*"):
        if file.is_file():
            job = json.loads(file.read_text(encoding="utf-8"))
            if (job.get("starttime") or 0) >= start:
                jobs[job["rule"], job["starttime"]] = job["endtime"] - job["starttime"]
    steps = pd.Series(jobs, dtype=float)
    return steps.groupby(level=0).sum().to_dict() if len(steps) else {}


def page(builds: dict[str, dict[str, Built]], previews: dict[str, list[float]]) -> str:
    """The document."""
    names = list(builds)
    totals = pd.DataFrame(
        {
            "build": list(BUDGETS),
            "wanted within, s": list(BUDGETS.values()),
            **{f"{n}, s": [round(builds[n][b].clock, 1) for b in BUDGETS] for n in names},
            **{
                f"{n}, processor, s": [round(builds[n][b].processor) for b in BUDGETS]
                for n in names
            },
        }
    )
    return f"""# Seconds of whole builds

Written by `make build-times` (benchmarks/builds.py) on a machine with {os.cpu_count()} cores:
`{REVIEW}`, from records to page, with {CORES} jobs at once, of each commit in a clone of its own.

- *{FIRST}*: nothing was compiled on the machine before;
- *{WARM}*: without results, but with what the first build compiled;
- *{EDIT}*: one number of one study, so that its fits and all that follows are made again.

Other work lengthens the clock: the load of the last minute was {os.getloadavg()[0]:.1f} at the end.

{table(totals)}
`livingreview preview` of the same edit, {PREVIEWS} times, the first without files in memory
(wanted within {PREVIEW_BUDGET} s by the clock):

{table(pd.DataFrame([previewed(n, previews[n]) for n in names]))}
## Where the seconds go

By the clock, the jobs of a rule together; jobs run side by side.

{chr(10).join(steps(build, builds) for build in (FIRST, WARM, EDIT))}"""


def table(frame: pd.DataFrame) -> str:
    """A table of the document."""
    return markdown([*map(str, frame)], frame.astype(str).to_numpy().tolist())


def previewed(name: str, seconds: list[float]) -> dict[str, object]:
    """A commit's row of previews."""
    return {
        "commit": name,
        "first, s": round(seconds[0], 2),
        "median, s": round(median(seconds), 2),
        "longest, s": round(max(seconds), 2),
    }


def steps(build: str, builds: dict[str, dict[str, Built]]) -> str:
    """Table of the rules of one kind of build, the longest of the last commit first."""
    by_rule = pd.DataFrame({f"{name}, s": of[build].steps for name, of in builds.items()}).round(1)
    by_rule = by_rule.sort_values(by_rule.columns[-1], ascending=False).rename_axis("rule")
    return f"### {build.capitalize()}\n\n{table(by_rule.astype(object).reset_index().fillna(''))}"


if __name__ == "__main__":
    main()
