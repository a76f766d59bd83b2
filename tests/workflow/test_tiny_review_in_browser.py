"""The page in a real browser: the tiny review's, and those of built reviews that are at hand."""

import re
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from page_in_browser import (
    ANCHORS_NOT_SHOWN,
    CHROMIUM,
    FRAMES_OUT_OF_REACH,
    REACHABLE,
    SHOWN,
    SHOWN_WITHIN,
    TEXT_OUTSIDE,
    WORDS,
    browser,
    empty_figures,
    faults,
    opened,
    tab_through,
    unfold,
)
from pypdf import PdfReader

from livingreview.audit.verification import read_result

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        CHROMIUM is None, reason="no chromium on this machine: `make browser` installs it"
    ),
]

POLICY = {
    "default-src": "'none'",
    "style-src": "'unsafe-inline'",
    "img-src": "data:",
    "base-uri": "'none'",
    "form-action": "'none'",
}
# Tables that do not fit their frame, and cells that stand alone without a word on what they are.
SCROLLING_TABLES = """() => [...document.querySelectorAll(".wide:has(> table)")]
  .filter(e => e.scrollWidth > e.clientWidth + 1)
  .map(e => e.querySelector("caption").textContent)"""
CELLS_WITHOUT_HEADING = """() => [...document.querySelectorAll("tbody td:not([colspan])")]
  .filter(e => e.textContent.trim() && !e.dataset.label).map(e => e.outerHTML.slice(0, 80))"""
# A4 at 96 pixels an inch, without the browser's margins of 0.4 inches.
PAPER = 718
TEMPLATES = ("workflow/report/*.j2", "workflow/report/style.css", "src/livingreview/report/page.py")


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


@pytest.fixture(scope="module", params=["tiny", "second_responder"])
def results(request) -> Path:
    """Results of a review: the tiny one, built for the tests, or one that was built before."""
    if request.param == "tiny":
        return request.getfixturevalue("built") / "results/tiny"
    folder = ROOT / "results" / request.param
    file = folder / "8_report/page.html"
    if not file.exists():
        pytest.skip(f"no page of {request.param} at hand: `make results` builds it")
    changed = max(path.stat().st_mtime for part in TEMPLATES for path in ROOT.glob(part))
    if file.stat().st_mtime < changed:
        pytest.skip(f"the page of {request.param} is older than its templates")
    return folder


# The others are made of the same parts.
TRIED = ["page.html", "brief.html", "sensitivity.html", "records.html"]


@pytest.fixture(params=TRIED)
def file(results, request) -> Path:
    return results / "8_report" / request.param


def test_nothing_is_asked_of_the_network_and_the_browser_has_no_complaint(chromium, file):
    with opened(chromium, file) as one:
        unfold(one.page)
        for control in one.page.locator("input").all():
            control.check()
        one.page.keyboard.press("End")
        one.page.wait_for_load_state("networkidle")
    assert one.requests == [file.as_uri()]
    assert one.messages == []


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_no_table_scrolls_and_each_cell_of_a_stacked_one_has_its_heading(chromium, file, width):
    with opened(chromium, file) as one:
        unfold(one.page)
        one.page.set_viewport_size({"width": width, "height": 800})
        assert one.page.evaluate(SCROLLING_TABLES) == []
        assert width > 960 or one.page.evaluate(CELLS_WITHOUT_HEADING) == []


@pytest.mark.parametrize("protected", [True, False])
def test_the_policy_keeps_scripts_and_addresses_out(chromium, built, tmp_path, protected):
    page = (built / "results/tiny/8_report/page.html").read_text()
    stranger = '<script>document.title = "ran"</script><img src="http://127.0.0.1:9/stranger.png">'
    page = page.replace("</main>", f"{stranger}</main>", 1)
    if not protected:
        page = re.sub(r"<meta http-equiv[^>]*>", "", page)
    (tmp_path / "page.html").write_text(page)
    with opened(chromium, tmp_path / "page.html") as one:
        ran = one.page.title() == "ran"
    asked = [url for url in one.requests if "stranger" in url and url not in str(one.messages)]
    # Without the policy the script runs and the address is asked: the test sees the difference.
    assert (ran, bool(asked)) == (not protected, not protected)


def test_the_policy_stands_before_all_that_it_governs(file):
    page = file.read_text()
    [policy] = re.findall(
        r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">(?=.*<style)', page, re.S
    )
    assert dict(part.strip().split(" ", 1) for part in policy.split(";")) == POLICY


def test_text_stays_in_its_place_at_every_width_and_zoom(chromium, file):
    found = {}
    with opened(chromium, file) as one:
        unfold(one.page)
        # Zoom halves the pixels that a page is laid out in; large letters leave them as they are.
        for width, zoom, letters in (
            *((width, zoom, 100) for width in (390, 768, 1280) for zoom in (1, 2)),
            (1280, 4, 100),
            (768, 1, 200),
        ):
            one.page.set_viewport_size({"width": width // zoom, "height": 800})
            one.page.evaluate(f"document.documentElement.style.fontSize = '{letters}%'")
            sideways = one.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            outside = one.page.evaluate(TEXT_OUTSIDE)
            unreached = one.page.evaluate(FRAMES_OUT_OF_REACH)
            if sideways or outside or unreached:
                found[width, zoom, letters] = (sideways, outside, unreached)
    assert found == {}


def test_the_keyboard_reaches_everything_and_the_focus_is_seen(chromium, file):
    with opened(chromium, file) as one:
        stops = tab_through(one.page)
        expected = one.page.evaluate(REACHABLE)
        assert one.page.locator("details:not([open])").count() == 0
    assert [stop["place"] for stop in stops] == expected
    assert len(stops) > 5
    assert [stop["html"] for stop in stops if not (stop["outlined"] and stop["seen"])] == []


def test_the_first_stop_of_the_keyboard_leads_to_the_text(chromium, file):
    with opened(chromium, file) as one:
        one.page.keyboard.press("Tab")
        one.page.keyboard.press("Enter")
        one.page.wait_for_url(f"**/{file.name}#main")
        one.page.keyboard.press("Tab")
        assert one.page.evaluate("!!document.activeElement.closest('main')")


def test_arrows_move_a_choice_and_a_frame(chromium, results):
    file = results / "8_report/sensitivity.html"
    with opened(chromium, file, viewport={"width": 390, "height": 800}) as one:
        unfold(one.page)
        choice = one.page.locator("[name=assumed]")
        choice.first.focus()
        one.page.keyboard.press("ArrowDown")
        assert choice.nth(1).is_checked()
        frame = one.page.locator(".wide:has(> svg:not(.narrow))").first
        frame.focus()
        # The focus scrolled the page; a key that comes before the next picture can be lost.
        one.page.evaluate(
            "() => new Promise(then => requestAnimationFrame(() => requestAnimationFrame(then)))"
        )
        one.page.keyboard.press("ArrowRight")
        one.page.wait_for_function("e => e.scrollLeft > 0", arg=frame.element_handle())


def test_without_javascript_the_page_is_the_same(chromium, file):
    texts = []
    for allowed in (True, False):
        with opened(chromium, file, java_script_enabled=allowed) as one:
            texts.append(one.page.locator("body").inner_text())
    assert texts[0] == texts[1]
    assert len(texts[0]) > 500
    assert not re.search(r"<script|<[^>]* on[a-z]+=", file.read_text())


def test_filters_leave_the_studies_that_have_what_is_chosen(chromium, results):
    file = results / "8_report/records.html"
    studies = read_result(results / "1_records/studies.csv").set_index("study_id")
    effects = read_result(results / "1_records/effects.csv")

    def expected(filtered: str, value: str) -> set[str]:
        if filtered == "outcome":
            return set(effects.loc[effects["outcome"] == value, "study_id"])
        column = studies[f"moderator_{filtered}"].fillna("not_known")
        return set(column.index[column == value])

    with opened(chromium, file, java_script_enabled=False) as one:

        def shown() -> set[str]:
            ids = one.page.locator(".record").evaluate_all(SHOWN_WITHIN)
            return {record.removeprefix("record-") for record in ids}

        assert shown() == set(studies.index)
        left = []
        for control in one.page.locator(".filtered input[id]").all():
            _, filtered, value = str(control.get_attribute("id")).split("-", 2)
            control.check()
            assert shown() == expected(filtered, value), (filtered, value)
            left.append((filtered, value))
            one.page.locator(f"[name=filter-{filtered}]").first.check()
            assert shown() == set(studies.index)
        # Two filters at once leave what is in both.
        one_filter, two = left[0], left[-1]
        for filtered, value in (one_filter, two):
            one.page.locator(f"#filter-{filtered}-{value}").check()
        assert one_filter[0] != two[0]
        assert shown() == expected(*one_filter) & expected(*two)
        # Paper cannot be asked for the rest.
        one.page.emulate_media(media="print")
        assert shown() == set(studies.index)


def test_the_prior_explorer_shows_what_was_computed_for_the_choice(chromium, results):
    file = results / "8_report/sensitivity.html"
    table = read_result(results / "6_sensitivity/variations.csv")
    with opened(chromium, file, java_script_enabled=False) as one:
        unfold(one.page)
        controls = one.page.locator(".explorer input")
        assert controls.count() > 1
        for control in controls.all():
            control.check()
            _, analysis, variant = str(control.get_attribute("id")).split("-", 2)
            [shown] = one.page.locator(".option").evaluate_all(SHOWN)
            option = one.page.locator(f"#{shown}")
            label = one.page.locator(f"label:has(#{control.get_attribute('id')})").inner_text()
            assert option.locator("b").inner_text() == label.strip()
            chosen = table[
                (table["analysis"] == analysis)
                & (table["variant"].str.replace(" ", "_") == variant)
            ]
            rows = option.locator(".row").all_inner_texts()
            assert len(rows) == len(chosen) > 0
            for row, q50 in zip(rows, chosen["q50"], strict=True):
                printed = float(re.search(r": ([\d.]+) \(", row)[1])
                assert printed == pytest.approx(np.exp(q50), rel=0.05), (label, row)


def test_every_claim_is_shown_to_whom_a_link_leads_there(chromium, results, file):
    claims = re.findall(r'<data class="claim" id="([^"]+)"', file.read_text())
    studies = read_result(results / "1_records/studies.csv").study_id
    records = [f"record-{study}" for study in studies if file.name == "records.html"]
    assert claims
    with opened(chromium, file) as one:
        assert one.page.evaluate(ANCHORS_NOT_SHOWN, [*claims, *records]) == []
        assert one.page.evaluate(ANCHORS_NOT_SHOWN, ["no-such-claim"]) == ["no-such-claim"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(chromium, file, scheme):
    # In the dark only colours differ.
    rules = ["color-contrast"] if scheme == "dark" else None
    with opened(chromium, file, color_scheme=scheme) as one:
        unfold(one.page)
        assert faults(one.page, rules) == []


def test_axe_finds_what_is_wrong(chromium, built):
    with opened(chromium, built / "results/tiny/8_report/sensitivity.html") as one:
        one.page.evaluate("document.querySelector('h1').style.color = 'silver'")
        one.page.evaluate("document.querySelector('input').parentElement.replaceWith('')")
        one.page.evaluate(
            "document.querySelector('fieldset').append(document.createElement('input'))"
        )
        found = faults(one.page)
    assert [fault.split(":")[0] for fault in found] == [
        "color-contrast (serious)",
        "label (critical)",
    ]


def test_every_figure_is_a_picture_with_a_name_and_a_description(chromium, file):
    with opened(chromium, file) as one:
        unfold(one.page)
        drawn = one.page.locator("figure svg[role]").count()
        tree = one.page.context.new_cdp_session(one.page).send("Accessibility.getFullAXTree")
    pictures = [
        (node["name"]["value"], node["description"]["value"])
        for node in tree["nodes"]
        if not node["ignored"]
        and node["role"]["value"] in ("image", "img", "group")
        and "description" in node
    ]
    assert len(set(pictures)) == len(pictures) == drawn
    assert drawn > 3 or file.name not in ("page.html", "sensitivity.html")
    assert all(name and len(description) > 40 for name, description in pictures)


def test_the_dark_page_is_dark_and_paper_is_white(chromium, file):
    ground = "getComputedStyle(document.body).backgroundColor"
    with opened(chromium, file, color_scheme="dark") as one:
        assert max(map(int, re.findall(r"\d+", one.page.evaluate(ground)))) < 64
        one.page.emulate_media(media="print")
        assert one.page.evaluate(ground) == "rgb(255, 255, 255)"


def squeezed(text: str) -> str:
    """Text without spaces and ligatures, which printing moves about."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def test_paper_has_every_word(chromium, file, tmp_path):
    blocks = "h1, h2, h3, h4, p:not(:has(p)), main li, dt, dd, td, th, caption, summary"
    with opened(chromium, file) as one:
        empty_figures(one.page)
        one.page.pdf(path=tmp_path / "page.pdf", format="A4")
        unfold(one.page)
        one.page.emulate_media(media="print")
        one.page.set_viewport_size({"width": PAPER, "height": 1000})
        assert one.page.evaluate(TEXT_OUTSIDE) == []
        texts = one.page.locator(blocks).evaluate_all(WORDS)
    printed = squeezed(
        "".join(page.extract_text() for page in PdfReader(tmp_path / "page.pdf").pages)
    )
    assert [text for text in texts if squeezed(text) not in printed] == []
    assert len(texts) > 10


def test_the_brief_fits_on_two_sides(chromium, results, tmp_path):
    with opened(chromium, results / "8_report/brief.html") as one:
        one.page.pdf(path=tmp_path / "brief.pdf", format="A4")
    words, figure = (page.extract_text() for page in PdfReader(tmp_path / "brief.pdf").pages)
    assert "What to do next" in words or results.name == "tiny"
    assert figure.startswith("The studies")
