"""The schemas that editors use say what the models say."""

import importlib.util
import json
from pathlib import Path

import pytest
from conftest import ROOT, Folder
from jsonschema import Draft202012Validator

from livingreview.base.documents import read_document

SCHEMAS = ROOT / "workflow/schemas"
DATA = ROOT / "data/raw/second_responder"
FILES = {
    "study": sorted((DATA / "studies").glob("*.yaml")),
    "protocol": sorted((ROOT / "config/reviews").glob("*.yaml")),
    "narrative": [DATA / "narrative.yaml"],
    "published": [DATA / "published.yaml"],
}

_spec = importlib.util.spec_from_file_location("export", SCHEMAS / "export.py")
assert _spec is not None and _spec.loader is not None
export = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(export)


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(export.path_of(name).read_text()))


@pytest.mark.parametrize("name", export.MODELS)
def test_schema_is_what_export_writes(name: str):
    current = export.schema(export.MODELS[name])
    assert export.path_of(name).read_text() == current, "run `make schemas`"


def test_every_schema_has_a_model():
    assert {path.name.split(".")[0] for path in SCHEMAS.glob("*.json")} == set(export.MODELS)


@pytest.mark.parametrize("name", export.MODELS)
def test_schema_is_valid_and_names_no_host_but_its_dialect(name: str):
    schema = validator(name).schema
    Draft202012Validator.check_schema(schema)
    assert schema.pop("$schema") == "https://json-schema.org/draft/2020-12/schema"
    assert "://" not in json.dumps(schema).replace("https?://", "")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        pytest.param(name, path, id=f"{name}-{path.stem}")
        for name, paths in FILES.items()
        for path in paths
    ],
)
def test_shipped_files_fit(name: str, path: Path):
    assert [e.message for e in validator(name).iter_errors(read_document(path).data)] == []


@pytest.mark.parametrize(
    "change",
    [
        ("year: 2001", "year: soon"),
        ("assigned: 123", "asigned: 123"),
        ("events: 4", "events: -4"),
        ("kind: counts", "kind: count"),
    ],
)
def test_editor_sees_a_mistake_too(folder: Folder, change: tuple[str, str]):
    folder.write()
    document = folder.path / "alpha_2001.yaml"
    assert validator("study").is_valid(read_document(document).data)
    folder.write(change)
    assert not validator("study").is_valid(read_document(document).data)
