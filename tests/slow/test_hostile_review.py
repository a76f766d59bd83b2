"""Markup, scripts and formulas in every free text, built without a network: none of it is live."""

import csv
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hostile_review import LINK, TEXT, make_hostile
from tiny_trees import snakemake, tiny_tree

from livingreview.audit.verification import audit
from livingreview.report.pages import PAGES
from livingreview.tables.records import Ledger, Studies

pytestmark = pytest.mark.slow

OFFLINE = ("unshare", "--map-root-user", "--net")
# What the page and its figures are made of.
TAGS = (
    "a article b body button caption clippath code data dd defs desc details dfn div dl dt"
    " fieldset figcaption figure footer g h1 h2 h3 h4 head header html image input label legend"
    " li main meta nav ol p path pattern rect section span style summary svg table tbody td th"
    " thead title tr ul use"
)
ATTRIBUTES = (
    "aria-describedby aria-hidden aria-label aria-labelledby charset checked class clip-path"
    " colspan content d data-label fill height href http-equiv id lang name open patternunits"
    " popover popovertarget popovertargetaction preserveaspectratio role scope style tabindex"
    " title transform type value version viewbox width x xlink:href xmlns xmlns:xlink y"
)
LINKS = ("#", *PAGES, "https://example.org/", "data:image/png;base64,")
NUMBER = re.compile(r"[-+]?\d+(\.\d+)?(e[-+]?\d+)?|-inf")


class Page(HTMLParser):
    """Tags, attributes, links and words of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny review with hostile texts, built in an empty network namespace."""
    if subprocess.run([*OFFLINE, "true"], capture_output=True).returncode:
        pytest.skip("the kernel lets this user make no network namespace")
    folder = tiny_tree(tmp_path_factory.mktemp("hostile"))
    make_hostile(folder)
    run = snakemake(folder, within=OFFLINE)
    assert run.returncode == 0, run.stderr[-3000:]
    return folder / "results/tiny"


@pytest.fixture(scope="module")
def page(results: Path) -> Page:
    """All pages, one after the other."""
    return Page("".join((results / "8_report" / file).read_text("utf-8") for file in PAGES))


def test_the_network_namespace_is_empty(results: Path):
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=5)"
    run = subprocess.run([*OFFLINE, sys.executable, "-c", code], capture_output=True, text=True)
    assert "Network is unreachable" in run.stderr


def test_the_page_has_only_its_own_tags_and_attributes(page: Page):
    assert page.tags <= set(TAGS.split())
    assert {name for name, _ in page.attributes} <= set(ATTRIBUTES.split())


def test_the_page_links_to_addresses_alone(page: Page):
    links = [value for name, value in page.attributes if name in ("href", "xlink:href")]
    assert LINK in links
    assert [link for link in links if not link.startswith(LINKS)] == []


def test_the_page_keeps_its_content_security_policy(page: Page):
    policies = [value for _, value in page.attributes if value.startswith("default-src")]
    assert len(policies) == len(PAGES)
    assert set(policies) == {
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
        " form-action 'none'"
    }


def test_the_page_says_each_text_as_it_was_given(page: Page):
    words = " ".join(page.words.split())
    assert words.count(" ".join(TEXT.split())) > 40


def test_no_table_holds_a_formula(results: Path):
    tables = sorted(results.glob("[1-8]_*/*.csv"))
    assert len(tables) > 20
    for path in tables:
        with path.open(encoding="utf-8", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        live = [c for c in cells if c.startswith(tuple("=+-@\t\r")) and not NUMBER.fullmatch(c)]
        assert live == [], path


def test_tables_are_read_back_as_they_were_meant(results: Path):
    studies = Studies.read(results / "1_records/studies.csv")
    assert set(studies["label"]) == {TEXT}
    ledger = Ledger.read(results / "1_records/ledger.csv")
    assert set(ledger["source_url"]) == {LINK}


def test_the_results_pass_the_audit(results: Path):
    assert audit(results, results.parents[1]).claims > 40
