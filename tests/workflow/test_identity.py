"""What a result was made from is known without Snakemake's own records, which may be lost."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_trees import snakemake

pytestmark = pytest.mark.long
OLD = 1_577_836_800  # a day of 2020: older than any result


@pytest.fixture(scope="module")
def copied(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built tree without Snakemake's hidden folder."""
    assert snakemake(built).returncode == 0  # other tests may have touched a file before
    tree = tmp_path_factory.mktemp("copied") / "tree"
    shutil.copytree(built, tree, ignore=shutil.ignore_patterns(".snakemake", "__pycache__"))
    return tree


def edit(old: str, new: str) -> Callable[[str], str]:
    def make(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return make


@pytest.mark.parametrize(
    ("file", "change", "rule", "named"),
    [
        (
            "config/reviews/tiny.yaml",
            edit("tau: half_normal(0.5)", "tau: half_normal(0.9)"),
            "fit_models relapse",
            "its models",
        ),
        ("config/config.yaml", edit("seed: ", "seed: 1"), "fit_models relapse", "its seed"),
        (
            "data/raw/tiny/studies/alpha.yaml",
            edit("events: 20", "events: 21"),
            "extract_records",
            "data/raw/tiny/studies/alpha.yaml",
        ),
        (
            "src/livingreview/models/nuts/hierarchical.py",
            edit("variance = tau**2", "variance = tau * tau"),
            "fit_models relapse",
            "models/nuts/hierarchical.py",
        ),
        (
            "workflow/report/page.html.j2",
            edit("What to bear in mind", "To bear in mind"),
            "render_report",
            "workflow/report/page.html.j2",
        ),
        (
            "envs/requirements.lock",
            lambda text: f"{text}# another\n",
            "record_run",
            "envs/requirements.lock",
        ),
        ("data/raw/tiny/studies/alpha.yaml", lambda text: text, None, None),
    ],
)
def test_a_change_is_seen_though_the_hidden_records_are_lost(
    copied: Path, file: str, change: Callable[[str], str], rule: str | None, named: str | None
):
    path = copied / file
    before, times = path.read_text(), path.stat()
    path.write_text(change(before))
    # Older than the results, as a file of a clone into which results are copied.
    os.utime(path, (OLD, OLD))
    try:
        run = snakemake(copied, "--dry-run")
        shutil.rmtree(copied / ".snakemake")
    finally:
        path.write_text(before)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert run.returncode == 0, run.stderr[-2000:]
    if rule is None:
        assert "Nothing to be done" in run.stderr
    else:
        assert re.search(rf"\] {rule}: .*\(changed: {named}\b", run.stderr), run.stderr[-3000:]


def test_touched_results_are_not_taken_for_new_ones(copied: Path):
    path = copied / "data/raw/tiny/studies/alpha.yaml"
    before = path.read_text()
    path.write_text(before.replace("events: 20", "events: 22", 1))
    try:
        assert snakemake(copied, "--touch").returncode == 0
        run = snakemake(copied, "--dry-run")
        audit = snakemake(copied, "audit")
    finally:
        path.write_text(before)
    assert re.search(r"\] extract_records: .*\(changed: data/raw/tiny/studies/alpha", run.stderr)
    assert audit.returncode == 1
    assert "alpha.yaml: changed since the results were built; build again" in audit.stderr
