"""The page gives each difference with its verdict, and never more than the verdict."""

import pandas as pd
import pytest

from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claims
from livingreview.report.sentences.moderators import (
    dispute_sentences,
    moderator_rows,
    moderator_sentences,
    overview,
)
from livingreview.tables.sensitivity import DisputedModerators
from livingreview.tables.synthesis import Moderators, Summary

NAME = "police_recorded"
SETTINGS = ("design=quasi_experimental", "design=experimental")


def coefficient(model: str = "design", **cells: object) -> dict:
    return {
        "outcome": NAME,
        "model": model,
        "moderator": "design",
        "coefficient": "design=experimental",
        "comparison": 1.5,
        "comparison_low": 0.7,
        "comparison_high": 3.3,
        "p_direction": 0.85,
        "prior_sd": 0.5,
        "posterior_sd": 0.4,
        "contraction": 0.34,
        "likelihood_error": 0.6,
        "studies_level": 4,
        "studies_reference": 3,
        "condition_index": 2.0,
        "aliased_with": None,
        "sign_changes": None,
        "verdict": "no_clear_difference",
        "verdict_words": "no clear difference",
        "reason": "too little",
        **cells,
    }


def tables(protocol: Protocol, *coefficients: dict, learnt: bool = True) -> dict[str, pd.DataFrame]:
    summary = [
        {"fit": f"{NAME}/{model}", "setting": setting, "effect": 1.4, "effect_low": 0.7}
        | {"effect_high": 3.0, "studies": 4, "p_more": 0.8, "size_learnt": learnt}
        for model in {c["model"] for c in coefficients}
        for setting in SETTINGS
    ]
    refused = pd.DataFrame({"model": list(protocol.models), "reason": "alike", "status": "refused"})
    refused = refused.assign(studies=7, left_out=None)
    return {
        Moderators.file: pd.DataFrame(coefficients).assign(size_learnt=learnt),
        Summary.file: pd.DataFrame(summary),
        "1_records/studies.csv": pd.DataFrame(
            {"study_id": ["alpha", "beta"], "label": ["Alpha 2001", "Beta 2002"]}
        ),
        **{f"3_models/{name}.models.csv": refused for name in protocol.outcomes},
    }


def said(protocol: Protocol, *coefficients: dict, learnt: bool = True) -> list[str]:
    given = tables(protocol, *coefficients, learnt=learnt)
    sentences = moderator_sentences(Claims(given), protocol)
    return [str(s) for s in sentences[protocol.models[coefficients[0]["model"]].label]]


def test_difference_comes_with_its_verdict_and_reason(protocol: Protocol):
    levels, ratio, *rest = said(protocol, coefficient())
    assert "quasi-experimental: probability of more 80%, 1.4 (0.70 to 3.0) (studies: 4)" in levels
    assert ratio == (
        "Repeat abuse recorded by the police, experimental against quasi-experimental: no clear"
        " difference (too little). The ratio of odds ratios is 1.5 (0.70 to 3.3). The probability"
        " of more is 85%."
    )
    assert all("not estimated, as alike" in words for words in rest)  # the other outcomes


def test_a_difference_has_no_size_where_the_outcome_has_none(protocol: Protocol):
    words = " ".join(said(protocol, coefficient(), learnt=False)[:2])
    assert "by study design: quasi-experimental: probability of more 80% (studies: 4);" in words
    # Once, and not at every level.
    assert words.count("These studies do not tell how large.") == 1
    assert words.count("do not tell how large") == 1
    assert "1.5" not in words and "The probability of more is 85%." in words


def test_a_name_keeps_its_capitals_in_a_sentence(protocol: Protocol):
    of_country = {"moderator": "country", "coefficient": "country=uk"}
    given = tables(protocol, coefficient("country", **of_country))
    summary = given[Summary.file].assign(setting=["country=usa", "country=uk"])
    sentences = moderator_sentences(Claims({**given, Summary.file: summary}), protocol)
    words = " ".join(str(s) for s in sentences[protocol.models["country"].label][:2])
    assert "by country: United States: probability of more" in words
    assert "United Kingdom against United States: no clear difference" in words


def test_side_of_the_probability_is_that_of_the_median(protocol: Protocol):
    assert "The probability of less is 85%." in said(protocol, coefficient(comparison=0.7))[1]


def test_what_it_goes_with_and_what_turns_it_are_named_by_label(protocol: Protocol):
    given = coefficient(aliased_with="unit_followed country", sign_changes="beta")
    words = " ".join(said(protocol, given))
    assert "study design goes together with unit followed, country" in words
    assert "It points the other way when one of these is left out: Beta 2002." in words


def test_several_moderators_at_once_are_told_with_their_verdicts(protocol: Protocol):
    [words, *_] = said(protocol, coefficient("all_moderators"))
    assert (
        "experimental against quasi-experimental: no clear difference, 1.5 (0.70 to 3.3)" in words
    )


def fitted_without(protocol: Protocol, left_out: str) -> str:
    """What is said of a model that goes without some studies."""
    given = tables(protocol, coefficient())
    models = given[f"3_models/{NAME}.models.csv"].copy()
    models["left_out"] = [left_out if model == "design" else None for model in models["model"]]
    effects = {"effect_id": ["beta/x"], "study_id": ["beta"], "outcome": [NAME]}
    given |= {
        f"3_models/{NAME}.models.csv": models,
        "1_records/effects.csv": pd.DataFrame(effects | {"effect_label": ["at 6 months"]}),
    }
    sentences = moderator_sentences(Claims(given), protocol)[protocol.models["design"].label]
    return " ".join(map(str, sentences))


def test_studies_without_a_value_are_said_to_be_left_out(protocol: Protocol):
    words = fitted_without(protocol, "alpha beta/x")
    assert (
        "this rests on 7 studies. Left out, as study design is not on record: Alpha 2001, Beta 2002"
        " (at 6 months)." in words
    )
    assert "Left out" not in " ".join(said(protocol, coefficient()))
    many = fitted_without(protocol, " ".join(["alpha"] * 30))
    assert "Alpha" not in many
    assert "the column left_out of the table of models names them" in many


@pytest.mark.parametrize("count", [1, 2])
def test_overview_counts_verdicts_of_one_moderator_at_a_time(protocol: Protocol, count: int):
    given = [coefficient(verdict="not_learnable"), coefficient("country")][:count]
    table = pd.DataFrame([*given, coefficient("all_moderators", verdict="supported")])
    [words] = [str(s) for s in overview(Claims({Moderators.file: table}), protocol).values()]
    assert f"one at a time: {count}." in words
    assert "upported by these studies: 0" in words
    assert "not learnable from these studies: 1" in words
    assert ("by chance alone" in words) is (count > 1)


def test_without_moderators_there_is_no_overview(protocol: Protocol):
    table = pd.DataFrame([coefficient("all_moderators")])
    assert overview(Claims({Moderators.file: table}), protocol) == {}


def test_table_has_a_row_for_each_coefficient(protocol: Protocol):
    given = tables(protocol, coefficient(), coefficient("all_moderators", aliased_with="country"))
    first, second = moderator_rows(Claims(given), protocol)
    assert first["contrast"] == "experimental against quasi-experimental"
    assert (str(first["aliased_with"]), str(second["aliased_with"])) == ("none", "country")
    assert str(first["contraction"]) == "0.34"
    assert str(first["verdict_words"]) == "no clear difference"


def reading(value: str, status: str, **cells: object) -> dict:
    return {
        "outcome": NAME,
        "effect_id": "alpha",
        "disputed": "unit_followed",
        "value": value,
        "reading": status,
        "coefficient": "unit_followed=household_or_couple",
        "reference": "unit_followed=victim_or_suspect",
    } | cells


def test_a_disputed_moderator_is_told_under_both_values(protocol: Protocol):
    figures = {
        "comparison": 1.5,
        "comparison_low": 0.7,
        "comparison_high": 3.1,
        "verdict_words": "suggested",
    }
    others = figures | {"comparison": 1.2, "verdict_words": "not learnable"}
    rows = [
        reading("household_or_couple", "analysed", model="unit_followed", **figures),
        reading("victim_or_suspect", "alternative", model="unit_followed", **others),
    ]
    nothing = {"coefficient": None, "reference": None, "refused": "it is sampled only"}
    rows += [row | {"model": "all_moderators"} | nothing for row in rows]
    table = DisputedModerators.validate(DisputedModerators.frame(rows))
    claims = Claims(tables(protocol, coefficient()) | {DisputedModerators.file: table})
    both, refused = map(str, dispute_sentences(claims, protocol))
    assert both == (
        "Repeat abuse recorded by the police, by unit followed: sources differ on unit followed of"
        " Alpha 2001. Taken as same household or couple, as analysed: the ratio of odds ratios,"
        " same household or couple against victim or suspect: suggested, 1.5 (0.70 to 3.1)."
        " Taken as victim or suspect: the ratio of odds ratios, same household or couple against"
        " victim or suspect: not learnable, 1.2 (0.70 to 3.1)."
    )
    assert refused.endswith("This model was not made again, as it is sampled only.")
