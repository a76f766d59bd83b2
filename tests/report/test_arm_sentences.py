"""Each arm is told where it changes the studies, and what would take a verdict away is counted."""

import math

import numpy as np
import pandas as pd
import pytest

from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claims, Sentence
from livingreview.report.sentences.arms import arm_sentences, arms_by_outcome

NAME, OTHER = "police_recorded", "victim_reported"


def pooled(q50: float, above: float, words: str, studies: int = 8) -> dict:
    quantiles = {"q2_5": q50 - 1, "q5": q50 - 0.8, "q50": q50, "q95": q50 + 0.8, "q97_5": q50 + 1}
    numbers = {"p_above_zero": above, "p_below_zero": 1 - above, "tau": 0.3, "studies": studies}
    return {"outcome": NAME, **quantiles, **numbers, "verdict": "leaning", "verdict_words": words}


def arm(analysis: str, variant: str, *numbers) -> dict:
    return {"analysis": analysis, "variant": variant} | pooled(*numbers)


PLANNED = arm("planned", "as planned", 0.36, 0.86, "leans to more", 10)
UNREPORTED = {
    "outcome": NAME,
    "direction": "more",
    "p_now": 0.86,
    "probability": 0.75,
    "unreported": 12,
    "most": 100,
    "p_at_most": 0.6,
}
BIAS = [
    {"outcome": NAME, "reports_are": side, "high_risk": 2, "shift": shift, "verdict_then": words}
    | {"largest": 10.0}
    for side, shift, words in (("too_high", math.log(2), "cannot tell"), ("too_low", np.nan, None))
]


def tables_of(
    *arms: dict, pairs=(), unreported=UNREPORTED, bias=BIAS, learnt=True, planned=PLANNED
) -> dict[str, pd.DataFrame]:
    records = {"study_id": ["alpha", "beta"], "label": ["Alpha 2001", "Beta 2002"]}
    records |= {"eligibility": ["May not count.", "Counts."], "notes": ["Gone by a year.", None]}
    columns = ["outcome", "first", "second", "extreme", *pooled(0, 0.5, "")]
    return {
        "1_records/studies.csv": pd.DataFrame(records),
        "6_sensitivity/variations.csv": pd.DataFrame(
            [{"size_learnt": learnt} | row for row in (planned, *arms)]
        ),
        "6_sensitivity/left_two_out.csv": pd.DataFrame(
            pairs, columns=list(dict.fromkeys(columns))
        ).assign(size_learnt=learnt),
        "6_sensitivity/unreported.csv": pd.DataFrame([unreported]),
        "6_sensitivity/flipping_bias.csv": pd.DataFrame(bias),
        "6_sensitivity/told.csv": pd.DataFrame(
            [{"outcome": NAME, "status": "varied", "reason": None}]
        ),
    }


def said(protocol: Protocol, *arms: dict, **given):
    found: dict[str, Sentence] = arm_sentences(Claims(tables_of(*arms, **given)), protocol, NAME)
    return {name: str(sentence) for name, sentence in found.items()}


def test_an_arm_is_told_with_its_verdict_and_only_where_there_is_one(protocol: Protocol):
    told = said(protocol, arm("risk_of_bias", "without_high_risk", 0.1, 0.66, "cannot tell"))
    assert told["risk_of_bias_without_high_risk"] == (
        "Without studies at high risk of bias (8 of 10) the verdict would be: cannot tell; the odds"
        " ratio is 1.1 (0.41 to 3.0), and the probability of more is 66%."
    )
    assert not {"follow_up_shortest", "adjustment", "shares"} & set(told)


def test_an_arm_whose_studies_teach_no_size_has_none(protocol: Protocol):
    unsized = arm("risk_of_bias", "without_high_risk", 0.1, 0.66, "cannot tell")
    told = said(protocol, unsized | {"size_learnt": False})
    assert told["risk_of_bias_without_high_risk"] == (
        "Without studies at high risk of bias (8 of 10) the verdict would be: cannot tell; the"
        " probability of more is 66%."
    )
    shares = [arm("shares", name, 0.1, 0.66, "more") for name in ("low", "high")]
    assert "odds ratio" in said(protocol, *shares)["shares"]
    shares[1]["size_learnt"] = False
    assert "odds ratio" not in said(protocol, *shares)["shares"]


def test_numbers_alone_are_no_arm_of_stated_significance(protocol: Protocol):
    arms = [
        arm("evidence", "numbers", -0.5, 0.1, "few", 1),
        arm("evidence", "significance_stated", 0.15, 0.72, "cannot tell"),
    ]
    told = said(protocol, *arms)
    assert "72%" in told["evidence_significance_stated"]
    assert "evidence_numbers" not in told


def test_a_pair_is_named_where_it_carries_the_verdict_with_what_is_on_record(protocol: Protocol):
    pair = {"first": "alpha", "second": "beta", "extreme": "most"}
    told = said(protocol, pairs=[pair | pooled(0.7, 0.998, "more")])
    assert told["two_out_most"] == (
        "Without both Alpha 2001 and Beta 2002 the verdict would be: more; the odds ratio is 2.0"
        " (0.74 to 5.5), and the probability of more is over 99%."
    )
    assert told["record_alpha"] == (
        "What is on record of Alpha 2001: May not count. Gone by a year."
    )
    assert told["record_beta"] == "What is on record of Beta 2002: Counts."
    for other in ({"extreme": None}, pooled(0.3, 0.8, PLANNED["verdict_words"])):
        quiet = said(protocol, pairs=[pair | pooled(0.7, 0.998, "more") | other])
        assert not any(name.startswith(("two_out", "record")) for name in quiet)


def test_what_is_on_record_of_a_study_is_printed_once(protocol: Protocol):
    pair = {"first": "alpha", "second": "beta", "extreme": "most"} | pooled(0.7, 0.998, "more")
    given = tables_of(pairs=[pair])
    other = {file: table.replace(NAME, OTHER) for file, table in given.items()}
    both = {
        file: pd.concat([table, other[file]]).drop_duplicates() for file, table in given.items()
    }
    found = arms_by_outcome(Claims(both), protocol, [NAME, OTHER])
    assert str(found[NAME]["record_alpha"]).endswith("May not count. Gone by a year.")
    assert str(found[OTHER]["record_alpha"]) == (
        "What is on record of Alpha 2001 stands above, under repeat abuse recorded by the police."
    )


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "from 86% below 75%: 12."),
        ({"unreported": None}, "Even 100 unreported studies"),
        ({"probability": None, "unreported": None}, "not probable enough today"),
    ],
)
def test_unreported_studies_are_counted_or_not(protocol: Protocol, changed, words):
    assert words in said(protocol, unreported=UNREPORTED | changed)["unreported"]


@pytest.mark.parametrize("unreported", [12, None])
def test_a_count_of_unreported_studies_says_when_it_rests_on_the_prior(
    protocol: Protocol, unreported
):
    row = UNREPORTED | {"unreported": unreported}
    rests = "rests in part on the prior."
    assert said(protocol, unreported=row, learnt=False)["unreported"].endswith(rests)
    assert not said(protocol, unreported=row)["unreported"].endswith(rests)


def test_bias_is_told_either_way_as_a_factor(protocol: Protocol):
    told = said(protocol)
    assert told["bias_too_high"] == (
        "If studies at high risk of bias (2) report effects that are too high by a factor of 2.0,"
        " the verdict becomes: cannot tell."
    )
    assert told["bias_too_low"].endswith("too low, even by a factor of 10, the verdict stays.")
    none = [row | {"high_risk": 0, "shift": np.nan} for row in BIAS]
    assert not any(name.startswith("bias") for name in said(protocol, bias=none))


def test_without_a_size_an_arm_has_its_probability_alone(protocol: Protocol):
    high = arm("risk_of_bias", "without_high_risk", 0.1, 0.66, "cannot tell", 8)
    words = said(protocol, high, learnt=False)["risk_of_bias_without_high_risk"]
    assert words.endswith("the verdict would be: cannot tell; the probability of more is 66%.")


def test_bias_changes_no_verdict_that_is_not_there(protocol: Protocol):
    few = PLANNED | {"verdict": "few_studies"}
    assert not [name for name in said(protocol, planned=few) if name.startswith("bias")]
