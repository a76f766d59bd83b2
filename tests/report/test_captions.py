"""Captions are written once, and are text."""

import pytest
from conftest import ROOT
from docutils.utils import SystemMessage

from livingreview.report.captions import caption, caption_of
from livingreview.report.pages import PAGES

FILES = sorted((ROOT / "workflow/report/captions").glob("*.rst"))


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_every_caption_says_what_is_shown_and_how_to_read_it(path):
    found = caption(path.read_text(encoding="utf-8"))
    assert found.reading.startswith("<p>How to read it: ")
    assert len(found.shown) > 80


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_every_figure_with_a_caption_stands_on_a_page(path):
    pages = "".join(
        (ROOT / f"workflow/report/{file}.j2").read_text(encoding="utf-8") for file in PAGES
    )
    assert f'figure("{path.stem}"' in pages or f'figure("{path.stem}_" ~' in pages


def test_caption_is_parted_at_how_to_read_it():
    found = caption("Shows ``a`` & b.\n\nHow to read it: left.\n\nOr right.")
    assert found.shown == '<p>Shows <span class="docutils literal">a</span> &amp; b.</p>\n'
    assert found.reading == "<p>How to read it: left.</p>\n<p>Or right.</p>\n"


@pytest.mark.parametrize("text", ["A |b| c.", "An `open quote.", ".. raw:: html\n\n   <b>"])
def test_what_is_no_plain_text_is_refused(text: str, capsys):
    with pytest.raises(SystemMessage):
        caption(f"{text}\n\nHow to read it: so.")


def test_caption_without_a_way_to_read_it_is_refused():
    with pytest.raises(ValueError, match="no paragraph"):
        caption("Shows something.")


def test_figure_of_a_kind_has_the_caption_of_its_kind():
    captions = {n: f"{n}.\n\nHow to read it: so." for n in ("forest", "forest_of", "priors")}
    assert "forest." in caption_of("forest_relapse", captions).shown
    assert "forest_of." in caption_of("forest_of_trees", captions).shown
    with pytest.raises(LookupError, match="pri"):
        caption_of("pri", captions)
