"""Synthetic reviews of growing size, from records to page: seconds, memory, truth.

Run from anywhere: ``.venv/bin/python benchmarks/scale.py``. Each stage is one call of Snakemake,
its start included, and its figures are the system's own account of that call and of all that it
started. Writes docs/scale.md.
"""

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "src")]

from synthetic_review import Design, write_review  # noqa: E402
from tiny_trees import command, environment, tiny_tree  # noqa: E402

from livingreview.figures.style import MOST_ROWS, MOST_STUDIES  # noqa: E402
from livingreview.report.page import MOST_RECORDS  # noqa: E402

SIZES = (10, 100, 1_000, 10_000)
RESULTS = "results/synthetic"
# What each stage makes, in order: files, or rules by name. The first four give the pooled result.
TO_POOLED = {
    "check records": [f"{RESULTS}/1_records/checked.txt"],
    "extract": [f"{RESULTS}/1_records/studies.csv"],
    "terms": [f"{RESULTS}/2_effects/relapse.csv"],
    "integrate": [f"{RESULTS}/3_models/quadrature.csv"],
}
TO_PAGE = {
    "sample": [f"{RESULTS}/3_models/relapse.nc"],
    "check fits": [f"{RESULTS}/4_checks/gate.txt"],
    "synthesise": ["judge_moderators", "compare_conclusions"],
    "vary choices": ["join_outcomes", "simulate_next_trial", "rank_full_texts"],
    "draw": [
        "draw_evidence",
        "draw_effects",
        "draw_checks",
        "draw_sensitivity",
    ],
    "write the page": ["render_report"],
    "write the rest": ["all"],
}
STAGES = TO_POOLED | TO_PAGE
POOLED, JUDGED, WHOLE = "records to pooled", "records to verdict", "records to page"
TO_VERDICT = ("sample", "check fits", "synthesise")
TOTALS = {
    POOLED: list(TO_POOLED),
    JUDGED: [*TO_POOLED, *TO_VERDICT],
    WHOLE: list(STAGES),
}
CORES = 2
# The budget: wall clock and memory of the largest review, from records to verdict and checks.
MOST_SECONDS = 120
MOST_GIB = 2
# Normal quantile of a 99% interval.
REACH = 2.5758293035489004
ON_PAPER = 1_000_000


@dataclass(frozen=True)
class Spent:
    """What a stage took.

    Attributes
    ----------
    wall, processor : float
        Seconds; those of the processor over all cores.
    mebibytes : float
        Most memory of any one process.
    """

    wall: float
    processor: float
    mebibytes: float


def main() -> None:
    """Measure, judge, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of studies")
    parser.add_argument("--page", type=Path, default=ROOT / "docs/scale.md", help="file to write")
    asked = parser.parse_args()
    spent, truths, sizes = [], [], []
    for studies in sorted(asked.sizes):
        with tempfile.TemporaryDirectory() as folder:
            tree, design = tiny_tree(Path(folder) / "tree"), Design(studies)
            write_review(design, tree)
            for stage, targets in STAGES.items():
                found = measured(tree, targets)
                print(f"{studies:>9,} {stage:15}{found}", flush=True)
                spent.append({"studies": studies, "stage": stage} | vars(found))
            truths += recovered(tree, design)
            sizes.append({"studies": studies} | weights(tree / RESULTS))
    found = with_totals(pd.DataFrame(spent))
    asked.page.write_text(page(found, pd.DataFrame(truths), pd.DataFrame(sizes)))


def measured(tree: Path, targets: list[str]) -> Spent:
    """Build a stage's targets, and read what it took from the system's account of the process."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(
            command(*targets, review="synthetic", cores=CORES),
            cwd=tree,
            env=environment(),
            stdout=told,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - start
        if process.returncode:
            told.seek(0)
            sys.exit(told.read().decode())
    return Spent(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def with_totals(spent: pd.DataFrame) -> pd.DataFrame:
    """Stages, and several of them together."""
    parts = [spent]
    for total, stages in TOTALS.items():
        by_size = spent[spent["stage"].isin(stages)].groupby("studies", as_index=False)
        summed = by_size.agg(
            wall=("wall", "sum"), processor=("processor", "sum"), mebibytes=("mebibytes", "max")
        )
        parts.append(summed.assign(stage=total))
    return pd.concat(parts, ignore_index=True)


def weights(results: Path) -> dict[str, float]:
    """MB of the page, of its heaviest figure, and of all results."""
    figures = (results / "7_figures").glob("*.svg")
    every = (path for path in results.rglob("*") if path.is_file())
    return {
        "page": (results / "8_report/page.html").stat().st_size / 1e6,
        "heaviest figure": max(path.stat().st_size for path in figures) / 1e6,
        "all results": sum(path.stat().st_size for path in every) / 1e6,
    }


def recovered(tree: Path, design: Design) -> list[dict[str, object]]:
    """Whether the 99% interval of each quantity holds what the studies were drawn from."""
    pooled = pd.read_csv(tree / RESULTS / "3_models/quadrature.csv")
    found = []
    for outcome, truth in design.outcomes.items():
        of_fit = pooled[pooled["fit"] == f"{outcome}/overall"].set_index("quantity")
        for quantity in ("mu", "tau"):
            mean, sd = of_fit.loc[quantity, "mean"], of_fit.loc[quantity, "sd"]
            drawn = getattr(truth, quantity)
            found.append(
                {"studies": design.studies, "quantity": quantity, "truth": drawn, "mean": mean}
                | {"sd": sd, "inside": abs(mean - drawn) <= REACH * sd}
            )
    return found


def two_largest(spent: pd.DataFrame, stage: str, column: str) -> tuple[pd.Series, pd.Series]:
    """Studies of the two largest reviews, and what a stage took of a column for each."""
    of_stage = spent[spent["stage"] == stage].sort_values("studies").tail(2)
    return of_stage["studies"], of_stage[column]


def slope(spent: pd.DataFrame, stage: str, column: str) -> float:
    """Growth between the two largest reviews, on log scales: 1 is in step with the studies."""
    (few, many), (less, more) = two_largest(spent, stage, column)
    return math.log(more / less) / math.log(many / few)


def page(spent: pd.DataFrame, truths: pd.DataFrame, sizes: pd.DataFrame) -> str:
    """The document."""
    largest = int(spent["studies"].max())
    of_largest = spent[spent["studies"] == largest].set_index("stage")
    total, judged, whole = (of_largest.loc[name] for name in (POOLED, JUDGED, WHOLE))
    gib = judged["mebibytes"] / 1024
    kept = "kept" if judged["wall"] <= MOST_SECONDS and gib <= MOST_GIB else "not kept"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    inside = truths["inside"].sum()
    return f"""# Reviews of ten to ten thousand studies

Written by `make scale` (benchmarks/scale.py) on a machine with {os.cpu_count()} cores and
{memory:.0f} GB of memory; Snakemake had {CORES} cores.

Each review is made up from a known truth (tests/synthetic_review.py): one outcome, studies that
tell counts, percentages, an odds ratio or no more than a finding. Two models are fitted, one
of all studies and one by study design. Each stage is a call of Snakemake of its own, so that the
2 to 3 seconds of its start, and more with thousands of records, are in each.

**From records to the pooled result, {largest:,} studies take {total["processor"]:.0f} s of the
processor and {total["mebibytes"] / 1024:.1f} GiB. By the clock they took {total["wall"]:.0f} s.**
With verdict, moderators and checks, they take {judged["processor"]:.0f} s of the processor,
{judged["wall"]:.0f} s by the clock and {gib:.1f} GiB. The budget of that is {MOST_SECONDS} s by the
clock and {MOST_GIB} GiB: {kept}.
From records to the page, and all that lies behind it, they take {whole["wall"]:.0f} s by the clock
and {whole["mebibytes"] / 1024:.1f} GiB. An outcome with more than {most_sampled():,} studies is not
sampled (`most_studies` in config/config.yaml): its posterior is integrated, and checks rest on
independent draws from that ("sample" is then to draw).

Other work lengthens the clock, and hardly the processor's seconds: the load of the last minute was
{os.getloadavg()[0]:.1f}, on {os.cpu_count()} cores.

## Seconds of the processor

{table(spent, "processor", "{:.1f}")}
The slope is between the two largest reviews, on log scales: at 1 time grows in step with studies.

## Seconds by the clock

{table(spent, "wall", "{:.0f}")}
## Memory of the largest process, MiB

{table(spent, "mebibytes", "{:,.0f}")}
## Size of what is written, MB

{of_sizes(sizes)}
Figures name {MOST_STUDIES} studies at most, a forest {MOST_ROWS}, the map some more that
are not weighed, and say what they leave out; the funnel draws all. Of more than
{MOST_RECORDS} studies the page has the records that its figures lead to; the tables have all. The
draws of a sampled model make up nearly all of the results.

## Is the truth found?

{inside} of {len(truths)} intervals (mean and {REACH:.2f} standard deviations to each side, 99%)
hold what the studies were drawn from.

{of_truths(truths)}
## What would come next, on paper

{on_paper(spent)}"""


def table(spent: pd.DataFrame, column: str, shown: str) -> str:
    """One column for each size, one row for each stage, and the slope."""
    sizes = sorted(spent["studies"].unique())
    head = ["studies", *(f"{size:,}" for size in sizes), "slope"]
    rows = []
    others = (stage for stage in TO_PAGE if stage not in TO_VERDICT)
    for stage in (*TO_POOLED, POOLED, *TO_VERDICT, JUDGED, *others, WHOLE):
        figures = spent[spent["stage"] == stage].set_index("studies")[column]
        cells = [shown.format(figures[size]) for size in sizes]
        rows.append([stage, *cells, f"{slope(spent, stage, column):.2f}"])
    return markdown(head, rows)


def of_sizes(sizes: pd.DataFrame) -> str:
    """Sizes of what is written, a column for each review."""
    head = ["studies", *(f"{size:,}" for size in sizes["studies"])]
    rows = [
        [name, *(f"{size:.2f}" for size in sizes[name])] for name in sizes.columns.drop("studies")
    ]
    return markdown(head, rows)


def most_sampled() -> int:
    """Studies of an outcome that may be sampled."""
    return int(yaml.safe_load((ROOT / "config/config.yaml").read_text())["sampler"]["most_studies"])


def of_truths(truths: pd.DataFrame) -> str:
    """Truth and posterior of each quantity."""
    rows = [
        [f"{t.studies:,}", t.quantity, *(f"{x:.4g}" for x in (t.truth, t.mean, t.sd)), t.inside]
        for t in truths.assign(inside=truths["inside"].map({True: "yes", False: "no"})).itertuples()
    ]
    return markdown(["studies", "quantity", "truth", "mean", "SD", "inside"], rows)


def on_paper(spent: pd.DataFrame) -> str:
    """The line through the two largest reviews, and what would break before its end."""
    hours = {stage: beyond(spent, stage, "processor") / 3600 for stage in (*TO_POOLED, POOLED)}
    slowest = max(TO_POOLED, key=hours.__getitem__)
    gib = beyond(spent, "integrate", "mebibytes") / 1024
    times = ON_PAPER / spent["studies"].max()
    return f"""On the straight line through the two largest reviews, {ON_PAPER:,} studies would take
{hours[POOLED]:.1f} hours of one processor from records to the pooled result, of which
{hours[slowest]:.1f} in "{slowest}", and {gib:.0f} GiB in "integrate". What would be met, in this
order:

1. A file for each study. Snakemake looks at each of {ON_PAPER:,} inputs in each of three rules, and
   each of these reads all of them again. Records would come in files of a thousand, read once into
   one table, and the three rules would take a part of the files each.
2. The likelihood of each study on a grid of its effect, held for all studies (`StudyLikelihoods`).
   It refuses above 0.8 GB, which is a refusal in words and no crash. The sums over studies already
   go block by block; blocks would make their own likelihoods too, and throw them away.
3. The grid itself: the step of all likelihoods follows the narrowest study. The sums already skip
   points where a block of studies is wider; the likelihoods could do the same.
4. Blocks are independent, so that they can be jobs of their own, added up at the end.
5. The page: a table of a million studies is for a file, and the page would show the first and link
   to it.

The grid of the posterior would be about as large as it is. The posterior is narrower by a factor
of {math.sqrt(times):.0f}, and the grid is laid where it lies.
"""


def beyond(spent: pd.DataFrame, stage: str, column: str) -> float:
    """A column at the size that is looked at on paper, on the line through the two largest."""
    (few, many), (less, more) = two_largest(spent, stage, column)
    return more + (more - less) / (many - few) * (ON_PAPER - many)


def markdown(head: list[str], rows: list[list[str]]) -> str:
    """A table, with figures to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    main()
