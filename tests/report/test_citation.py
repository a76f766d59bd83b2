"""A citation names the commit, and whether files differed from it."""

import yaml
from conftest import ROOT

from livingreview.report.citation import citation_bibtex, citation_text

COMMIT = {"commit": "0123456789abcdef", "date": "2026-11-24", "uncommitted_changes": False}
NOWHERE = {"commit": None, "date": None, "uncommitted_changes": None}
CITED = {
    "authors": [{"family-names": "Doe", "given-names": "Jo"}, {"name": "A team"}],
    "version": "1.2",
}


def test_text_names_authors_title_version_and_commit():
    assert citation_text(CITED, "A question", COMMIT) == (
        "Jo Doe, A team. A question: a living evidence review. Version 1.2, commit 0123456789ab of"
        " 2026-11-24."
    )


def test_changed_files_and_a_missing_repository_are_told():
    changed = COMMIT | {"uncommitted_changes": True}
    assert citation_text(CITED, "A", changed).endswith("2026-11-24, with uncommitted changes.")
    assert citation_text(CITED, "A", NOWHERE).endswith("built outside of a repository.")
    assert "year" not in citation_bibtex(CITED, "A", NOWHERE, "a")


def test_bibtex_keeps_a_group_together_and_has_the_year_of_the_commit():
    lines = citation_bibtex(CITED, "A question", COMMIT, "question").splitlines()
    assert lines[:3] == [
        "@misc{question,",
        "  author = {Doe, Jo and {A team}},",
        "  title = {{A question: a living evidence review}},",
    ]
    assert lines[-2:] == ["  year = {2026},", "}"]


def test_the_shipped_citation_file_has_what_is_needed():
    shipped = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert shipped["authors"][0]["name"] in citation_text(shipped, "A", COMMIT)
