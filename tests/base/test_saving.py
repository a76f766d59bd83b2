"""Results are whole or not there, and nothing writes past that."""

import ast
import fcntl
import os
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT

from livingreview.base.saving import (
    checksum,
    copy_files,
    discard,
    partial_files,
    replacing,
    write_text,
)

# Ways to open a file for writing; only `saving` may use them on a result.
WRITERS = {"write_text", "write_bytes", "to_csv", "savefig", "to_netcdf", "ZipFile", "copyfile"}


def test_a_failed_write_leaves_what_was_there(tmp_path: Path):
    path = tmp_path / "a.csv"
    write_text(path, "before")
    with pytest.raises(OSError, match="full"), replacing(path) as aside:
        aside.write_text("half")
        raise OSError("disk full")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_checksums_are_those_of_the_usual_tool(tmp_path: Path):
    path = tmp_path / "a.csv"
    write_text(path, "a\n1\n")
    done = subprocess.run(["sha256sum", path], capture_output=True, text=True)
    assert done.stdout == f"{checksum(path)}  {path}\n"


def test_what_a_killed_process_left_is_found_and_discarded(tmp_path: Path):
    whole = tmp_path / "stage/whole.csv"
    whole.parent.mkdir()
    whole.write_text("whole")
    (tmp_path / "stage/.whole.csv.123.partial.csv").write_text("half")
    (tmp_path / ".sources.123.partial/data").mkdir(parents=True)
    for path in partial_files(tmp_path):
        discard(path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [whole]
    assert not (tmp_path / ".sources.123.partial").exists()


def test_files_are_copied_below_their_own_paths_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    Path("data/a.yaml").write_text("a: 1\n")
    copy_files({"data/a.yaml": "data/a.yaml"}, "copies")
    assert Path("copies/data/a.yaml").read_text() == "a: 1\n"
    # Where files lie in object storage, a step has copies of them in other places.
    copy_files({"data/a.yaml": tmp_path / "data/a.yaml"}, "far")
    assert Path("far/data/a.yaml").read_text() == "a: 1\n"
    with pytest.raises(FileNotFoundError):
        copy_files({"data/a.yaml": "data/a.yaml", "data/b.yaml": "data/b.yaml"}, "others")
    assert not Path("others").exists()
    assert partial_files(tmp_path) == []


def writes(file: Path) -> list[str]:
    """Calls of a file that write, outside of a `with replacing(…)` block and not by `saving`."""
    tree = ast.parse(file.read_text())
    own = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "livingreview.base.saving"
        for alias in node.names
    }
    aside: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.With) and any(
            "replacing(" in ast.unparse(item.context_expr) for item in node.items
        ):
            aside |= set(ast.walk(node))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node not in aside:
            name = (
                node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
            )
            if name in WRITERS and not (isinstance(node.func, ast.Name) and name in own):
                found.append(f"{file.name}:{node.lineno}: {name}")
    return found


# `errors` writes logs, `archive` is given a temporary name by its script, `workbook` only reads,
# `saving` is the way.
APART = {"errors.py", "archive.py", "workbook.py", "saving.py"}


@pytest.mark.long
def test_every_result_is_written_aside_and_then_renamed():
    files = [*(ROOT / "src/livingreview").rglob("*.py"), *(ROOT / "workflow/scripts").rglob("*.py")]
    # Commands write what a user edits, and have their own ways to keep it whole.
    checked = [f for f in files if f.name not in APART and f.parent.name != "commands"]
    assert len(checked) > 50
    assert [place for file in checked for place in writes(file)] == []


def test_a_write_past_the_safe_way_would_be_seen(tmp_path: Path):
    script = tmp_path / "script.py"
    script.write_text(
        "from livingreview.base.saving import replacing, write_text\n"
        "write_text('a', 'b')\n"
        "with replacing('a') as aside:\n    frame.to_csv(aside)\n"
        "frame.to_csv('a')\npath.write_text('b')\n"
    )
    assert writes(script) == ["script.py:5: to_csv", "script.py:6: write_text"]


def join_builds(folder: Path):
    """`join_builds` of the workflow, run with a folder's paths."""
    text = (ROOT / "workflow/rules/interruptions.smk").read_text()
    names: dict = {"Path": lambda name: folder / name, "REVIEW": "tiny"}
    exec(text[: text.index("sys.executable = ")], names)
    return names["join_builds"](folder / ".snakemake/alive")


def test_locks_of_the_dead_are_cleared_and_those_of_the_living_kept(tmp_path: Path):
    locks = tmp_path / ".snakemake/locks"
    (tmp_path / "results").mkdir()

    def leave_locks() -> None:
        locks.mkdir(parents=True, exist_ok=True)
        (locks / "0.input.lock").write_text("a\n")
        (tmp_path / "results/.a.csv.1.partial.csv").write_text("half")

    leave_locks()
    first = join_builds(tmp_path)
    assert not locks.exists()
    assert partial_files(tmp_path / "results") == []
    leave_locks()
    second = join_builds(tmp_path)
    assert (locks / "0.input.lock").exists(), "the first build is alive"
    os.close(first)
    third = join_builds(tmp_path)
    assert (locks / "0.input.lock").exists(), "the second build is alive"
    for build in (second, third):
        os.close(build)
    last = join_builds(tmp_path)
    assert not locks.exists()
    with pytest.raises(BlockingIOError), (tmp_path / ".snakemake/alive").open() as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(last)
