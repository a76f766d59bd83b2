"""Documents show the tree as it is: drawings are of the code, and what they name exists."""

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


DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("validation/*/*.md")]
PARTS = "src|tests|workflow|config|docs|envs|profiles|benchmarks|validation"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_that_a_document_names_exists(document):
    for place in re.findall(rf"`((?:{PARTS})/[^`\s]+)`", document.read_text()):
        pattern = re.sub(r"<\w+>|NAME|my_review|smith_2024", "*", place.rstrip("/"))
        assert [*ROOT.glob(pattern)], place


def test_the_page_names_twenty_wishes():
    assert len(ROWS) >= 20
