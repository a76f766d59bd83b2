"""Where a reported value stands in its record, in words."""

from itertools import islice

import pytest

from livingreview.report.study_records import _letters, place_in_words


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("effects[0].evidence[1].direction", "direction"),
        ("effects[2].evidence[0].sizes[1].treated", "sizes, second: treated"),
        ("effects[0].evidence[0].sizes[7].control", "sizes, eighth: control"),
        # No ninth is called the first.
        ("effects[0].evidence[0].sizes[8].control", "sizes, a later one: control"),
    ],
)
def test_place_of_a_value_in_words(location: str, words: str):
    assert place_in_words(location) == words


def test_letters_of_sources_never_run_out():
    letters = list(islice(_letters(), 28))
    assert letters[:3] + letters[25:] == ["A", "B", "C", "Z", "AA", "AB"]
