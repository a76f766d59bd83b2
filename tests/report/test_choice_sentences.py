"""What the page says of the choices follows from the tables, and never says too much."""

import pandas as pd
import pytest

from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claims, Sentence
from livingreview.report.sentences.choices import choice_sentences

NAME = "police_recorded"


def row(analysis: str, variant: str, q50: float, above: float, studies: int = 8) -> dict:
    """One analysis; steps of the protocol lie at 0.75, 0.9 and 0.975."""
    quantiles = {"q2_5": q50 - 1, "q5": q50 - 0.8, "q50": q50, "q95": q50 + 0.8, "q97_5": q50 + 1}
    numbers = {"p_above_zero": above, "p_below_zero": 1 - above, "tau": 0.3, "studies": studies}
    named = {"outcome": NAME, "analysis": analysis, "variant": variant, "size_learnt": True}
    return named | quantiles | numbers


def multiverse(**numbers: float) -> dict:
    explained = ("priors", "baseline", "design", "evidence", "left_out", "routes")
    return {
        "outcome": NAME,
        "specifications": 100,
        "lowest": -0.1,
        "middle": 0.2,
        "highest": 0.9,
        "above_zero": 1.0,
        "decisively_above": 0.6,
        "decisively_below": 0.0,
        "choice_that_matters_most": "left_out",
        **{f"explained_by_{name}": 0.0 for name in explained},
        "explained_by_left_out": 0.5,
        **numbers,
    }


def tables(
    *variations: dict,
    verdict: str = "no_clear_difference",
    possible: int = 100,
    learnt: bool = True,
) -> dict:
    told = {"outcome": NAME, "status": "varied", "reason": None, "possible": possible}
    told |= {"kept_as_planned": False}
    moderator = {
        "outcome": NAME,
        "model": "design",
        "moderator": "design",
        "coefficient": "design=experimental",
        "verdict": verdict,
        "verdict_words": f"words of {verdict}",
    }
    at = {"fit": f"{NAME}/design", "setting": "design=experimental", "p_more": 0.94}
    return {
        "1_records/studies.csv": pd.DataFrame(
            {"study_id": ["alpha", "beta"], "label": ["Alpha 2001", "Beta 2002"]}
        ),
        "5_synthesis/moderators.csv": pd.DataFrame([moderator]),
        "5_synthesis/summary.csv": pd.DataFrame([at]),
        "6_sensitivity/variations.csv": pd.DataFrame(variations).assign(size_learnt=learnt),
        "6_sensitivity/multiverse_summary.csv": pd.DataFrame([multiverse()]),
        "6_sensitivity/told.csv": pd.DataFrame([told]),
    }


def said(protocol: Protocol, given: dict) -> dict[str, Sentence]:
    return choice_sentences(Claims(given), protocol, NAME)


BASE = row("planned", "as planned", 0.36, 0.86)


@pytest.mark.parametrize(
    ("changed", "begins", "holds"),
    [
        ([row("priors", "wide", 0.5, 0.88)], "No. All 1 analyses", "same step"),
        ([row("priors", "wide", 0.5, 0.90)], "In its direction no", "in 1 of them"),
        ([row("priors", "wide", 0.1, 0.74)], "In its direction no", "more probable, or less"),
        ([row("route", "other", -0.1, 0.45)], "Yes, even in its direction", "Of 1 analyses"),
        # Studies added year by year change more than one choice, and do not count.
        ([row("cumulative", "alpha", -0.1, 0.45)], "There is no choice", "vary"),
    ],
)
def test_short_answer(protocol: Protocol, changed: list, begins: str, holds: str):
    answer = str(said(protocol, tables(BASE, *changed))["answer"])
    assert answer.startswith(begins)
    assert holds in answer


def test_turned_direction_outweighs_a_step(protocol: Protocol):
    changed = [row("priors", "wide", 0.5, 0.99), row("leave_one_out", "alpha", -0.01, 0.49)]
    assert str(said(protocol, tables(BASE, *changed))["answer"]).startswith(
        "Yes, even in its direction. Of 2 analyses that each change one choice, 1 puts"
    )


def test_study_that_moves_it_most_is_named_by_its_label(protocol: Protocol):
    left_out = [row("leave_one_out", "alpha", 0.2, 0.8), row("leave_one_out", "beta", 0.6, 0.95)]
    found = said(protocol, tables(BASE, *left_out))
    # Odds ratios exp(0.2), exp(0.6): 0.6 is farther from 0.36.
    assert "runs from 1.2 to 1.8" in str(found["one_study"])
    assert "from 80% to 95%" in str(found["one_study"])
    # No size: without its numbers an outcome may have none.
    assert str(found["one_study_most"]) == (
        "Beta 2002 moves it most: without it the probability of more is 95%."
    )


def test_range_that_rounds_to_one_number_stays(protocol: Protocol):
    routes = [row("route", "one", 0.361, 0.861), row("route", "two", 0.362, 0.862)]
    assert str(said(protocol, tables(BASE, *routes))["route"]).endswith(
        "the pooled odds ratio stays at 1.4, and the probability of more stays at 86%."
    )
    routes = [row("route", name, 0.4, 0.871) for name in ("one", "two")]
    assert str(said(protocol, tables(BASE, *routes))["route"]).endswith(
        "the pooled odds ratio is 1.5, against 1.4 as planned, and the probability of more is 87%,"
        " against 86% as planned."
    )


def test_extreme_prior_sets_are_named(protocol: Protocol):
    priors = [row("priors", n, q, p) for n, q, p in (("a", 0.3, 0.8), ("b", 0.2, 0.9))]
    words = str(said(protocol, tables(BASE, *priors))["priors"])
    assert words.endswith("least under the set a and most under the set b.")
    [only] = [str(said(protocol, tables(BASE, priors[0]))["priors"])]
    assert only.endswith("(the set a).")


@pytest.mark.parametrize(
    ("above", "q50", "how"),
    [
        (0.99, 0.65, "the same way, and more surely"),
        (0.88, 0.65, "the same way, about as surely"),
        (0.60, 0.10, "the same way, but less surely"),
        (0.30, -0.3, "point the other way"),
    ],
)
def test_experiments_alone_are_told_with_how_few_they_are(
    protocol: Protocol, above: float, q50: float, how: str
):
    found = said(protocol, tables(BASE, row("design", "experimental", q50, above, studies=6)))
    assert how in str(found["experiments"])
    assert "against 86% from all studies" in str(found["experiments"])
    few = str(found["experiments_few"])
    assert few.startswith("They are only 6 of the 8 studies, so this rests on less evidence")
    differ = str(found["designs_differ"])
    assert "words of no_clear_difference" in differ
    assert "94%" in differ


@pytest.mark.parametrize(
    ("above", "tau", "told"), [(0.99, 0.1, True), (0.99, 0.4, False), (0.8, 0.1, False)]
)
def test_surer_experiments_that_look_alike_are_called_so(
    protocol: Protocol, above: float, tau: float, told: bool
):
    alone = row("design", "experimental", 0.6, above, studies=4) | {"tau": tau}
    found = said(protocol, tables(BASE, alone))
    assert ("experiments_alike" in found) is told
    if told:
        assert "τ, is 0.10 among them and 0.30 among all" in str(found["experiments_alike"])


def test_experiments_fewer_than_a_verdict_needs_are_called_too_few(protocol: Protocol):
    found = said(protocol, tables(BASE, row("design", "experimental", 0.6, 0.99, studies=2)))
    assert str(found["experiments_few"]).endswith("fewer than a verdict needs.")


def test_without_the_model_of_designs_nothing_is_said_of_their_difference(protocol: Protocol):
    given = tables(BASE, row("design", "experimental", 0.6, 0.99, studies=4))
    given["5_synthesis/moderators.csv"]["model"] = "all_moderators"
    assert "designs_differ" not in said(protocol, given)


@pytest.mark.parametrize(("possible", "drawn"), [(3000, False), (3001, True)])
def test_product_is_called_drawn_only_when_it_was(protocol: Protocol, possible: int, drawn: bool):
    limit = protocol.sensitivity.most_specifications
    assert limit == 3000
    words = str(said(protocol, tables(BASE, possible=possible))["multiverse"])
    assert ("drawn at random from 3,001" in words) is drawn
    assert "Share of them with an odds ratio above 1: all" in words
    assert "exceeds 90%: 60%; in which that of less does: none" in words


def test_what_stays_as_planned_when_all_choices_vary_is_named(protocol: Protocol):
    given = tables(BASE)
    assert "multiverse_as_planned" not in said(protocol, given)
    given["6_sensitivity/told.csv"]["kept_as_planned"] = True
    words = str(said(protocol, given)["multiverse_as_planned"])
    assert words.startswith("Assumptions and follow-ups stay as planned there")


def test_choice_that_explains_nothing_does_not_matter_most(protocol: Protocol):
    given = tables(BASE)
    assert "which study is left out: alone it explains 50%" in str(
        said(protocol, given)["multiverse_most"]
    )
    given["6_sensitivity/multiverse_summary.csv"]["explained_by_left_out"] = 0.0
    assert "multiverse_most" not in said(protocol, given)


def test_refusal_is_told(protocol: Protocol):
    given = tables(BASE)
    given["6_sensitivity/told.csv"] = pd.DataFrame(
        [{"outcome": NAME, "status": "refused", "reason": "so it is", "possible": 0}]
    )
    assert [str(s) for s in said(protocol, given).values()] == ["Not varied, as so it is."]


def test_every_number_is_a_claim(protocol: Protocol):
    changed = [
        row("leave_one_out", "alpha", 0.2, 0.8),
        row("priors", "wide", 0.5, 0.95),
        row("design", "experimental", 0.6, 0.99, studies=4),
        row("evidence", "numbers", 0.1, 0.55, studies=3),
        row("baseline", "rare", 0.4, 0.87),
        row("route", "other", 0.3, 0.84),
    ]
    typed = "1 "  # an odds ratio of 1 is no result
    decisive = f"{protocol.sensitivity.decisive_probability:.0%}"
    for s in said(protocol, tables(BASE, *changed)).values():
        words = "".join(part for part in s.parts if isinstance(part, str))
        words = words.replace(decisive, "").replace("ratio of 1", "").replace("above 1:", "")
        words = words.replace("side of 1", "").replace(typed, "")
        assert not any(c.isdigit() for c in words), words
