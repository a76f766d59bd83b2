"""People behind each effect, and the smallest effect that it could have called significant."""

import math

import pandas as pd
import pytest

from livingreview.effects.precision import precision_table
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior
from livingreview.tables.effects import Precision, Terms

PRIORS = BaselinePriors(
    findings=Prior(family="normal", arguments=(math.log(0.28 / 0.72), 0.75)),
    counts=Prior(family="normal", arguments=(0.0, 10.0)),
    sizes=Prior(family="log_normal", arguments=(math.log(200), 0.5)),
)


def table(*terms: dict) -> pd.DataFrame:
    """Precision of made-up terms of one outcome."""
    rows = [
        {"term_id": f"t{i}", "study_id": f"s{i}", "outcome": "o", "kind": "k", "formula": "f"} | row
        for i, row in enumerate(terms)
    ]
    frame = Terms.frame(rows).infer_objects()
    return Precision.validate(precision_table(frame, PRIORS)).set_index("effect_id")


def statement(effect: str, treated: float, control: float, most: float = math.nan) -> dict:
    """A significant increase."""
    return {
        "effect_id": effect,
        "baseline_id": effect,
        "likelihood": "interval",
        "z_low": 1.96,
        "z_high": math.inf,
        "n_treated": treated,
        "n_control": control,
        "most_treated": most,
        "most_control": most,
    }


def test_a_statement_is_as_precise_as_its_groups():
    found = table(statement("a", 150, 148), statement("b", 15, 14)).loc["a"]
    error = math.sqrt((1 / 150 + 1 / 148) / (0.28 * 0.72))
    assert found["standard_error"] == pytest.approx(error)
    assert found["smallest_significant"] == pytest.approx(1.96 * error)
    # Exactly: a share of people is held against a limit that it may meet.
    assert (found["people"], found["people_known"], found["has_number"]) == (298, True, False)


@pytest.mark.parametrize("size", [400, 443, 77, 3])
def test_people_of_known_groups_lose_no_digit(size):
    assert table(statement("a", size, size)).loc["a", "people"] == 2 * size


def test_sizes_that_nobody_gives_are_those_of_the_middle_of_their_prior():
    found = table(statement("a", math.nan, math.nan)).loc["a"]
    assert found["people"] == pytest.approx(400, rel=1e-3)
    assert not found["people_known"]
    error = math.sqrt(2 / 200 / (0.28 * 0.72))
    assert found["standard_error"] == pytest.approx(error, rel=1e-3)


def test_planned_sizes_bound_those_that_nobody_gives():
    found = table(statement("a", math.nan, math.nan, most=150)).loc["a"]
    assert found["people"] < 300


def test_counts_have_the_error_of_their_table():
    arms = [
        {"effect_id": None, "treated": 0, "events": 35, "total": 100, "arm": "none"},
        {"effect_id": "a", "treated": 1, "events": 20, "total": 100, "arm": "pill"},
    ]
    shared = {"likelihood": "binomial", "baseline_id": "c", "study_id": "s"}
    found = table(*(shared | arm for arm in arms)).loc["a"]
    woolf = math.sqrt(1 / 35 + 1 / 65 + 1 / 20 + 1 / 80)
    assert found["standard_error"] == pytest.approx(woolf)
    assert (found["people"], found["people_known"], found["events"]) == (200, True, 55)
    assert found["has_number"]


def test_an_outcome_without_effects_has_an_empty_table():
    assert table().empty
