"""Pairs join the effects of one study on two outcomes; sizes are drawn where studies give them."""

import math

import numpy as np
import pandas as pd
import pytest
from figure_texts import assert_fits_telephone, assert_readable, words_of

from livingreview.base.measures import ODDS_RATIO, Measure
from livingreview.figures.contrasts import (
    LANE,
    NO_PAIR,
    UNFITTED,
    UNLEARNT,
    WIDEST,
    ContrastWords,
    PairTables,
    draw_contrasts,
    pairs_of,
)
from livingreview.figures.wording import OutcomeWords, Wording

CONTRAST = ContrastWords(
    "joint/limbs_minus_falls", "limbs_minus_falls", "limbs", "falls",
    "Limbs against falls", "More of which?",
    above="limbs break more", alike="both change alike", below="falls become more",
)  # fmt: skip
HEADINGS = {"limbs": "Limbs", "falls": "Falls"}
WORDING = Wording(
    {
        "limbs": OutcomeWords("Broken limbs", "broken limbs", "lower"),
        "falls": OutcomeWords("Falls on ice", "falls", "lower"),
    },
    ODDS_RATIO,
    "a helmet",
)
# Study, outcome, direction, people, log odds ratio.
ROWS = [
    ("numbers", "limbs", "increase", 400, 0.7),
    ("numbers", "falls", "decrease", 100, -0.7),
    ("mixed", "limbs", "increase", 1600, 0.5),
    ("mixed", "falls", "unclear", 400, math.nan),
    ("alone", "falls", "increase", 400, 0.5),
]


def tables(rows=ROWS, learnt=False, settled=False, fitted=True) -> PairTables:
    columns = ["study_id", "outcome", "direction", "people", "centre"]
    frame = pd.DataFrame(rows, columns=columns)
    frame = frame.assign(effect_id=[f"e{i}" for i in range(len(rows))], significance="significant")
    frame = frame.assign(status="analysed", people_known=frame["people"] != 100)
    frame = frame.assign(has_number=frame["centre"].notna(), effect_label=None)
    frame["kind"] = np.where(frame["has_number"], "counts", "finding")
    names = frame["study_id"].unique()
    studies = pd.DataFrame({"study_id": names, "label": names, "year": 2001})
    row = {"fit": CONTRAST.fit, "contrast": CONTRAST.name, "studies": 2, "size_learnt": learnt}
    row |= {"p_above": 0.91, "p_below": 0.09, "settled": settled}
    row |= {"comparison": 1.5, "comparison_low": 1.1, "comparison_high": 2.0}
    answers = pd.DataFrame([row])
    own = frame.set_index("effect_id")["centre"]
    reported = pd.DataFrame({"low": own - 0.5, "centre": own, "high": own + 0.5})
    effects = frame.drop(columns=["people", "people_known", "has_number", "centre"])
    precision = ["effect_id", "study_id", "outcome", "people", "people_known", "has_number"]
    return PairTables(studies, effects, frame[precision], answers[: int(fitted)], reported)


def drawn(of: PairTables):
    return draw_contrasts(of, [CONTRAST], HEADINGS, WORDING)


def test_only_studies_with_both_are_paired_by_what_they_give():
    pairs = pairs_of(CONTRAST, tables(), HEADINGS, WORDING)
    assert [(pair.label, pair.numeric) for pair in pairs] == [
        (["mixed (2001)"], False),
        (["numbers (2001)"], True),
    ]
    assert [effect.first for effect in pairs[0].effects] == [True, False]
    widths = [effect.width for pair in pairs for effect in pair.effects]
    assert widths == pytest.approx([WIDEST, WIDEST / 2, WIDEST / 2, WIDEST / 4])


def test_numbers_are_joined_on_the_axis_of_effects():
    figure = drawn(tables(ROWS[:2]))
    joined = [line for line in figure.axes[1].lines if line.get_linewidth() == 2]
    assert [list(line.get_xdata()) for line in joined] == [[0.7, -0.7]]
    assert_fits_telephone(figure)


def test_a_long_unit_stays_in_the_frame():
    measure = Measure("mean_difference", 5, "points on a scale of pain from 0 to 100")
    wording = Wording(WORDING.outcomes, measure, "a helmet")
    assert_fits_telephone(draw_contrasts(tables(ROWS[:2]), [CONTRAST], HEADINGS, wording))


def test_directions_are_joined_in_their_lanes_and_dashed_where_one_is_unclear():
    figure = drawn(tables(ROWS[2:4]))
    assert len(figure.axes) == 1
    [line] = [line for line in figure.axes[0].lines if line.get_linewidth() == 2]
    more, unclear = line.get_xdata()
    assert more - unclear == pytest.approx(LANE)
    assert line.get_linestyle() == "--"
    assert "no significant difference said, or direction not told" in words_of(figure)
    assert_fits_telephone(figure)


def test_words_say_what_each_side_means_and_a_size_only_where_it_is_learnt():
    text = words_of(drawn(tables()))
    for words in ("More of which?", "91% likely: limbs break more.", "9% likely: falls become"):
        assert words in text
    assert "By the 2 studies with both:" in text and "stays open" in text
    assert UNLEARNT in text and "1.5" not in text
    assert "Falls*" in text and "assumed" in text
    learnt = words_of(drawn(tables(learnt=True, settled=True)))
    assert "Ratio of the two odds ratios: 1.5 (1.1 to 2.0)." in learnt
    assert UNLEARNT not in learnt and "the question is settled" in learnt


def test_what_cannot_be_drawn_or_fitted_is_said():
    figure = drawn(tables(ROWS[4:], fitted=False))
    assert NO_PAIR in words_of(figure) and UNFITTED in words_of(figure)
    assert_readable(figure)
