"""Names that a shell could take for commands are refused; odd paths and homes do no harm."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from tiny_trees import command, environment, tiny_tree

# A blank, a quote and a bracket: each ends a word or begins another in a shell.
ODD = "it's [a] folder"
CITATION = "results/tiny/8_report/citation.txt"


def make(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--dry-run", *words],
        cwd=folder,
        env=os.environ | variables,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("name", ["REVIEW", "CORES", "KILLS"])
@pytest.mark.parametrize(
    "value", ["x;touch made", "$(shell touch made)", "`touch made`", "../x", "a b", "x\ntouch made"]
)
@pytest.mark.parametrize("by_environment", [False, True])
def test_what_is_no_name_is_refused_before_anything_runs(
    tmp_path: Path, name: str, value: str, by_environment: bool
):
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "config", tmp_path / "config")
    words = [] if by_environment else [f"{name}={value}"]
    run = make(tmp_path, "audit", *words, **({name: value} if by_environment else {}))
    assert run.returncode == 2
    assert f"{name}: found {value}; allowed: small letters, digits and _" in run.stderr
    assert not (tmp_path / "made").exists()


def test_names_of_reviews_pass(tmp_path: Path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    run = make(tmp_path, "help", "REVIEW=bcg_vaccine", "CORES=2", "KILLS=20")
    assert run.returncode == 0, run.stderr


@pytest.mark.long
def test_a_review_is_built_below_a_folder_of_any_name(tmp_path: Path):
    tree = tiny_tree(tmp_path / ODD)
    # As in a clone, whose environment lies below it.
    (tree / ".venv").symlink_to(sys.prefix)
    words = [str(tree / ".venv/bin/python"), *command(CITATION)[1:]]
    run = subprocess.run(words, cwd=tree, env=environment(), capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]
    assert (tree / CITATION).exists()


@pytest.mark.long
def test_an_interpreter_that_cannot_be_started_is_refused_at_once(tmp_path: Path):
    far = tmp_path / "far away"
    far.symlink_to(sys.prefix)
    tree = tiny_tree(tmp_path / "tree")
    words = [str(far / "bin/python"), *command(CITATION)[1:]]
    run = subprocess.run(words, cwd=tree, env=environment(), capture_output=True, text=True)
    assert run.returncode == 1
    assert "far away/bin/python', and a blank, quote or bracket in that path" in run.stderr
    assert not (tree / "results").exists() and "Traceback" not in run.stderr
