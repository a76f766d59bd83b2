"""The drawings in docs/architecture.md show the rooms and the stages as they are."""

import re
import runpy

import pytest
from conftest import ROOT

TEXT = (ROOT / "docs/architecture.md").read_text()
ROWS = re.findall(
    r"^\| (?!what you want)([^|-][^|]*) \| (.+) \|$", TEXT.partition("## If you")[2], re.M
)


def test_drawings_are_those_of_the_code():
    page = runpy.run_path(str(ROOT / "docs/draw_architecture.py"))["page"]
    assert page() == TEXT, "run make architecture"


@pytest.mark.parametrize(("wish", "places"), ROWS, ids=[wish for wish, _ in ROWS])
def test_every_place_that_is_named_exists(wish: str, places: str):
    for place in re.findall(r"`([^`]+)`", places):
        pattern = re.sub(r"<\w+>", "*", place.rstrip("/"))
        assert [*ROOT.glob(pattern), *(ROOT / "src/livingreview").glob(pattern)] or "." not in place


def test_the_page_names_twenty_wishes():
    assert len(ROWS) >= 20
