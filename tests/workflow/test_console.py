"""What the builds of a review print, and what their logs keep."""

import shutil
from pathlib import Path

import pytest
from conftest import ROOT
from tiny_trees import snakemake

# The build of the default review, whole.
MOST_BYTES = 15_000
# As a user runs it: without the warnings of libraries that the tests ask for.
WITHIN = ("env", "-u", "PYTHONWARNINGS")


@pytest.fixture(scope="module")
def tree(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(built, tmp_path_factory.mktemp("console") / "tree", symlinks=True)


def test_a_whole_build_of_the_default_review_prints_a_line_for_each_step():
    run = snakemake(
        ROOT, "--dry-run", "--forceall", "--nolock", review="second_responder", within=WITHIN
    )
    assert run.returncode == 0, run.stderr
    assert len((run.stdout + run.stderr).encode()) < MOST_BYTES
    assert any("] fit_models police_recorded: " in line for line in run.stderr.splitlines())


def test_logs_of_a_good_build_hold_what_the_steps_did(built: Path):
    logs = {path.stem: path.read_text() for path in (built / "logs").rglob("*.log")}
    for name, text in logs.items():
        first, *_, last = text.splitlines()
        assert first.endswith(f" INFO {name} starts") and " INFO done in " in last, name
    fits = logs["fit_models.relapse"]
    assert "relapse/overall: fitted" in fits
    assert "relapse/overall: 4 chains of 500 draws after 500 to tune" in fits
    assert "recovery/overall: refused (no effect on this outcome" in logs["fit_models.recovery"]
    gate = (built / "results/tiny/4_checks/gate.txt").read_text().splitlines()
    assert [line.strip() for line in gate[1:]] == [
        line.split(" WARNING ")[1] for line in logs["pass_gate"].splitlines() if "WARNING" in line
    ]


def test_a_build_ends_with_where_the_page_is_and_how_the_gate_judged(tree: Path):
    page = tree / "results/tiny/8_report/page.html"
    page.unlink()
    run = snakemake(tree, within=WITHIN)
    assert run.returncode == 0, run.stderr
    *_, page_line, checks, spent = run.stderr.splitlines()
    assert page_line == "Page:   results/tiny/8_report/page.html" and page.is_file()
    gate = "results/tiny/4_checks/gate.txt"
    assert checks.startswith("Checks: ") and checks.endswith(f" warn ({gate})")
    assert spent.startswith("Time:   ")
    assert run.stdout == ""


def test_a_step_says_which_module_changed(tree: Path):
    module = tree / "src/livingreview/report/page.py"
    text = module.read_text()
    module.write_text(f"{text}# A comment.\n")
    try:
        run = snakemake(tree, "--dry-run")
    finally:
        module.write_text(text)
    line = next(line for line in run.stderr.splitlines() if "] render_report: " in line)
    assert line.endswith("(changed: report/page.py)")


def test_a_failed_build_ends_with_the_mistake_told_once(tree: Path):
    record = tree / "data/raw/tiny/studies/alpha.yaml"
    record.write_text(record.read_text().replace("events: 20", "events: 120"))
    run = snakemake(tree, within=WITHIN)
    assert run.returncode == 1
    printed = (run.stdout + run.stderr).splitlines()
    assert printed[-2] == "1 problem in the input; nothing was changed by this run."
    assert "alpha.yaml:" in printed[-1]
    assert "events: found 120; allowed: at most the total, 100" in printed[-1]
    assert sum("found 120" in line for line in printed) == 1
    log = (tree / "logs/tiny/1_records/check_records.log").read_text()
    assert log.count("found 120") == 1
