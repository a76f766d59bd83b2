"""The story of an update as a user types it: build, release, add a study, build, read."""

import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from tiny_trees import FEW_DRAWS, edited, environment, tiny_tree
from tiny_updates import invented_trial

pytestmark = pytest.mark.long

DATE = "2026-01-15"
ENVIRONMENT = environment() | {"PYTHONPATH": "src"}


def typed(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *words]
    return subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=1800
    )


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    return typed(folder, "snakemake", "--cores", "2")


def release(folder: Path, date: str = DATE) -> subprocess.CompletedProcess[str]:
    return typed(folder, "livingreview", "release", "--date", date)


def refusal(folder: Path, date: str = DATE) -> str:
    """What a refused release says; nothing is written."""
    before = sorted((folder / "data/releases").rglob("*"))
    run = release(folder, date)
    assert run.returncode == 1, run.stdout + run.stderr
    assert "Traceback" not in run.stderr
    assert sorted((folder / "data/releases").rglob("*")) == before
    return run.stderr


def make_default(tree: Path) -> Path:
    """Make the tiny review, with few draws, the default of a tree."""
    config = yaml.safe_load((tree / "config/config.yaml").read_text())
    config["review"] = "tiny"
    config["sampler"] |= FEW_DRAWS
    (tree / "config/config.yaml").write_text(yaml.safe_dump(config))
    return tree


@pytest.fixture(scope="module")
def built(shared_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = make_default(shutil.copytree(shared_build, tmp_path_factory.mktemp("release") / "tree"))
    run = build(tree)
    assert run.returncode == 0, run.stderr[-3000:]
    return tree


@pytest.fixture(scope="module")
def changelog_before(built) -> str:
    """The changelog of a review without a release."""
    return (built / "results/tiny/9_audit/changelog.md").read_text()


@pytest.fixture(scope="module")
def updated(built, changelog_before) -> Path:
    """Released, then built again with one study more."""
    run = release(built)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(f"Released: data/releases/tiny/{DATE}.json")
    record = built / "data/raw/tiny/studies/invented.yaml"
    record.write_text(yaml.safe_dump(invented_trial(), sort_keys=False))
    run = build(built)
    assert run.returncode == 0, run.stderr[-3000:]
    return built


def test_no_release_without_a_build(tmp_path):
    tree = make_default(tiny_tree(tmp_path))
    assert "not complete" in refusal(tree)
    for wrong in ("2026-02-30", "15.1.2026", "2199-01-01"):
        assert "allowed: a day as YYYY-MM-DD" in refusal(tree, wrong)


def test_no_release_of_a_build_that_failed_its_checks(built):
    gate = built / "results/tiny/4_checks/gate.txt"
    aside = gate.rename(gate.with_suffix(".aside"))
    try:
        assert "did not pass the gate" in refusal(built)
    finally:
        aside.rename(gate)


@pytest.mark.parametrize(
    ("file", "change", "step"),
    [
        ("data/raw/tiny/studies/alpha.yaml", ("events: 20", "events: 21"), "check_records"),
        ("config/reviews/tiny.yaml", ("normal(0, 1)", "normal(0, 2)"), "fit_models"),
        ("src/livingreview/effects/terms.py", ("", "# a comment\n"), "build_terms"),
    ],
)
def test_no_release_of_a_build_older_than_what_it_is_made_from(built, file, change, step):
    path = built / file
    with edited(path, path.read_text().replace(*change, 1)):
        refused = refusal(built)
    assert "older than what it is made from" in refused
    assert step in refused


def test_before_a_release_the_changelog_says_so(changelog_before):
    assert "No release has been frozen yet" in changelog_before


def test_an_update_is_told_from_edit_to_changelog(updated):
    audit = updated / "results/tiny/9_audit"
    changes = pd.read_csv(audit / "changes.csv")
    assert changes[["kind", "subject"]].values.tolist() == [["study_added", "invented"]]
    text = (audit / "changelog.md").read_text()
    for words in (
        f"release of {DATE}",
        "- Study added: Invented trial 2025.",
        "- The pooled odds ratio moved from",
        "- Adding Invented trial 2025 multiplied the pooled odds ratio by",
    ):
        assert words in text, text


def test_sampled_figures_moved_as_the_integrated_path_says(updated):
    audit = updated / "results/tiny/9_audit"
    rows = pd.read_csv(audit / "attribution.csv").set_index("kind")
    moved = pd.read_csv(audit / "moves.csv").set_index("fit").loc["relapse/overall"]
    assert rows.loc["total", "mu_in_order"] == pytest.approx(moved["mu_move"], abs=1e-6)
    assert rows.loc["study_added", "mu_in_order"] < -0.1
    # Monte Carlo error of two medians from some 1,500 effective draws of a posterior of SD 0.3.
    assert abs(rows.loc["sampling", "mu_in_order"]) < 0.05


def test_releases_follow_one_another_and_are_never_replaced(updated):
    for date in (DATE, "2025-12-31"):
        assert "a later day, as releases are never replaced" in refusal(updated, date)


def test_a_release_edited_by_hand_stops_the_build_with_one_message(updated):
    path = updated / f"data/releases/tiny/{DATE}.json"
    with edited(path, path.read_text().replace('"events": 20.0', '"events": 25.0')):
        run = build(updated)
    assert run.returncode != 0
    assert "Traceback" not in run.stdout + run.stderr
    assert f"{DATE}.json: checksum: found that of another content: the file was edited" in (
        run.stderr
    )
    assert (updated / "results/tiny/8_report/page.html").exists()
