"""Fixed printing weights: what is planned, what each side means, and how far weights reach."""

import math

import numpy as np
import pandas as pd
import pytest
from made_up_fits import BASELINE, estimate, finding, priors, terms_of

from livingreview.sensitivity.assumptions import assumptions_to_vary
from livingreview.sensitivity.choices import OutcomeChoices
from livingreview.sensitivity.fixed_weights import fixed_weights
from livingreview.sensitivity.integration import ChoiceIntegrator
from livingreview.tables.sensitivity import FixedWeights

LIMIT = math.log(1.1)
WEIGHTS = [1.0, 0.5, 0.1]
# A field in which what is printed says more, two times of three significantly.
MORE = [estimate("a", 0.7, 0.25), estimate("b", 0.6, 0.2), finding("c", 0.0, np.inf, 200.0)]


def table(studies, better="lower"):
    terms = terms_of(*studies)
    outcome = OutcomeChoices(
        name="o",
        terms=terms,
        alternatives=terms_of().assign(of_effect=None, piece=None, choice=None),
        studies=pd.DataFrame({"study_id": list("abc"), "year": [2001, 2002, 2003]}),
        assumptions=assumptions_to_vary(terms, BASELINE, {}, 0.5),
        priors={"planned": priors()},
        better=better,
    )
    pooled = ChoiceIntegrator(outcome).pooled([outcome.planned], LIMIT)
    planned = pooled.drop(columns=["p_practically_none", "numbers"]).iloc[0]
    weights = fixed_weights(outcome, WEIGHTS, planned, LIMIT)
    return planned, FixedWeights.validate(
        weights.assign(outcome="o", size_learnt=True)[FixedWeights.columns()]
    )


def test_one_row_for_each_weight_and_side_and_the_first_is_planned():
    planned, rows = table(MORE)
    assert rows[["sides", "weight"]].to_records(index=False).tolist() == [
        (sides, weight) for sides in ("two_sided", "one_sided") for weight in WEIGHTS
    ]
    assert rows["stands_still"].all() and (rows["studies"] == 3).all()
    for _, row in rows[rows["weight"] == 1].iterrows():
        assert row[planned.index].tolist() == planned.tolist()
    assert (rows["p_above_zero"] + rows["p_below_zero"]).to_numpy() == pytest.approx(1)


def test_the_less_is_printed_the_nearer_is_the_answer_to_none():
    _, rows = table(MORE)
    medians = rows[rows["sides"] == "two_sided"]["q50"].to_numpy()
    assert (np.diff(medians) < -0.02).all() and medians[-1] > 0


def test_one_sided_weights_fear_for_what_the_outcome_calls_worse():
    # Where less is better and always printed, what was printed of more is a part of it only.
    less_is_better, more_is_better = (table(MORE, better)[1] for better in ("lower", "higher"))
    for rows, sign in ((less_is_better, 1), (more_is_better, -1)):
        medians = rows[rows["sides"] == "one_sided"]["q50"].to_numpy()
        assert (sign * np.diff(medians) > 0.005).all()
