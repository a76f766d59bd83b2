"""A tiny review from records to page: built, left alone, broken, and mended."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parent.parent
TINY = Path(__file__).parent / "tiny_review"
SAMPLER = "sampler={chains: 4, tune: 500, draws: 500, target_accept: 0.95}"


def snakemake(folder):
    """Run the workflow as a user would, with few draws."""
    return subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2", "--config", "review=tiny", SAMPLER],
        cwd=folder,
        env=os.environ | {"PYTHONWARNINGS": "default"},
        capture_output=True,
        text=True,
        timeout=600,
    )


def checksums(folder):
    return {
        path.relative_to(folder): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A copy of the workflow with only the tiny review in it, built once."""
    folder = tmp_path_factory.mktemp("review")
    shutil.copy(ROOT / "Snakefile", folder)
    for part in ("workflow", "src", "envs"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "config/reviews").mkdir(parents=True)
    shutil.copy(ROOT / "config/config.yaml", folder / "config")
    shutil.copy(TINY / "protocol.yaml", folder / "config/reviews/tiny.yaml")
    shutil.copytree(TINY, folder / "data/raw/tiny", ignore=shutil.ignore_patterns("protocol.yaml"))
    run = snakemake(folder)
    assert run.returncode == 0, run.stderr[-3000:]
    return folder


def test_pooled_effect_lies_where_the_studies_are(built):
    summary = pd.read_csv(built / "results/tiny/5_synthesis/summary.csv").set_index("fit")
    overall = summary.loc["relapse/overall"]
    # Odds ratios of the studies: 0.46, 0.62, 0.80, and one below 1.
    assert 0.5 < overall["odds_ratio"] < 0.85
    assert overall["studies"] == 4
    assert overall["p_less"] > 0.9
    assert overall["difference_per_1000"] < 0
    assert list(summary.loc["relapse/design", "studies"]) == [2, 2]


def test_an_outcome_without_usable_evidence_is_refused_and_said(built):
    models = pd.read_csv(built / "results/tiny/3_models/recovery.models.csv")
    assert set(models["status"]) == {"refused"}
    assert "nothing can be said" in (built / "results/tiny/8_report/page.html").read_text()


def test_every_claim_stands_on_the_page_and_in_its_file(built):
    results = built / "results/tiny"
    claims = pd.read_csv(results / "8_report/claims.csv", dtype=str, keep_default_na=False)
    page = (results / "8_report/page.html").read_text()
    anchors = re.findall(r'class="claim" id="([^"]+)"', page)
    assert sorted(anchors) == sorted(claims["id"])
    for claim in claims.itertuples():
        if claim.style != "whole" and "=" in claim.row and " over " not in claim.row:
            rows = pd.read_csv(results / claim.file, dtype=str, keep_default_na=False)
            for part in claim.row.split("; "):
                key, value = part.split("=", 1)
                rows = rows[rows[key] == value]
            assert len(rows) == 1
            cell = rows[claim.column].iloc[0]
            assert cell == claim.value or float(cell) == float(claim.value)


def test_page_needs_no_network(built):
    page = (built / "results/tiny/8_report/page.html").read_text()
    loaded = re.findall(r'(?:src|xlink:href|href)="(https?:[^"]+)"', re.sub(r"<a [^>]*>", "", page))
    assert loaded == []
    assert "<script" not in page


def test_a_second_run_does_nothing(built):
    run = snakemake(built)
    assert run.returncode == 0
    assert "Nothing to be done" in run.stdout + run.stderr


def test_three_mistakes_are_told_at_once_and_cost_no_result(built):
    before = checksums(built / "results/tiny")
    record = built / "data/raw/tiny/studies/alpha.yaml"
    good = record.read_text()
    bad = good.replace("events: 20", "events: 120").replace("year: 2020", "yaer: 2020")
    record.write_text(bad.replace("outcome: relapse", "outcome: relaps"))
    try:
        run = snakemake(built)
    finally:
        record.write_text(good)
    assert run.returncode != 0
    assert "Traceback" not in run.stdout + run.stderr
    lines = bad.splitlines()
    for found, words in (
        ("events: 120", "found 120; allowed: at most the total, 100"),
        ("yaer", "found unknown field 'yaer'; allowed: did you mean `year`?"),
        (
            "outcome: relapse",
            "found 'relaps'; allowed: did you mean `relapse`? one of relapse, recovery",
        ),
    ):
        line = next(i for i, text in enumerate(lines, 1) if found in text)
        assert re.search(rf"alpha\.yaml:{line}: .*{re.escape(words)}", run.stderr), run.stderr
    after = checksums(built / "results/tiny")
    lost = set(before) - set(after)
    assert lost <= {Path("1_records/checked.txt")}
    assert all(after[path] == before[path] for path in after)
