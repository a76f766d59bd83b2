"""What would be if results went unprinted is told as the table has it."""

import pandas as pd

from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claims
from livingreview.report.sentences.printing import printing_rows, printing_sentences
from livingreview.tables.sensitivity import FixedWeights, VariedOutcomes

NAME = "police_recorded"
ROWS = [
    # sides, weight, 2.5%, 50%, 97.5%, P(more)
    ("two_sided", 1.0, -0.3, 0.4, 1.1, 0.88),
    ("two_sided", 0.1, -0.5, 0.1, 0.8, 0.6),
    ("one_sided", 1.0, -0.3, 0.4, 1.1, 0.88),
    ("one_sided", 0.1, -0.2, 0.6, 1.4, 0.94),
]


def claims(rows=ROWS, learnt=True, **status):
    columns = ["sides", "weight", "q2_5", "q50", "q97_5", "p_above_zero"]
    table = pd.DataFrame(rows, columns=columns).assign(outcome=NAME, size_learnt=learnt)
    told = pd.DataFrame([{"outcome": NAME, "status": "varied", "reason": None} | status])
    return Claims({FixedWeights.file: table, VariedOutcomes.file: told})


def test_union_is_from_the_lowest_to_the_highest_end(protocol: Protocol):
    said = {k: str(s) for k, s in printing_sentences(claims(), protocol, NAME).items()}
    assert said["union"].startswith("From 0.61 to 4.1: within these bounds lie")
    assert said["union"].endswith("The probability of more runs from 60% to 94%.")
    assert "Nothing here says how many results are missing" in said["limits"]


def test_without_a_size_only_the_probability_is_told(protocol: Protocol):
    nothing = claims(learnt=False)
    said = {k: str(s) for k, s in printing_sentences(nothing, protocol, NAME).items()}
    assert said["union"] == "The probability of more runs from 60% to 94%."
    assert {str(row["size"]) for row in printing_rows(nothing, protocol)} == {
        "these studies do not tell how large"
    }


def test_one_sided_weights_name_the_better_direction(protocol: Protocol):
    better = protocol.outcomes[NAME].better
    said = str(printing_sentences(claims(), protocol, NAME)["sides"])
    assert ("significant results of less" in said) == (better == "lower")
    rows = printing_rows(claims(), protocol)
    assert [str(row["weight"]) for row in rows] == ["all", "10%", "all", "10%"]
    assert rows[0]["always"] == "significant results"
    assert rows[3]["always"] == "significant results of less only"


def test_an_outcome_that_was_not_varied_is_told_with_the_reason(protocol: Protocol):
    nothing = claims([], status="refused", reason="it is too wide")
    [said] = printing_sentences(nothing, protocol, NAME).values()
    assert str(said) == "Not assessed, as it is too wide."
    assert printing_rows(nothing, protocol) == []
