"""The bias that changes a verdict: put into the data by hand, and what lies on either side."""

import math

import numpy as np
import pandas as pd
import pytest
from decision_rules import RULES
from made_up_fits import BASELINE, counts, estimate, finding, plain_design, priors, terms_of

from livingreview.base.measures import ODDS_RATIO
from livingreview.effects.data_set import dataset
from livingreview.models.quadrature.engine import answer
from livingreview.models.quadrature.locations import likelihoods_of
from livingreview.protocol.sensitivity import LargestBias
from livingreview.sensitivity.flipping_bias import flipping_bias
from livingreview.synthesis.verdicts import verdict
from livingreview.tables.sensitivity import FlippingBias

LIMIT = ODDS_RATIO.limit_on_line
OTHERS = [estimate("a", 0.15, 0.2), finding("b", 0.0, np.inf, 100.0), counts("c", 30, 90, 25, 95)]


def found(terms, high_risk, largest=10.0):
    rules = LargestBias(largest=largest, reason="Invented.")
    data = dataset(terms, BASELINE, 0.5)
    table = flipping_bias(
        likelihoods_of([data]), frozenset(high_risk), priors(), rules, RULES, ODDS_RATIO, True
    )
    table = FlippingBias.validate(table.assign(outcome="o")[FlippingBias.columns()])
    return table.set_index("reports_are")


def verdict_of(terms):
    """Verdict by a single fit of these terms."""
    data = dataset(terms, BASELINE, 0.5)
    mu = answer(data, plain_design(data), priors(), LIMIT).quantities["mu"]
    p = [mu[f"p_{name}"] for name in ("above_zero", "below_zero", "practically_none")]
    return verdict(*p, len(data.studies), RULES)


def test_estimates_moved_by_hand_change_the_verdict_there_and_not_before():
    def with_bias(shift):
        return terms_of(*OTHERS, estimate("d", 0.3 - shift, 0.2), estimate("e", 0.2 - shift, 0.3))

    table = found(with_bias(0.0), "de")
    now = verdict_of(with_bias(0.0))
    for side, sign in (("too_high", 1), ("too_low", -1)):
        row = table.loc[side]
        assert row["verdict_now"] == now.words and row["stands_still"]
        assert row["high_risk"] == 2 and row["studies"] == 5
        assert np.sign(row["shift"]) == sign
        assert verdict_of(with_bias(row["shift"])).words == row["verdict_then"] != now.words
        assert verdict_of(with_bias(row["shift"] - sign * 0.006)) == now


def test_the_shift_of_a_study_without_a_number_is_that_of_its_likelihood():
    # Counts of many people are an estimate by another form: both are moved to the same place.
    treated, control = 620, 500
    value = math.log(treated / (1000 - treated)) - math.log(control / (1000 - control))
    error = math.sqrt(sum(1 / x for x in (treated, 1000 - treated, control, 1000 - control)))
    shifts = [
        found(terms_of(*OTHERS, study), "d")["shift"]
        for study in (counts("d", treated, 1000, control, 1000), estimate("d", value, error))
    ]
    assert shifts[0].notna().any()
    pd.testing.assert_series_equal(*shifts, atol=0.011)


def test_without_studies_at_high_risk_or_a_larger_bias_nothing_is_found():
    terms = terms_of(*OTHERS, estimate("d", 0.7, 0.2))
    none = found(terms, ())
    assert none["shift"].isna().all()
    assert set(none["reason"]) == {"no study is at high risk of bias"}
    small = found(terms, "d", largest=1.01)
    assert small["shift"].isna().all()
    assert set(small["reason"]) == {"no shift up to the largest changes the verdict"}


@pytest.mark.long
def test_a_study_with_several_effects_is_shifted_as_a_whole():
    def with_bias(shift):
        several = [
            row | {"effect_id": f"d/{i}"}
            for i, value in enumerate((0.7, 0.5))
            for row in estimate("d", value - shift, 0.2)
        ]
        return terms_of(estimate("a", 0.1, 0.2), estimate("c", 0.0, 0.3), several)

    row = found(with_bias(0.0), "d").loc["too_high"]
    now = verdict_of(with_bias(0.0))
    assert verdict_of(with_bias(row["shift"])) != now
    assert verdict_of(with_bias(row["shift"] - 0.006)) == now
