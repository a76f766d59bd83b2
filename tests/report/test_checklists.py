"""Checklists have every item once, and say where it is reported or what is missing."""

import pytest
from conftest import ROOT

from livingreview.base.documents import read_document
from livingreview.base.validation import validated
from livingreview.report.checklists import Checklist, counts

FILES = sorted((ROOT / "workflow/report/checklists").glob("*.yaml"))
PRISMA = [
    *map(str, range(1, 10)),
    *("10a", "10b", "11", "12", "13a", "13b", "13c", "13d", "13e", "13f", "14", "15", "16a"),
    *("16b", "17", "18", "19", "20a", "20b", "20c", "20d", "21", "22", "23a", "23b", "23c"),
    *("23d", "24a", "24b", "24c", "25", "26", "27"),
]


def read(name: str) -> Checklist:
    path = ROOT / f"workflow/report/checklists/{name}.yaml"
    return validated(read_document(path), Checklist)


@pytest.mark.parametrize("name", [path.stem for path in FILES])
def test_each_item_has_a_place_or_a_reason(name: str):
    checklist = read(name)
    items = [item for section in checklist.sections for item in section.items]
    assert len({item.number for item in items}) == len(items) == sum(counts(checklist).values())
    for item in items:
        reported = item.answer in ("yes", "partly")
        assert bool(item.where) == reported, item.number
        assert item.note or item.answer == "yes", item.number


def test_prisma_has_all_its_items():
    items = [item.number for section in read("prisma_2020").sections for item in section.items]
    assert items == PRISMA
    assert len({number.rstrip("abcdef") for number in items}) == 27


def test_swim_has_its_nine_items():
    items = [item.number for section in read("swim").sections for item in section.items]
    assert items == ["1a", "1b", *map(str, range(2, 10))]
    assert all(read("swim").sections[i].checked for i in range(3))


def test_items_that_could_not_be_checked_are_marked():
    sections = {s.heading.split(":")[0]: s.checked for s in read("barg").sections}
    assert [name for name, checked in sections.items() if not checked] == [
        "Step 4",
        "Step 5",
        "Step 6",
    ]
