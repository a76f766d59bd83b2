"""The protocol's rules decide which words a posterior earns."""

import math

import pytest
from decision_rules import MODERATOR_RULES, PUBLISHED_RULES, SIZE_RULE

from livingreview.base.rounding import beside
from livingreview.protocol.decisions import Decisions, Verdict
from livingreview.synthesis.verdicts import verdict

RULES = Decisions(
    practically_none_effect=1.1,
    practically_none_probability=0.8,
    practically_none="no difference",
    verdicts=[
        Verdict(id="clear", probability=0.975, words="{direction}"),
        Verdict(id="probable", probability=0.9, words="probably {direction}"),
        Verdict(id="leaning", probability=0.75, words="leans to {direction}"),
    ],
    no_verdict="cannot tell",
    fewest_studies_for_a_verdict=3,
    few_studies="too few; leans to {direction}",
    size=SIZE_RULE,
    moderators=MODERATOR_RULES,
    published=PUBLISHED_RULES,
    reason="Made up.",
)


@pytest.mark.parametrize(
    ("value", "limit", "text"),
    [(0.8959, 0.9, "0.896"), (0.85, 0.9, "0.85"), (0.9, 0.9, "0.90"), (0.9 - 1e-9, 0.9, "0.90")],
)
def test_a_number_beside_a_limit_differs_from_it_where_it_does(value, limit, text):
    assert beside(value, limit) == text


@pytest.mark.parametrize(
    ("more", "none", "studies", "earned"),
    [
        (0.98, 0.1, 3, ("clear", "more", "more")),
        (0.975, 0.1, 3, ("clear", "more", "more")),
        (0.974, 0.1, 3, ("probable", "more", "probably more")),
        (0.899, 0.1, 3, ("leaning", "more", "leans to more")),
        (0.02, 0.1, 3, ("clear", "less", "less")),
        (0.25, 0.1, 3, ("leaning", "less", "leans to less")),
        (0.749, 0.1, 3, ("no_verdict", "", "cannot tell")),
        (0.5, 0.1, 30, ("no_verdict", "", "cannot tell")),
        (0.99, 0.8, 3, ("practically_none", "", "no difference")),
        (0.99, 0.79, 3, ("clear", "more", "more")),
        (0.99, 0.1, 2, ("few_studies", "more", "too few; leans to more")),
        (0.01, 0.9, 2, ("few_studies", "less", "too few; leans to less")),
        (0.6, 0.9, 2, ("no_verdict", "", "cannot tell")),
        # Of a size that no study tells.
        (0.6, math.nan, 3, ("no_verdict", "", "cannot tell")),
        (0.8, math.nan, 3, ("leaning", "more", "leans to more")),
    ],
)
def test_verdict(more: float, none: float, studies: int, earned: tuple[str, str, str]):
    found = verdict(more, 1 - more, none, studies, RULES)
    assert (found.id, found.direction, found.words) == earned


def test_words_of_a_verdict_fit_the_outcome():
    sides = {"less": "lower", "more": "higher"}
    for more, words in ((0.8, "leans to higher"), (0.2, "leans to lower")):
        found = verdict(more, 1 - more, math.nan, 3, RULES, sides)
        assert found.words == words and found.direction in sides
