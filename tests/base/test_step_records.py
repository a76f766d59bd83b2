"""The record of a step tells what it was made from, and whether that, or its results, changed."""

from pathlib import Path

import pytest

from livingreview.base.saving import copy_files, set_aside, write_text
from livingreview.base.step_records import (
    STEP_RECORDS,
    Origin,
    StepRecord,
    changed_since_read,
    changed_since_written,
    write_record,
)

PRIORS = {"mu": 1.5, "tau": 0.5}
TURNED = {"tau": 0.5, "mu": 1.5}
ORIGIN = Origin.of({"seed": 1, "priors": PRIORS}, {"fit.py": "a", "models.py": "b"})


def record(tmp_path: Path, **inputs: str) -> Path:
    path = tmp_path / STEP_RECORDS / "fit.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_record(path, ORIGIN, inputs, [path])
    return path


@pytest.mark.parametrize(
    ("origin", "inputs", "differences"),
    [
        (ORIGIN, {"a.yaml": "1", "b.yaml": "2"}, []),
        (ORIGIN, {"a.yaml": "9", "b.yaml": "2"}, ["a.yaml"]),
        (ORIGIN, {"a.yaml": "1"}, ["b.yaml"]),
        (Origin.of({"seed": 2, "priors": PRIORS}, ORIGIN.code), None, ["its seed"]),
        (Origin.of({"seed": 1, "priors": TURNED}, ORIGIN.code), None, ["its priors"]),
        (Origin.of({"priors": PRIORS}, ORIGIN.code), None, ["its seed"]),
        (
            ORIGIN.model_copy(update={"code": {"fit.py": "a", "models.py": "c"}}),
            None,
            ["models.py"],
        ),
        (
            ORIGIN.model_copy(update={"code": {"fit.py": "a"}}),
            {},
            ["a.yaml", "b.yaml", "models.py"],
        ),
    ],
)
def test_what_a_step_was_made_from_is_compared_with_what_is_there(
    tmp_path: Path, origin: Origin, inputs: dict[str, str] | None, differences: list[str]
):
    read = {"a.yaml": "1", "b.yaml": "2"}
    made = StepRecord.read(record(tmp_path, **read))
    assert made is not None
    assert made.differences(origin, read if inputs is None else inputs) == differences


def test_a_record_of_the_first_releases_is_not_taken_for_an_edited_one(tmp_path: Path):
    path = record(tmp_path)
    path.write_text('{"outputs": {}}')
    assert changed_since_written(tmp_path) == []
    made = StepRecord.read(path)
    assert made is not None and made.differences(ORIGIN, {}) == ["the workflow"]


def test_an_input_that_is_not_what_a_step_read_is_named(tmp_path: Path):
    paths = [record(tmp_path, **{"a.yaml": "1", "b.yaml": "2"}), tmp_path / "not_there.json"]
    assert changed_since_read(paths, {"a.yaml": "1", "b.yaml": "2"}) == []
    assert changed_since_read(paths, {"a.yaml": "1", "b.yaml": "3"}) == ["b.yaml"]
    assert changed_since_read(paths, {"a.yaml": "1"}) == ["b.yaml"], "it is gone"


def test_what_changed_since_it_was_written_is_found_and_moved_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    results, kept = Path("results"), Path("kept")
    for folder in ("stage", STEP_RECORDS):
        (results / folder).mkdir(parents=True)
    outputs = [results / "stage" / f"{name}.csv" for name in ("edited", "same", "lost")]
    for path in outputs:
        write_text(path, "a\n1\n")
    copy_files({"results/stage/same.csv": results / "stage/same.csv"}, results / "copies")
    record = results / STEP_RECORDS / "draw.json"
    write_record(record, ORIGIN, {}, [*outputs, results / "copies", record])
    (results / "stage/lost.csv").unlink()
    (results / "copies/.hidden").write_text("a mark of Snakemake's")
    assert changed_since_written(results) == []
    edited, copy = results / "stage/edited.csv", results / "copies/results/stage/same.csv"
    for path in (edited, copy):
        path.write_text("a\n3\n")
    assert changed_since_written(results) == [results / "copies", edited]
    place = set_aside(edited, results, kept)
    assert place.parent == Path("kept/stage")
    assert place.read_text() == "a\n3\n"
    edited.write_text("a\n4\n")
    assert set_aside(edited, results, kept) != place
    assert changed_since_written(results) == [results / "copies"]
    record.write_text('{"origin": "')
    assert changed_since_written(results) == [record], "it vouches for nothing"
    record.unlink()
    assert changed_since_written(results) == [], "a step that was killed leaves no record"
