"""Two studies left out at a time: each pair is the fit of the others, and the extreme are named."""

import math

import numpy as np
import pandas as pd
import pytest
from decision_rules import RULES
from made_up_fits import BASELINE, estimate, priors, terms_of
from scipy import stats

from livingreview.sensitivity.assumptions import assumptions_to_vary
from livingreview.sensitivity.choices import OutcomeChoices, pairs_left_out
from livingreview.sensitivity.integration import ChoiceIntegrator
from livingreview.sensitivity.sensitivity_tables import left_two_out, with_verdicts
from livingreview.tables.sensitivity import LeftTwoOut

LIMIT = math.log(RULES.practically_none_effect)
# Either of the last two alone leaves the direction open; without both of them it is clear.
STUDIES = [(0.5, 0.2), (0.5, 0.25), (0.4, 0.2), (-0.6, 0.15), (-0.6, 0.15)]


def outcome_of(studies):
    names = [f"s{i}" for i in range(len(studies))]
    terms = terms_of(*(estimate(name, *row) for name, row in zip(names, studies, strict=True)))
    return OutcomeChoices(
        name="o",
        terms=terms,
        alternatives=terms_of().assign(of_effect=None, piece=None, choice=None),
        studies=pd.DataFrame({"study_id": names, "year": range(2000, 2000 + len(names))}),
        assumptions=assumptions_to_vary(terms, BASELINE, {}, 0.5),
        priors={"planned": priors()},
        better="lower",
    )


def by_plain_sums(studies):
    """Probability that the pooled effect is above 0, on a dense grid."""
    mu, tau = np.linspace(-3, 3, 1201), np.linspace(0, 3, 1501)
    log = stats.norm.logpdf(mu, 0, 1) + stats.halfnorm.logpdf(tau, scale=0.5)[:, None]
    for y, s in studies:
        log = log + stats.norm.logpdf(y, mu, np.sqrt(s**2 + tau[:, None] ** 2))
    share = np.exp(log - log.max())
    share[0] /= 2  # trapezium: tau has an end at 0
    above = share.sum(axis=0) / share.sum()
    return above[mu > 1e-9].sum() + above[np.abs(mu) < 1e-9].sum() / 2


def test_every_pair_is_left_out_and_the_one_that_carries_the_answer_is_named():
    outcome = outcome_of(STUDIES)
    pairs = pairs_left_out(outcome)
    analysed = ChoiceIntegrator(outcome).pooled(pairs, LIMIT)
    pooled = with_verdicts(analysed.assign(size_learnt=True), RULES)
    table = left_two_out(outcome, pairs, pooled).assign(outcome="o")
    table = LeftTwoOut.validate(table[LeftTwoOut.columns()])
    assert len(table) == 10 and (table["studies"] == 3).all()
    for row in table.itertuples():
        others = [pair for i, pair in enumerate(STUDIES) if f"s{i}" not in (row.first, row.second)]
        assert row.p_above_zero == pytest.approx(by_plain_sums(others), abs=1e-3)
    [most] = table[table["extreme"] == "most"].itertuples()
    assert (most.first, most.second, most.verdict_words) == ("s3", "s4", "more")
    assert most.p_above_zero == table["p_above_zero"].max()
    [least] = table[table["extreme"] == "least"].itertuples()
    assert least.p_above_zero == table["p_above_zero"].min()


def test_of_three_studies_no_pair_is_left_out_and_of_very_many_none(monkeypatch):
    assert pairs_left_out(outcome_of(STUDIES[:3])) == []
    assert len(pairs_left_out(outcome_of(STUDIES[:4]))) == 6
    monkeypatch.setattr("livingreview.sensitivity.choices.MOST_PAIRS", 5)
    assert pairs_left_out(outcome_of(STUDIES[:4])) == []
