"""The page escapes what it is given; the slow test of a hostile review reads a whole page."""

import re

import pandas as pd
import pytest
from conftest import ROOT

from livingreview.figures.record_link import RECORD_LINK
from livingreview.report.claims import Claim, Claims, Sentence
from livingreview.report.page import MOST_RECORDS, embedded, page_environment, studies_shown
from livingreview.report.sentences.effects import not_shown
from livingreview.tables.records import Studies

TEMPLATES = ROOT / "workflow/report"
LIVE = "<script>alert(1)</script>\" onclick='x'"


def rendered(template: str, **values: object) -> str:
    return page_environment(TEMPLATES, set()).from_string(template).render(values)


def test_texts_claims_and_sentences_are_escaped():
    claim = Claim(LIVE, LIVE, LIVE, LIVE, LIVE, LIVE, "words")
    sentence = Sentence((LIVE, claim))
    page = rendered("{{ a }} <b title='{{ a }}'>{{ b }} {{ c }}", a=LIVE, b=claim, c=sentence)
    assert re.findall(r"<(\w+)", page) == ["b", "data", "data"]
    assert not re.search(r"""["'] onclick=['"]""", page)


@pytest.mark.parametrize("file", sorted(TEMPLATES.glob("*.html.j2")), ids=lambda file: file.name)
def test_no_template_switches_escaping_off(file):
    assert not re.search(r"\|\s*safe\b|autoescape|Markup", file.read_text(encoding="utf-8"))


def test_links_of_a_figure_lead_to_records_and_have_names():
    svg = (
        f'<?xml?>\n<svg><a xlink:href="{RECORD_LINK}smith_2001" target="_blank"><path d=""/></a>'
        '<path id="m"/><use xlink:href="#m"/></svg>'
    )
    assert embedded(svg, "f0", "forest", {"smith_2001": 'Smith "& Co" 2001'}) == (
        '<svg role="group" aria-label="forest" aria-describedby="reads-forest">'
        '<a href="records.html#record-smith_2001"'
        ' aria-label="Record of Smith &#34;&amp; Co&#34; 2001">'
        '<path d=""/></a><path id="f0-m"/><use xlink:href="#f0-m"/></svg>'
    )


def test_a_page_of_many_studies_shows_those_that_its_figures_lead_to():
    few = pd.DataFrame({"study_id": [f"s{i}" for i in range(MOST_RECORDS)]})
    figures = [
        f'<a xlink:href="{RECORD_LINK}s7" target="_top">',
        f'<a xlink:href="{RECORD_LINK}s200">',
    ]
    assert studies_shown(few, figures).equals(few)
    assert not_shown(Claims({Studies.file: few}), few) == {}
    many = pd.DataFrame({"study_id": [f"s{i}" for i in range(MOST_RECORDS + 1)]})
    shown = studies_shown(many, figures)
    assert list(shown["study_id"]) == ["s7", "s200"]
    [sentence] = not_shown(Claims({Studies.file: many}), shown).values()
    assert str(sentence).endswith("have all 201 on record.")
