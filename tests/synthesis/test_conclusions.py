"""Published conclusions beside posteriors: which agree, which differ, which cannot be told."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_decisions import RULES

from livingreview.base.measures import ODDS_RATIO
from livingreview.protocol.vocabulary import Vocabulary
from livingreview.records.narrative import ComparedWith, Published, checked_texts
from livingreview.report.claims import Claims
from livingreview.report.sentences.conclusions import comparisons, overview
from livingreview.synthesis.conclusions import ResultTables, conclusions_table
from livingreview.synthesis.verdicts import verdict
from livingreview.tables.synthesis import Conclusions

ROOT = Path(__file__).parents[2]


def conclusion(direction, compared_with, name="one", **more):
    source = {"url": "https://example.org", "locator": "p. 1", "kind": "abstract"}
    return {
        "id": name, "source": source, "citation": "Somebody 2001", "outcome": "colds",
        "contrast": "A hat against none", "words": "Invented.", "direction": direction,
        "significance": None, "compared_with": compared_with, **more,
    }  # fmt: skip


def evidence(more=0.5, none=0.1, studies=8, effects=(0.0,), learnt=True, **difference):
    summary = pd.DataFrame(
        {"fit": ["colds/overall", "colds/design"], "setting": ["all_studies", "design=trial"],
         "studies": studies, "p_more": more, "p_less": 1 - more, "p_practically_none": none,
         "verdict": verdict(more, 1 - more, none if learnt else np.nan, studies, RULES).id,
         "size_learnt": learnt}
    )  # fmt: skip
    row = {"outcome": "colds", "model": "design", "coefficient": "design=trial", "comparison": 1.5,
           "p_direction": 0.8, "studies_level": 3, "studies_reference": 4,
           "verdict": "suggested", "verdict_words": "suggested", "reason": "few"}  # fmt: skip
    of_contrast = {
        "settled": False,
        "comparison_low": 0.6,
        "comparison_high": 1.9,
        "all_p_above": 0.8,
    }
    of_contrast |= {name: difference.pop(name) for name in of_contrast if name in difference}
    of_contrast |= {"contrast": "a_minus_b", "p_above": 0.9, "p_below": 0.1}
    of_contrast |= {"studies": 4, "all_studies": 6, "all_p_below": 1 - of_contrast["all_p_above"]}
    contrasts = pd.DataFrame([of_contrast])
    draws = np.tile(np.asarray(effects, dtype=float), (100, 1))
    refusals = {"colds/age": "all are alike in age"}
    moderators = pd.DataFrame([row | difference])
    return ResultTables(summary, moderators, contrasts, refusals, lambda fit: draws)


def judged(given, found):
    published = Published.model_validate({"conclusions": [given]})
    table = Conclusions.validate(conclusions_table(published, found, RULES, ODDS_RATIO))
    return table.iloc[0]


OVERALL = {"model": "overall"}
TRIAL = {"model": "design", "coefficient": "design=trial"}


@pytest.mark.parametrize(
    ("direction", "compared_with", "found", "verdict", "probability"),
    [
        ("increase", OVERALL, {"more": 0.75}, "agrees", 0.75),
        ("increase", OVERALL, {"more": 0.74}, "cannot_tell", 0.74),
        ("increase", OVERALL, {"more": 0.25}, "differs", 0.25),
        ("decrease", OVERALL, {"more": 0.25}, "agrees", 0.75),
        ("increase", OVERALL, {"more": 0.99, "studies": 2}, "cannot_tell", 0.99),
        # No significant difference is no evidence of none.
        ("none", OVERALL, {"more": 0.6, "none": 0.2}, "cannot_tell", 0.2),
        ("none", OVERALL, {"more": 0.6, "none": 0.8}, "agrees", 0.8),
        ("increase", OVERALL, {"more": 0.9, "none": 0.8}, "cannot_tell", 0.9),
        # Of a size that no study tells a prior would say how near to none it is.
        ("none", OVERALL, {"more": 0.6, "none": 0.8, "learnt": False}, "cannot_tell", None),
        ("none", OVERALL, {"more": 0.98, "none": 0.01, "learnt": False}, "differs", None),
        ("increase", OVERALL, {"more": 0.9, "none": 0.8, "learnt": False}, "agrees", 0.9),
        ("none", OVERALL, {"more": 0.98, "none": 0.01}, "differs", 0.01),
        ("none", OVERALL, {"more": 0.96, "none": 0.01}, "cannot_tell", 0.01),
        ("both", OVERALL, {"effects": (0.2, -0.2)}, "agrees", 1.0),
        ("both", OVERALL, {"effects": (0.2, -0.05)}, "differs", 0.0),
        ("increase", {"model": "design", "setting": "design=trial"}, {"more": 0.9}, "agrees", 0.9),
        ("increase", {"model": "design", "setting": "design=x"}, {}, "cannot_tell", None),
        ("increase", {"model": "age"}, {}, "cannot_tell", None),
        ("increase", TRIAL, {}, "agrees", 0.8),
        # One difference has one answer, here and among the moderators.
        ("increase", TRIAL, {"verdict": "no_clear_difference"}, "cannot_tell", 0.8),
        ("decrease", TRIAL, {}, "differs", 0.2),
        ("decrease", TRIAL, {"comparison": 0.5}, "agrees", 0.8),
        ("increase", TRIAL, {"verdict": "not_learnable"}, "cannot_tell", 0.8),
        ("none", TRIAL, {}, "cannot_tell", None),
        ("none", TRIAL, {"verdict": "supported"}, "differs", None),
        ("open", {"contrast": "a_minus_b"}, {}, "agrees", None),
        # Not settled for want of evidence is not open as well.
        ("open", {"contrast": "a_minus_b"}, {"comparison_high": 2.1}, "cannot_tell", None),
        ("open", {"contrast": "a_minus_b"}, {"comparison_low": 0.49}, "cannot_tell", None),
        ("open", {"contrast": "a_minus_b"}, {"comparison_low": 1.01}, "cannot_tell", None),
        ("open", {"contrast": "a_minus_b"}, {"settled": True}, "differs", None),
        ("increase", {"contrast": "a_minus_b"}, {}, "agrees", 0.9),
        ("increase", {"contrast": "a_minus_b"}, {"all_p_above": 0.7}, "cannot_tell", 0.9),
        ("decrease", {"contrast": "a_minus_b"}, {}, "differs", 0.1),
        # What no rule covers is not read as one of the directions.
        ("none", {"contrast": "a_minus_b"}, {}, "cannot_tell", None),
        ("both", {"contrast": "a_minus_b"}, {}, "cannot_tell", None),
        ("both", TRIAL, {"verdict": "supported"}, "cannot_tell", None),
        ("increase", None, {}, "not_compared", None),
        (None, OVERALL, {}, "not_compared", None),
    ],
)
def test_verdict(direction, compared_with, found, verdict, probability):
    row = judged(conclusion(direction, compared_with), evidence(**found))
    assert row["verdict"] == verdict
    expected = np.nan if probability is None else probability
    assert row["probability"] == pytest.approx(expected, nan_ok=True)
    # What no probability decides has its reason.
    assert bool(row["reason"]) or verdict in ("agrees", "differs")


@pytest.mark.parametrize(
    ("more", "verdict"), [(0.9, "agrees"), (0.89, "cannot_tell"), (0.25, "differs")]
)
def test_a_direction_called_significant_needs_a_probable_one(more, verdict):
    row = judged(conclusion("increase", OVERALL, significance="significant"), evidence(more=more))
    assert row["verdict"] == verdict


def test_a_refused_model_is_told_with_its_reason():
    row = judged(conclusion("increase", {"model": "age"}), evidence())
    assert row["reason"] == "not estimated: all are alike in age"


def test_no_conclusion_is_a_table_without_rows():
    table = conclusions_table(Published(conclusions=[]), evidence(), RULES, ODDS_RATIO)
    assert Conclusions.validate(table).empty
    assert overview(Claims({Conclusions.file: table})) == {}


def test_sentences_name_probability_studies_and_contradiction():
    published = Published.model_validate(
        {
            "conclusions": [
                conclusion("increase", OVERALL, contradicts="two"),
                conclusion("decrease", OVERALL, name="two"),
                conclusion("increase", {"model": "age"}, name="three"),
            ]
        }
    )
    table = Conclusions.validate(
        conclusions_table(published, evidence(more=0.9), RULES, ODDS_RATIO)
    )
    first, second, third = comparisons(Claims({Conclusions.file: table}), published)
    assert str(first.verdict) == "agree" and first.contradicted == published.conclusions[1]
    assert str(first.basis["probability"]) == "Its probability here is 90%, from 8 studies."
    assert str(second.verdict) == "point elsewhere" and second.contradicted is None
    assert [str(s) for s in third.basis.values()] == ["Why: not estimated: all are alike in age."]


@pytest.mark.parametrize("wrong", [{}, {"setting": "a"}, {"model": "a", "contrast": "b"}])
def test_a_comparison_names_one_result(wrong):
    with pytest.raises(ValueError, match="model alone"):
        ComparedWith.model_validate(wrong)


def test_a_result_that_the_protocol_has_not_is_told_with_its_line(tmp_path):
    data = ROOT / "data/raw/bcg_vaccine"
    text = (data / "published.yaml").read_text()
    wrong = tmp_path / "published.yaml"
    wrong.write_text(text.replace("{model: overall}", "{model: overal}", 1))
    results = ["{model: overall}", "{model: latitude, coefficient: latitude}"]
    [problem] = checked_texts(
        data / "narrative.yaml", wrong, Vocabulary(("tuberculosis",), {}, (), tuple(results))
    )
    line = 1 + text.splitlines().index("    compared_with: {model: overall}")
    assert (problem.line, problem.field) == (line, "conclusions[0].compared_with")
    assert problem.allowed.startswith("did you mean `{model: overall}`?")


def test_a_contradicted_conclusion_must_be_listed():
    first = conclusion("increase", OVERALL, contradicts="other")
    second = conclusion("decrease", OVERALL, name="two")
    with pytest.raises(ValueError, match="two"):
        Published.model_validate({"conclusions": [first, second]})
