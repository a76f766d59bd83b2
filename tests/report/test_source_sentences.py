"""Where numbers come from is named as what it is, and what is missing is said to be missing."""

import datetime

import pandas as pd
import pytest
from conftest import ROOT

from livingreview.base.documents import read_document
from livingreview.base.validation import validated
from livingreview.protocol.conduct import Conduct
from livingreview.protocol.review import Protocol
from livingreview.protocol.search import Search
from livingreview.records.narrative import Dimension, Emmie, Narrative, Rating
from livingreview.report.claims import Claims
from livingreview.report.sentences.sources import kind_of_review, provenance, source_sentences
from livingreview.tables.records import Ledger

TINY = ROOT / "tests/tiny_review"
PROTOCOL = validated(read_document(TINY / "protocol.yaml"), Protocol, "tiny")
NARRATIVE = validated(read_document(TINY / "narrative.yaml"), Narrative)
DAY = datetime.date(2026, 11, 28)


def read_in(*kinds: str, narrative: Narrative = NARRATIVE) -> list[str]:
    claims = Claims({Ledger.file: pd.DataFrame({"source_kind": [*kinds]})})
    return [str(s) for s in source_sentences(claims, narrative).values()]


def test_without_a_full_text_that_is_the_first_thing_said():
    assert read_in("blog", "abstract", "blog", "press release") == [
        "None of the 4 values on record was read in the full text of a study.",
        "Where they were read: blog 2, abstract 1, press release 1.",
    ]


def test_full_texts_are_counted_against_all():
    assert read_in("full text", "full text", "abstract") == [
        "Read in the full text of a study: 2 of 3 values on record.",
        "The others: abstract 1.",
    ]
    assert read_in("full text") == ["Read in the full text of a study: 1 of 1 values on record."]


def test_without_values_none_is_counted():
    assert read_in() == ["No value is on record."]


def test_a_rating_of_the_effect_is_said_to_be_about_methods():
    source = NARRATIVE.focus.sources[0]
    rating = Rating(citation="Toolkit page", source=source, scale_checked=True, scale_note="Read.")
    rated = Emmie(rating=rating, effect=Dimension(rated="very strong"))
    *_, words = read_in("blog", narrative=NARRATIVE.model_copy(update={"emmie": rated}))
    assert words == (
        "“Very strong” (Toolkit page) rates the methods of that review, not the evidence."
    )


@pytest.mark.parametrize(
    ("search", "kind"),
    [
        (Search(), "Evidence review"),
        (Search(last=DAY), "Evidence review"),
        (Search(next="every year"), "Evidence review"),
        (Search(last=DAY, next="every year"), "Living evidence review"),
    ],
)
def test_only_a_review_that_searches_and_will_again_is_called_living(search: Search, kind: str):
    protocol = PROTOCOL.model_copy(update={"search": search})
    assert kind_of_review(protocol) == kind
    is_denied = "not called living" in provenance(protocol)["Next search"]
    assert is_denied == (search.next is None)


def test_what_the_protocol_does_not_say_is_said_to_be_missing():
    assert provenance(PROTOCOL.model_copy(update={"search": Search()})) == {
        "Authors": "not stated",
        "Funding": "not stated",
        "Interests": "not stated",
        "Registration": "not stated",
        "Last search": "day not recorded",
        "Next search": "no rule is set, so this review is not called living",
        "Date": "not stated",
    }


def test_what_it_says_is_printed_as_it_stands():
    conduct = Conduct(authors="A team", funding="None", version=DAY)
    search = Search(last=DAY, next="in May", note="By hand.")
    told = provenance(PROTOCOL.model_copy(update={"conduct": conduct, "search": search}))
    assert (told["Authors"], told["Funding"], told["Interests"]) == ("A team", "None", "not stated")
    assert told["Last search"] == "searched for on 2026-11-28. By hand."
    assert (told["Next search"], told["Date"]) == ("in May", "version of 2026-11-28")
