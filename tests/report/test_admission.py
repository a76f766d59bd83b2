"""Whether the toolkit would admit a review: what is counted, and what was read."""

import pandas as pd
import pytest
from conftest import ROOT

from livingreview.base.documents import read_document
from livingreview.base.types import Source
from livingreview.base.validation import validated
from livingreview.protocol.review import Protocol
from livingreview.records.narrative import Admission, Fact
from livingreview.report.admission import admission_table
from livingreview.tables.report import AdmissionItems

PROTOCOL = validated(read_document(ROOT / "tests/tiny_review/protocol.yaml"), Protocol, "tiny")
SOURCE = Source(url="https://example.org", locator="section", kind="abstract")
READ = Admission(
    one_intervention=Fact(id="one", question="One?", met=True, words="One only.", source=SOURCE),
    crime_outcomes=["relapse"],
    source=SOURCE,
)


def items(
    studies: list[str], numbers: list[bool], search: dict | None = None, read: Admission = READ
) -> pd.DataFrame:
    effects = pd.DataFrame({"study_id": studies, "status": "analysed"})
    tables = {
        "1_records/effects.csv": effects,
        "2_effects/relapse.precision.csv": pd.DataFrame({"has_number": numbers}),
        "2_effects/recovery.precision.csv": pd.DataFrame({"has_number": [True]}),
    }
    changed = PROTOCOL.search.model_copy(update=search or {})
    protocol = PROTOCOL.model_copy(update={"search": changed})
    found = admission_table(protocol, tables, read)
    return AdmissionItems.validate(found).set_index("item")


def test_a_review_with_all_of_it_is_admitted():
    found = items(["a", "b"], [False, True])
    assert found["met"].all()
    assert list(found.index) == [
        "one_intervention",
        "studies",
        "methods",
        "sources",
        "terms",
        "crime_measure",
    ]


@pytest.mark.parametrize(
    ("changes", "unmet"),
    [
        ({"studies": ["a", "a"]}, "studies"),  # two effects of one study
        ({"search": {"sources": []}}, "sources"),
        ({"search": {"terms": []}}, "terms"),
        # A number on another outcome is none on crime.
        ({"numbers": [False, False]}, "crime_measure"),
    ],
)
def test_each_item_can_be_missed(changes, unmet):
    found = items(**({"studies": ["a", "b"], "numbers": [True]} | changes))
    assert list(found.index[~found["met"]]) == [unmet]


def test_what_was_read_has_its_page_and_what_was_counted_its_file():
    several = READ.one_intervention.model_copy(update={"met": False})
    found = items(["a", "b"], [True], read=READ.model_copy(update={"one_intervention": several}))
    one = found.loc["one_intervention"]
    assert (one["met"], one["file"], one["words"]) == (False, "https://example.org", "One only.")
    assert found.loc["studies", ["found", "fewest"]].tolist() == [2, 2]
