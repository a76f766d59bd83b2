"""Reviews of known truth as files, and what their pages say: validation/first_screen."""

import importlib
import json
import math
import sys

import pytest
from conftest import ROOT

from livingreview.__main__ import app

FOLDER = ROOT / "validation/first_screen"
sys.path.append(str(FOLDER))
reviews = importlib.import_module("made_up_reviews")
pages = importlib.import_module("made_up_pages")
PAGES = (FOLDER / "pages.md").read_text()
# Cells of the table: review, of, truth, claimed, borne out.
CLAIMS = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in PAGES.splitlines()
    if line.startswith("| ")
][2:]
# Their studies err in a way that no rule can see.
ERR = {reviews.MADE_UP[name].title for name in ("half_unreported", "biased")}
OF_STATEMENTS = {reviews.MADE_UP[name].title for name in ("all_significant", "all_null")}


@pytest.mark.parametrize("name", reviews.MADE_UP | reviews.PICTURES)
def test_a_made_up_review_passes_the_check(name, tmp_path, monkeypatch, capsys):
    reviews.write(name, tmp_path)
    monkeypatch.chdir(tmp_path)
    app(["check", "--review", name], standalone_mode=False)
    # Of drawn studies two may have the same sizes and say the same, which is asked about.
    assert f"No problem in the files of {name}" in capsys.readouterr().out


def test_draws_are_what_their_titles_say():
    all_of = {name: reviews.MADE_UP[name].rows[reviews.FIRST] for name in reviews.MADE_UP}
    assert all(row["z_low"] == 1.96 for [row] in all_of["all_significant"])
    assert all(abs(row[z]) <= 1.96 for [row] in all_of["all_null"] for z in ("z_low", "z_high"))


def test_a_page_is_read_to_its_contents_without_what_is_closed():
    page = (
        '<main id="main"><h2>One &amp; two</h2><p class="ends" aria-hidden="true">less</p>'
        "<table><tr><th>a</th><td>b</td></tr></table><details><p>closed</p></details>"
        '<nav aria-label="Contents"><p>later</p>'
    )
    assert pages.first_screen(page) == ["One & two", "a | b"]


def test_claims_are_held_against_the_truth():
    answer = {"verdict": "clear", "verdict_words": "more", "p_more": 0.99, "p_less": 0.01}
    size = {"size_learnt": True, "effect": 1.5, "effect_low": 1.1, "effect_high": 2.0}
    limit = math.log(1.1)
    right, wrong = (pages._of_outcome("", mu, answer | size, limit) for mu in (0.5, -0.5))
    assert (right.contradicted, right.holds) == (False, True)
    assert (wrong.contradicted, wrong.holds) == (True, False)
    none = answer | {"verdict": "practically_none"}
    assert pages._of_outcome("", 0.05, none | size, limit).contradicted is False
    assert pages._of_outcome("", 0.5, none | size, limit).contradicted is True
    unsized = {"size_learnt": False, "effect_low": None, "effect_high": None}
    assert pages._of_outcome("", 0.5, answer | unsized, limit).holds is None


def test_pages_say_nothing_that_the_truth_contradicts():
    assert {title for title, *_ in CLAIMS} == {one.title for one in reviews.MADE_UP.values()}
    for title, *_, borne_out in CLAIMS:
        assert "wrong" not in borne_out, title
        if title not in ERR:
            assert "leans" not in borne_out and "misses" not in borne_out, title
        if title in OF_STATEMENTS:
            assert borne_out.endswith("no size")


@pytest.mark.slow
def test_pages_are_what_the_workflow_makes_of_the_files(tmp_path):
    for name in ("all_significant", "numbers"):
        report = pages.build(name, tmp_path / "tree")
        assert pages.section(name, report) in PAGES
        [judged] = pages.judgements(
            reviews.MADE_UP[name], json.loads((report / "results.json").read_text())
        )
        assert judged.clear and not judged.contradicted
        assert judged.holds is (None if name == "all_significant" else True)
