"""Markdown lets HTML through, so none of a record's texts may hold any."""

import pytest
from conftest import ROOT

from livingreview.base.markdown import markdown
from livingreview.report.claims import Claim, Sentence
from livingreview.report.sentences.changes import WhatChanged

LIVE = "<script>alert(1)</script> & 'more'"
SHOWN = "&lt;script&gt;alert(1)&lt;/script&gt; &amp; 'more'"
SENTENCE = Sentence(("Changed: ", Claim(LIVE, LIVE, LIVE, LIVE, LIVE, LIVE, "words")))


@pytest.fixture
def template(tmp_path):
    return tmp_path / "text.md.j2"


def test_what_is_filled_in_is_text_and_the_template_is_markup(template):
    template.write_text("> <b>{{ a }}</b> {% for s in sentences %}{{ s }}{% endfor %}.\n")
    assert (
        markdown(template, a=LIVE, sentences=[SENTENCE]) == f"> <b>{SHOWN}</b> Changed: {SHOWN}.\n"
    )


MARKS = {
    "a | b": "a \\| b",
    "not bold\n\n## Verdict\n": "not bold  ## Verdict",
    "# Verdict": "\\# Verdict",
    "---": "\\---",
    "- item": "\\- item",
    "-0.12 of alpha_2001": "-0.12 of alpha_2001",
    "2. Second": "2\\. Second",
    "2.5 more": "2.5 more",
    "_so_ *so* `so` ~~so~~ \\": "\\_so\\_ \\*so\\* \\`so\\` \\~\\~so\\~\\~ \\\\",
    "[a](https://example.org)": "\\[a\\](https://example.org)",
}


@pytest.mark.parametrize("text", MARKS)
def test_marks_of_markdown_are_text_on_one_line(template, text: str):
    template.write_text("| {{ a }} |\n")
    assert markdown(template, a=text) == f"| {MARKS[text]} |\n"


def test_changelog_holds_no_markup_of_a_record():
    changes = WhatChanged([SENTENCE], [SENTENCE], [SENTENCE], {LIVE: [SENTENCE]}, [SENTENCE])
    text = markdown(ROOT / "workflow/report/changelog.md.j2", changes=changes)
    assert text.count(SHOWN) == 6 and "<" not in text


def test_summary_holds_no_markup_of_a_record():
    section = {"headline": LIVE}
    finding = {key: {"a": SENTENCE} for key in ("evidence", "answer", "certainty")}
    text = markdown(
        ROOT / "workflow/report/summary.md.j2",
        protocol={"title": LIVE, "question": LIVE, "search": {"note": LIVE}},
        first_screen={"answer": SENTENCE},
        findings={"a": {"label": LIVE} | finding},
        narrative={
            "next_steps": {"headline": LIVE, "points": [LIVE]},
            **dict.fromkeys(("implementation", "economics", "general_considerations"), section),
        },
        completeness={"b": SENTENCE},
        source_sentences={"full_texts": SENTENCE},
        last_search=LIVE,
    )
    assert text.count(SHOWN) == 16 and "<" not in text
