"""A synthetic review whose studies give several effects: seconds by step, size, and truth.

Run from anywhere: ``.venv/bin/python benchmarks/several_effects.py``. One build at the default
settings, with every kind of model of one outcome. Writes docs/several_effects.md.
"""

import argparse
import os
import re
import tempfile
from pathlib import Path

import pandas as pd
import yaml
from scale import CORES, ROOT, Spent, markdown, measured
from synthetic_review import Design, Truth, write_review
from tiny_trees import tiny_tree

RESULTS, LOGS = "results/synthetic", "logs/synthetic"
TRUTH = Truth(-0.4, 0.2, omega=0.2)
# Shares of studies by the number of effects that they give: 2.7 on average.
EFFECTS = {1: 0.40, 2: 0.20, 3: 0.11, 4: 0.10, 5: 0.07, 6: 0.05, 7: 0.04, 8: 0.03}
KINDS = {
    "mixed": {"counts": 0.4, "percentages": 0.2, "estimate": 0.2, "finding": 0.2},
    "estimates": {"estimate": 1.0},
}
MODELS = {
    "all_moderators": {"kind": "shrinkage", "moderators": ["design", "moderator_1"]}
    | {"global_scale": 0.25},
    "robust": {"kind": "robust", "degrees": 4},
    "numeric_only": {"only_numeric": True},
    "selection": {"kind": "selection", "omega": "beta(1, 1)", "fewest_effects": 10},
}
# As of the shipped protocols; the tiny review's are for few draws.
LIMITS = {"r_hat_at_most": 1.01, "ess_bulk_at_least": 400, "ess_tail_at_least": 400}
MOST_SECONDS = 300


def main() -> None:
    """Build, judge, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", type=Path, default=ROOT / "docs/several_effects.md")
    asked = parser.parse_args()
    parts = []
    for name, kinds in KINDS.items():
        design = Design(
            asked.studies,
            outcomes={"relapse": TRUTH},
            kinds=kinds,
            extra_moderators=1,
            effects=EFFECTS,
            seed=asked.seed,
        )
        with tempfile.TemporaryDirectory() as folder:
            tree = tiny_tree(Path(folder) / "tree")
            write_review(design, tree)
            with_all_models(tree / "config/reviews/synthetic.yaml")
            spent = measured(tree, [])
            parts.append(section(name, tree, spent))
            print(parts[-1], flush=True)
    asked.page.write_text(page(asked.studies, parts))


def with_all_models(path: Path) -> None:
    """Give a protocol every kind of model of one outcome, and the limits of a real review."""
    protocol = yaml.safe_load(path.read_text())
    for name, options in MODELS.items():
        words = {"label": name.replace("_", " ").capitalize(), "question": "Invented?"}
        protocol["models"][name] = words | options | {"priors": "default"}
    for limit, value in LIMITS.items():
        protocol["checks"][limit]["value"] = value
    path.write_text(yaml.safe_dump(protocol, sort_keys=False))


def section(name: str, tree: Path, spent: Spent) -> str:
    """What one build took and found."""
    results = tree / RESULTS
    terms = pd.read_csv(results / "2_effects/relapse.csv")
    size = sum(path.stat().st_size for path in results.rglob("*") if path.is_file()) / 1e6
    draws = (results / "3_models/relapse.nc").stat().st_size / 1e6
    gate = (results / "4_checks/gate.txt").read_text().splitlines()[0].rstrip(":")
    models = pd.read_csv(results / "3_models/relapse.models.csv")
    refused = models[models["status"] == "refused"]
    pooled = pd.read_csv(results / "5_synthesis/pooled.csv")
    kept = "kept" if spent.wall <= MOST_SECONDS else "not kept"
    return f"""## {name.capitalize()}

{terms["effect_id"].nunique()} effects in {terms["study_id"].nunique()} studies.
**{spent.wall:.0f} s by the clock, {spent.processor:.0f} s of the processor: the budget of
{MOST_SECONDS} s is {kept}.** {size:.0f} MB are written, {draws:.0f} of them draws of
{(models["status"] == "fitted").sum()} models. The gate: {gate}.
{"".join(f"Not fitted: `{row.model}`, {row.reason}." for row in refused.itertuples())}

{steps(tree / LOGS)}
{fits(tree / LOGS)}
{truths(pooled)}"""


def steps(logs: Path) -> str:
    """Seconds of the slowest steps, each with its start."""
    spent = {}
    for log in logs.glob("*/*.log"):
        if done := re.search(r"done in ([\d.]+) s", log.read_text()):
            spent[log.stem] = float(done[1])
    slowest = sorted(spent.items(), key=lambda item: -item[1])[:10]
    others = sum(spent.values()) - sum(seconds for _, seconds in slowest)
    rows = [[name, f"{seconds:.1f}"] for name, seconds in [*slowest, ("all others", others)]]
    return markdown(["step", "seconds"], rows)


def fits(logs: Path) -> str:
    """What the log says of each fit."""
    text = (logs / "3_models/fit_models.relapse.log").read_text()
    pattern = r"relapse/(\w+): \d chains of (\d+) draws .*, (\d+) divergences, ([\d.]+) s"
    return markdown(["model", "draws", "divergences", "seconds"], re.findall(pattern, text))


def truths(pooled: pd.DataFrame) -> str:
    """Truth and posterior of each quantity of the plain model, by the engine that is sampled."""
    plain = pooled[(pooled["fit"] == "relapse/overall") & (pooled["engine"] == "nuts")]
    plain, rows = plain.set_index("quantity"), []
    for quantity in ("mu", "tau", "omega"):
        row, truth = plain.loc[quantity], getattr(TRUTH, quantity)
        inside = "yes" if row["q2_5"] <= truth <= row["q97_5"] else "no"
        figures = [f"{x:.3g}" for x in (truth, row["mean"], row["q2_5"], row["q97_5"])]
        rows.append([quantity, *figures, f"{row['ess_bulk']:.0f}", f"{row['r_hat']:.4f}", inside])
    head = ["quantity", "truth", "mean", "2.5%", "97.5%", "bulk ESS", "R-hat", "inside"]
    return markdown(head, rows)


def page(studies: int, parts: list[str]) -> str:
    """The document."""
    text = "\n".join(parts)
    return f"""# Reviews whose studies give several effects

Written by `make several` (benchmarks/several_effects.py) on a machine with {os.cpu_count()} cores;
Snakemake had {CORES}. The load of the last minute was {os.getloadavg()[0]:.1f}; other work
lengthens the clock, and hardly the processor's seconds.

{studies} studies give 1 to 8 effects each on one outcome, made up from a known truth
(tests/synthetic_review.py): an SD of {TRUTH.tau:g} between studies and {TRUTH.omega:g} within
them, and errors of one study's effects correlated by 0.5. Records to page in one build, at the
default settings.

{text}"""


if __name__ == "__main__":
    main()
