"""The measure of readability counts as people speak, by the published formula."""

import pytest
from readability import grade, sentences, syllables

SAID = {
    1: "the be one used changed pooled more these choice whole judged eye leans wise years",
    2: "table tables police abuse settle settled without statement listed reason people places "
    "single able noted needed rises judges trial trials seeing create science household surely "
    "studies movement",
    3: "recorded interval ratio evidence direction difference estimate theory various "
    "area idea latitude period variance violence agreement services 0.73",
    4: "practically significance significant analyses experiment experience combination 1,668",
    5: "probability tuberculosis experimental",
}


@pytest.mark.parametrize(("count", "words"), SAID.items())
def test_syllables_are_those_that_are_spoken(count: int, words: str):
    counted = {word: syllables(word) for word in words.split()}
    assert counted == dict.fromkeys(words.split(), count)


def test_grade_is_that_of_the_published_formula():
    # 10 words in 2 sentences, 13 syllables: 0.39 × 5 + 11.8 × 1.3 − 15.59.
    text = "The police came to the home. They saw nobody there."
    assert grade(text) == pytest.approx(0.39 * 5 + 11.8 * 1.3 - 15.59)


def test_a_decimal_point_ends_no_sentence():
    assert len(sentences("It is 0.73. Is that much? No!")) == 3
