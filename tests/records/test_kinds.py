"""What holds of every kind of evidence: its example is a record, and comes out of a spreadsheet."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from evidence_pieces import SOURCE, effect
from spreadsheets import COUNTS, MAPPING, imported_from, line, text_of

from livingreview.base.documents import read_document
from livingreview.base.measures import MEASURES
from livingreview.protocol.outcomes import Assumed
from livingreview.protocol.vocabulary import Vocabulary
from livingreview.records.evidence.kinds import KINDS
from livingreview.records.evidence.preference import routes
from livingreview.records.importing.columns import ReadField, read_fields

ARMS = {"treated": "visit", "control": "usual"}


def example_of(kind: str) -> dict[str, Any]:
    """The example of a kind in a new record, about the arms of the tests."""
    example = yaml.safe_load(KINDS[kind].example)
    for arm in example.get("arms", []):
        arm["arm"] = ARMS[arm["arm"]]
    for sizes in example.get("sizes", []):
        sizes["source"] = SOURCE
    return {"kind": kind, **example, "source": SOURCE}


@pytest.mark.parametrize("kind", KINDS)
def test_an_example_has_a_route_for_each_measure_that_its_kind_serves(kind: str):
    with_example = effect(example_of(kind))
    [piece] = with_example.evidence
    served = [measure for measure in MEASURES if piece.serves(measure)]
    assert served
    for measure in MEASURES:
        ways = routes(with_example, Assumed(probability=0.3, measure=measure))
        assert all(way.usable is (measure in served) for way in ways), measure
        assert {way.kind for way in ways} == {kind}
        assert all(way.formula for way in ways if way.usable)
        assert all(way.reason.startswith(piece.reports) for way in ways if not way.usable)


def columns_of(
    fields: list[ReadField], values: dict[str, Any], prefix: str = ""
) -> tuple[dict[str, Any], dict[str, str]]:
    """Readings of a mapping for these values, and the cells that hold them."""
    readings: dict[str, Any] = {}
    cells: dict[str, str] = {}

    def read(place: dict[str, Any], name: str, value: Any) -> None:
        column = f"{prefix}{name}"
        place[name] = {"column": column}
        cells[column] = str(value)

    for field in fields:
        value = values.get(field.name)
        if value is None:
            continue
        match field.holds:
            case "value":
                read(readings, field.name, value)
            case "ends":
                for name, end in zip(field.columns, value, strict=True):
                    read(readings, name, end)
            case "words":
                said = {f.name: values[f.name] for f in fields if f.holds == "words"}
                readings["statement"] = {"column": "said", "words": {"as stated": said}}
                cells["said"] = "as stated"
            case "sizes":
                readings["sizes"] = {}
                for role in ARMS:
                    read(readings["sizes"], role, value[0][role])
            case _:
                parts = {ARMS[role]: role for role in ARMS}
                named = (
                    {parts[part["arm"]]: part for part in value}
                    if field.holds == "arms"
                    else {field.name: value}
                )
                for name, part in named.items():
                    readings[name], more = columns_of(list(field.inner), part, f"{prefix}{name} ")
                    cells |= more
    return readings, cells


@pytest.mark.parametrize("kind", KINDS)
def test_an_example_comes_out_of_a_spreadsheet_as_it_went_in(tmp_path: Path, kind: str):
    example = example_of(kind)
    readings, cells = columns_of(read_fields(KINDS[kind]), example)
    mapping = yaml.safe_load(MAPPING)
    mapping["evidence"] = [{"kind": kind, **readings}]
    mapping["source"] = {name: {"value": value} for name, value in SOURCE.items()}
    usual = ["study", "name", "year", "setting", "latitude", "outcome", "months"]
    mapping["ignore"] = []
    path = tmp_path / "map.yaml"
    path.write_text(yaml.safe_dump(mapping))
    row = dict(zip(usual, line(**COUNTS), strict=False)) | cells
    content = text_of(list(row.values()), headings=list(row))
    vocabulary = Vocabulary(
        ("disease", "death"), {"setting": ("town", "village"), "latitude": None}, ("allocation",)
    )
    [one] = imported_from("t.csv", content.encode(), read_document(path), vocabulary, {})
    [piece] = yaml.safe_load(one.text)["effects"][0]["evidence"]
    assert piece == example
