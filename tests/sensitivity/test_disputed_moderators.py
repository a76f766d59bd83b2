"""A moderator that sources contradict is analysed both ways, each answer that of its own data."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from decision_rules import NO_SIZES

from livingreview.base.measures import ODDS_RATIO
from livingreview.protocol.decisions import ModeratorDecisions
from livingreview.protocol.models import ModelSpecification, Priors
from livingreview.protocol.moderators import Coding
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior
from livingreview.sensitivity.disputed_moderators import ModeratorEvidence, disputed_moderators
from livingreview.tables.effects import Terms
from livingreview.tables.records import ModeratorValues
from livingreview.tables.sensitivity import DisputedModerators

# Priors that say next to nothing, and no spread: the coefficient is then the difference of two
# means, each weighted by precision.
PRIORS = Priors(
    mu=Prior.parse("normal(0, 20)"),
    beta=Prior.parse("normal(0, 20)"),
    tau=Prior.parse("half_normal(0.0001)"),
)
PLACE = Coding(kind="categorical", levels=["town", "village"])
BASELINE = BaselinePriors(
    findings=Prior.parse("normal(-1, 1)"), counts=Prior.parse("normal(-1, 10)")
)
VALUES = np.array([0.1, 0.3, -0.2, 0.9, 1.1, 0.7])
ERRORS = np.array([0.2, 0.25, 0.3, 0.2, 0.3, 0.25])
NAMES = [f"s{i}" for i in range(6)]
PLACES = ["town", "town", "town", "village", "village", "village"]
MODELS = {
    "place": ModelSpecification(moderators={"place": PLACE}, priors=PRIORS),
    "shrunk": ModelSpecification(
        kind="shrinkage", global_scale=0.3, moderators={"place": PLACE}, priors=PRIORS
    ),
    "overall": ModelSpecification(moderators={}, priors=PRIORS),
}


def row(status: str, value: str | None, **holder: str) -> dict:
    source = {"record_file": "s.yaml", "record_line": 1}
    return {"study_id": "s2", "moderator": "place", "status": status, "value": value} | (
        holder | source
    )


DISPUTE = [row("analysed", "town"), row("alternative", "village")]


@pytest.fixture
def rules(protocol) -> ModeratorDecisions:
    return protocol.decisions.moderators


def evidence(values: list[dict], effects: list[str] | None = None) -> ModeratorEvidence:
    rows = [
        {"term_id": name, "effect_id": effect, "study_id": name, "outcome": "o"}
        | {"likelihood": "normal", "value": value, "standard_error": error}
        for name, effect, value, error in zip(
            NAMES, effects or [f"{n}/o" for n in NAMES], VALUES, ERRORS, strict=True
        )
    ]
    studies = pd.DataFrame({"study_id": NAMES, "moderator_place": PLACES})
    values = ModeratorValues.validate(ModeratorValues.frame(values))
    return ModeratorEvidence("o", studies, values, Terms.frame(rows), BASELINE)


def answers(values: list[dict], rules: ModeratorDecisions) -> pd.DataFrame:
    table = disputed_moderators(
        evidence(values), MODELS, {"place": PLACE}, rules, ODDS_RATIO, NO_SIZES
    )
    return DisputedModerators.validate(table)


def test_an_outcome_without_studies_has_no_rows(rules):
    nothing = replace(evidence(DISPUTE), outcome="n", terms=Terms.frame([]))
    assert disputed_moderators(nothing, MODELS, {"place": PLACE}, rules, ODDS_RATIO, NO_SIZES).empty


def difference(village: list[int]) -> float:
    """Weighted mean of some studies less that of the others."""
    of_village, weight = np.isin(np.arange(6), village), ERRORS**-2
    means = [np.average(VALUES[side], weights=weight[side]) for side in (of_village, ~of_village)]
    return float(np.exp(means[0] - means[1]))


def test_both_readings_are_answered_each_from_its_own_sides(rules):
    table = answers(DISPUTE, rules)
    town, village = table[table["model"] == "place"].to_dict("records")
    assert (town["value"], town["reading"]) == ("town", "analysed")
    assert (village["value"], village["reading"]) == ("village", "alternative")
    assert town["comparison"] == pytest.approx(difference([3, 4, 5]), rel=2e-3)
    assert village["comparison"] == pytest.approx(difference([2, 3, 4, 5]), rel=2e-3)
    assert (town["studies_level"], village["studies_level"]) == (3, 4)
    assert (town["verdict"], village["verdict"]) == ("supported", "suggested")
    # A model that is sampled only says so, and one without the moderator is not there.
    shrunk = table[table["model"] == "shrunk"]
    assert shrunk["refused"].tolist() == ["a shrinkage model is sampled only"] * 2
    assert set(table["model"]) == {"place", "shrunk"}


def test_of_an_effect_the_dispute_is_on_its_own_value(rules):
    of_effect = [
        row(*pair, effect_id="s2/o") for pair in (("analysed", None), ("alternative", "town"))
    ]
    unknown, town = answers(of_effect, rules).query("model == 'place'").to_dict("records")
    assert unknown["comparison"] == pytest.approx(
        np.exp(
            np.average(VALUES[3:], weights=ERRORS[3:] ** -2)
            - np.average(VALUES[:2], weights=ERRORS[:2] ** -2)
        ),
        rel=2e-3,
    )
    assert pd.isna(unknown["value"])
    assert town["comparison"] == pytest.approx(difference([3, 4, 5]), rel=2e-3)
    assert set(answers(of_effect, rules)["effect_id"]) == {"s2/o"}


def test_a_value_of_an_effect_that_nobody_disputes_is_no_dispute(rules):
    assert answers([row("analysed", "village", effect_id="s2/o")], rules).empty
    assert answers([], rules).empty


def test_a_study_without_an_effect_on_the_outcome_is_passed_over(rules):
    elsewhere = [given | {"study_id": "s9"} for given in DISPUTE]
    assert answers(elsewhere, rules).empty
