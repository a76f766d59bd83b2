"""Damaged results are named, kept, and not built upon; `make faults` proves the repair."""

import csv
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr
from conftest import ROOT
from tiny_trees import checksums, snakemake, tiny_tree

from livingreview.base.errors import Stop
from livingreview.models.fits import read_fits, write_fits
from livingreview.tables.checks import Trajectories

sys.path.insert(0, str(ROOT / "tests/faults"))

from damages import DAMAGES


def test_damaged_results_are_set_aside_before_anything_is_built(built: Path, tmp_path: Path):
    folder = shutil.copytree(built, tmp_path / "tree")
    before = checksums(folder / "results/tiny")
    for damage in DAMAGES:
        damage.damage(folder / damage.file)
    run = snakemake(folder)
    assert run.returncode == 1
    for damage in DAMAGES:
        assert damage.words in run.stderr
        assert not (folder / damage.file).exists()
    assert "Run the same command again" in run.stderr
    assert len(checksums(folder / "results/tiny.set_aside")) == len(DAMAGES)
    # Nothing else was touched, and what is missing will be made again.
    after = checksums(folder / "results/tiny")
    assert after.items() <= before.items()
    again = snakemake(folder, "--summary")
    assert again.returncode == 0
    rows = list(csv.DictReader(again.stdout.splitlines(), delimiter="\t"))
    due = {row["rule"] for row in rows if row["plan"] == "update pending"}
    assert {"extract_records", "fit_models", "pool_effects", "render_report"} <= due


def test_a_table_that_lost_its_end_is_named(tmp_path: Path):
    path = tmp_path / "trajectories.csv"
    rows = {"fit": ["a/b", "a/c"], "transitions": 8, "divergences": 0, "e_bfmi": 0.9}
    Trajectories.write(path, pd.DataFrame(rows))
    text = path.read_text()
    for left in (text[: text.rindex(",") + 1], text[:20], ""):
        path.write_text(left)
        with pytest.raises(Stop) as stop:
            Trajectories.read(path)
        assert str(stop.value).startswith(f"{path} is damaged or was edited: ")
        assert "Delete it and run the same command again" in str(stop.value)


def test_a_fit_that_lost_its_end_is_named(tmp_path: Path):
    path = tmp_path / "relapse.nc"
    draws = xr.Dataset({"mu": (("chain", "draw"), [[0.1, 0.2]])})
    write_fits(path, {"overall": xr.DataTree.from_dict({"posterior": draws})})
    assert [name for name, _ in read_fits([path])] == ["relapse/overall"]
    whole = path.read_bytes()
    for left in (whole[: len(whole) // 2], b"", b"no netCDF"):
        path.write_bytes(left)
        with pytest.raises(Stop, match=r"relapse\.nc is damaged or was edited: "):
            read_fits([path])


@pytest.mark.long
def test_a_build_refuses_a_configuration_that_says_two_things(tmp_path: Path):
    tree = tiny_tree(tmp_path)
    file = tree / "config/config.yaml"
    file.write_text(file.read_text() + "seed: 1\n")
    refused = snakemake(tree, "--dry-run")
    assert refused.returncode == 1
    assert "seed: found a repeated key; allowed: each key once" in refused.stdout + refused.stderr


@pytest.mark.long
def test_the_record_of_a_step_that_is_no_more_blames_no_result(tmp_path: Path):
    tree, made = tiny_tree(tmp_path), "results/tiny/8_report/citation.txt"
    record = tree / "results/tiny/9_audit/steps/cite.json"
    record.parent.mkdir(parents=True)
    record.write_text('{"outputs": {"8_report/citation.txt": "of another text"}}')
    for _ in range(2):
        run = snakemake(tree, made, "--forcerun", "write_citation")
        assert run.returncode == 0, run.stderr
    assert (tree / made).exists() and not record.exists()
