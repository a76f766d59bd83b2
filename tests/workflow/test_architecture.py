"""docs/architecture.md and CONTRIBUTING.md describe the tree as it is."""

import re
import runpy

import pytest
from conftest import ROOT

TEXT = (ROOT / "docs/architecture.md").read_text()
ROWS = re.findall(
    r"^\| (?!what you want)([^|-][^|]*) \| (.+) \|$", TEXT.partition("## If you")[2], re.M
)
# Paths in CONTRIBUTING.md: code with a slash and no blank; a command has blanks.
PATHS = sorted(set(re.findall(r"`([^`\s]+/[^`\s]*)`", (ROOT / "CONTRIBUTING.md").read_text())))


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


@pytest.mark.parametrize("path", PATHS)
def test_every_path_of_contributing_exists(path: str):
    assert [*ROOT.glob(re.sub(r"<\w+>", "*", path))], path


def test_contributing_names_where_things_are_added():
    assert len(PATHS) >= 40
