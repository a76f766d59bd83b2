"""Every number on a page is a claim, a quotation, or of a fixed wording."""

import pytest

from livingreview.audit.printed_page import printed_claims
from livingreview.audit.unclaimed import FIXED, protocol_wordings, unclaimed_numbers

CLAIM = '<data class="claim" value="0.6607" title="a.csv, fit=b, c">0.66</data>'
PAGE = f"""<html><head><style>p {{ margin: 12px }}</style></head><body>
<p>The odds ratio is {CLAIM}, with a 95% interval; above 1
means <b>more</b>.</p>
<svg><text>0.25</text><g><path d="M 3 4"/></g></svg>
<ul><li>Alpha 2020, page 12.</li></ul>
</body></html>"""
QUOTED = ["Alpha 2020, page 12", "7"]


def test_nothing_is_found_on_a_page_of_claims_and_quotations():
    assert unclaimed_numbers(PAGE, QUOTED, list(FIXED)) == []


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("<p>It rests on 7 studies.</p>", "7"),
        ("<td>1,204.5</td>", "1,204.5"),
        ("<h2>Less by 34%</h2>", "34%"),
        ("<p>Alpha 2021, page 12.</p>", "2021"),
        ("<p>A 90% interval</p>", "90%"),
        ("<p>above 1.5</p>", "1.5"),
        ('<p><data value="3">3</data> studies</p>', "3"),
    ],
)
def test_a_planted_number_is_found(planted: str, found: str):
    page = PAGE.replace("</body>", f"{planted}</body>")
    assert found in [number for number, _ in unclaimed_numbers(page, QUOTED, list(FIXED))]


def test_a_claim_is_read_with_the_words_around_it():
    [claim] = printed_claims(PAGE)
    assert (claim.title, claim.value, claim.text) == ("a.csv, fit=b, c", "0.6607", "0.66")
    assert claim.around == "The odds ratio is 0.66, with a 95% interval; above 1 means more."


def test_numbers_of_the_protocol_are_allowed_in_its_words_only():
    protocol = {
        "decisions": {"practically_none_effect": 1.25},
        "sensitivity": {"decisive_probability": 0.9},
        "outcomes": {
            "a": {"measure": "odds_ratio", "unit": None, "baseline": {"cited": {"months": 6.0}}},
            "b": {"baseline": {"cited": None}},
        },
        "moderators": {
            "age": {
                "label": "Mean age",
                "kind": "numeric",
                "centre": 33.46,
                "per": 10.0,
                "unit": "years",
            },
            "sex": {"label": "Sex", "kind": "categorical"},
        },
        "search": {"last": "2026-01-15"},
        "certainty": {"interest": {"relapse": {"published_since": 2015}}},
    }
    fixed = protocol_wordings(protocol)
    assert unclaimed_numbers("<p>published before 2015: none</p>", [], fixed) == []
    assert unclaimed_numbers("<p>published before 2016: none</p>", [], fixed)
    searched = "<p>Studies were last searched for on {}.</p>"
    assert unclaimed_numbers(searched.format("2026-01-15"), [], fixed) == []
    assert unclaimed_numbers(searched.format("2025-01-15"), [], fixed)
    assert unclaimed_numbers("<p>between 0.80 and 1.25, within 6 months</p>", [], fixed) == []
    assert unclaimed_numbers("<td>Mean age 33.5 years</td><td>per 10 years</td>", [], fixed) == []
    assert unclaimed_numbers("<td>Mean age 43.5 years</td>", [], fixed)
    assert unclaimed_numbers("<p>between 0.70 and 1.25, within 9 months</p>", [], fixed)
