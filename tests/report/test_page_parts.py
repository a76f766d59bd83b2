"""The cost worksheet has no figure, and every word of the glossary opens and closes."""

import re

import pytest
from conftest import ROOT

from livingreview.protocol.review import read_protocol
from livingreview.records.sections import CostLine
from livingreview.report.page import page_environment

PROTOCOLS = sorted((ROOT / "config/reviews").glob("*.yaml"))


def template(name: str):
    return page_environment(ROOT / "workflow/report", set()).get_template(name)


def worksheet(*lines: CostLine) -> str:
    economics = {"worksheet": [*lines]}
    return template("costs.html.j2").render(narrative={"economics": economics})


def test_a_worksheet_has_its_lines_and_places_to_fill_in_but_no_figure():
    page = worksheet(
        CostLine(line="Officers", unit="hours"), CostLine(line="Cars", unit="per month")
    )
    sheet = page[: page.index("<style>")]
    lines = re.findall(r"<li><span>(.*?)</span>", sheet)
    assert lines == ["Officers (hours)", "Cars (per month)"]
    assert sheet.count('class="blank"') == 2
    assert not re.search(r"\d", sheet)


def test_without_lines_there_is_no_worksheet():
    assert worksheet().strip() == ""


@pytest.fixture(params=PROTOCOLS, ids=lambda path: path.stem)
def glossary(request: pytest.FixtureRequest) -> str:
    protocol = read_protocol(request.param)
    return template("glossary.html.j2").render(protocol=protocol, measure=protocol.measure)


def test_each_word_opens_a_meaning_of_its_own_that_closes_by_touch(glossary: str):
    meanings = re.findall(r'<div id="(word-\w+)" class="meaning" popover>', glossary)
    assert len(set(meanings)) == len(meanings)
    opens = re.findall(r'class="word" popovertarget="(word-\w+)"', glossary)
    closes = re.findall(r'popovertarget="(word-\w+)" popovertargetaction="hide"', glossary)
    assert opens == closes == meanings


def test_each_word_has_its_plain_twin(glossary: str):
    entries = re.findall(r"<p><b>(.+?)</b>: (.+?)\.</p>\n<p>(.+?)</p>", glossary)
    assert len(entries) == glossary.count('class="meaning"')
    assert all(term.lower() not in twin.lower() for term, twin, _ in entries)


def test_words_in_a_text_open_what_the_glossary_explains():
    page = page_environment(ROOT / "workflow/report", set()).from_string(
        '{% from "word.html.j2" import word %}the {{ word("pooled", "average") }}.'
    )
    assert page.render() == (
        'the <button type="button" class="word" popovertarget="word-pooled">average</button>.'
    )
