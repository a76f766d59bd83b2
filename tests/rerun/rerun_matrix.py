"""Change one thing after another in a built tree, build, and print which rules ran.

`make rerun-matrix`. Each row is checked against the rules that must run and those that must not.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tiny_trees import snakemake, tiny_tree


@dataclass(frozen=True)
class Change:
    """One edit, and what it may cost.

    Attributes
    ----------
    what : str
    make : callable
        Makes the edit in a tree.
    must, must_not : set of str
        Rules, with their outcome where they have one, that must run or must not.
    """

    what: str
    make: Callable[[Path], None]
    must: frozenset[str] = frozenset()
    must_not: frozenset[str] = frozenset()


def edit(file: str, old: str, new: str) -> Callable[[Path], None]:
    """Replace a text that stands in a file once or more, at its first place."""

    def make(tree: Path) -> None:
        path = tree / file
        text = path.read_text()
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new, 1))

    return make


def touch(*files: str) -> Callable[[Path], None]:
    def make(tree: Path) -> None:
        for file in files:
            (tree / file).touch()

    return make


def add_study(tree: Path) -> None:
    """Add a study like `alpha`, which carries one outcome."""
    text = (tree / ALPHA).read_text()
    # Another number as well: a study that was entered twice stops at the gate.
    for old, new in (
        ("study_id: alpha", "study_id: omega"),
        ("Alpha 2020", "Omega 2021"),
        ("events: 21", "events: 27"),
    ):
        assert old in text, f"{old!r} is not in {ALPHA}"
        text = text.replace(old, new, 1)
    (tree / ALPHA).with_name("omega.yaml").write_text(text)


FITS = frozenset({"fit_models relapse", "fit_models recovery"})
RECORDS = frozenset({"check_records", "extract_records", "build_terms"})
# What follows from fits, and from nothing else that a comment changes.
AFTER_FITS = frozenset({"check_sampling", "check_fits", "pool_effects", "draw_effects"})
REPORT = frozenset({"render_report", "write_manifest", "write_crate"})
FORMS = frozenset({"export_results"})
INTEGRATED, VARIED = "integrate_models relapse", "vary_choices relapse"
# What an edit of the other outcome leaves as it is.
OF_RECOVERY = frozenset(
    f"{step} recovery"
    for step in ("fit_models", "integrate_models", "vary_choices", "simulate_next_trial")
)
ALPHA = "data/raw/tiny/studies/alpha.yaml"
PROTOCOL = "config/reviews/tiny.yaml"
CHANGES = [
    Change("nothing", touch()),
    Change(
        "touch a record, a module, a script, a template, the protocol",
        touch(
            ALPHA,
            "src/livingreview/models/nuts/graph.py",
            "workflow/scripts/3_models/fit_models.py",
            "workflow/report/page.html.j2",
            PROTOCOL,
        ),
    ),
    Change(
        "a comment in a module of the evidence",
        edit("src/livingreview/records/evidence/means.py", "\n\n", "\n\n# A comment.\n"),
        RECORDS | {VARIED},
        FITS | AFTER_FITS,
    ),
    Change(
        "a comment in a record",
        edit(ALPHA, "study_id:", "# A comment.\nstudy_id:"),
        RECORDS,
        FITS | AFTER_FITS | {INTEGRATED, VARIED, "draw_evidence"},
    ),
    Change(
        "a number of one outcome in a record",
        edit(ALPHA, "events: 20", "events: 21"),
        RECORDS | {"fit_models relapse", INTEGRATED, VARIED, "pool_effects"} | REPORT,
        OF_RECOVERY,
    ),
    Change(
        "a new study on one outcome",
        add_study,
        RECORDS | {"fit_models relapse", INTEGRATED, VARIED, "pool_effects"} | REPORT,
        OF_RECOVERY,
    ),
    Change(
        "a formula of the sampler's models",
        edit(
            "src/livingreview/models/nuts/hierarchical.py",
            "variance = tau**2",
            "variance = tau * tau",
        ),
        FITS,
        RECORDS | {INTEGRATED, VARIED},
    ),
    Change(
        "one prior",
        edit(PROTOCOL, "tau: half_normal(0.5)", "tau: half_normal(0.6)"),
        FITS | {INTEGRATED, VARIED} | REPORT,
        RECORDS | {"draw_evidence"},
    ),
    Change(
        "the label of a moderator",
        edit(PROTOCOL, "label: Study design", "label: Kind of study"),
        REPORT | FORMS,
        RECORDS | FITS | {INTEGRATED, VARIED, "check_fits", "pool_effects"},
    ),
    Change(
        "a limit of certainty",
        edit(PROTOCOL, "events_at_least: {one_step: 400", "events_at_least: {one_step: 300"),
        REPORT | FORMS | {"judge_review"},
        RECORDS | FITS | {INTEGRATED, VARIED, "check_fits", "pool_effects"},
    ),
    Change(
        "the template of the page",
        edit("workflow/report/page.html.j2", "What to bear in mind", "To bear in mind"),
        REPORT,
        RECORDS | FITS | FORMS | {"pool_effects", "draw_effects", "record_run"},
    ),
]


def build(tree: Path) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Build, and list the rules that ran in their order, with their outcome: each wrote its log."""
    begin = time.time()
    run = snakemake(tree)
    logs = [log for log in (tree / "logs/tiny").rglob("*.log") if log.stat().st_mtime >= begin]
    logs.sort(key=lambda log: log.stat().st_mtime)
    return run, [log.stem.replace(".", " ", 1) for log in logs]


def main() -> None:
    faults = []
    with tempfile.TemporaryDirectory() as room:
        tree = tiny_tree(Path(room) / "tree")
        first, names = build(tree)
        assert first.returncode == 0, first.stderr[-3000:]
        print("| change | rules that ran |", "|---|---|", sep="\n")
        print(f"| first build | {', '.join(names)} |", flush=True)
        for change in CHANGES:
            change.make(tree)
            run, names = build(tree)
            print(f"| {change.what} | {', '.join(names) or 'none'} |", flush=True)
            if run.returncode != 0:
                faults.append(f"{change.what}: the build failed: {run.stderr[-1500:]}")
            if missing := change.must - set(names):
                faults.append(f"{change.what}: did not run: {', '.join(sorted(missing))}")
            wrong = change.must_not & set(names) if change.must else set(names)
            if wrong:
                faults.append(f"{change.what}: ran without need: {', '.join(sorted(wrong))}")
    sys.exit("\n".join(faults) if faults else 0)


if __name__ == "__main__":
    main()
