"""The strip of directions shows each effect by way, size, design and kind, and counts nothing."""

import math
import re
from dataclasses import replace

import pandas as pd
import pytest
from figure_texts import assert_fits_telephone, texts_of, words_of
from matplotlib.colors import to_hex
from matplotlib.patches import Polygon

from livingreview.base.measures import ODDS_RATIO
from livingreview.figures import style
from livingreview.figures.directions import (
    LABELS,
    LANE,
    MIDDLE,
    NARROWEST,
    NO_EFFECT,
    WIDEST,
    DirectionTables,
    directed_effects,
    direction_rows,
    draw_directions,
)
from livingreview.figures.record_link import RECORD_LINK
from livingreview.figures.wording import OutcomeWords, Wording

WORDS = OutcomeWords("Broken limbs seen at any hospital of the region", "broken limbs", "lower")
WORDING = Wording({"limbs": WORDS}, ODDS_RATIO, "a helmet")
DESIGNS = {"experimental": "Experimental", "quasi_experimental": "Quasi-experimental"}
LONG = "Consortium for the Prevention of Unnecessarily Long Study Labels"
# Study, year, direction, people, whether known, whether it has a number, design.
ROWS = [
    ("Large 1990", 1990, "increase", 1600, True, False, "experimental"),
    ("Small 1995", 1995, "increase", 400, False, True, "experimental"),
    ("Less 2001", 2001, "decrease", 900, True, False, "quasi_experimental"),
    ("None 2002", 2002, "none", 100, True, True, "quasi_experimental"),
    (LONG, 2003, "unclear", 9, True, False, None),
]


def tables(rows=ROWS) -> DirectionTables:
    names = [f"s{i}" for i in range(len(rows))]
    frame = pd.DataFrame(
        rows,
        columns=["label", "year", "direction", "people", "people_known", "has_number", "design"],
    ).assign(study_id=names, effect_id=[f"{name}/limbs" for name in names], outcome="limbs")
    frame = frame.assign(status="analysed", measure="any", moderator_design=frame["design"])
    studies = frame[["study_id", "label", "year", "status", "moderator_design"]]
    effects = frame[["effect_id", "study_id", "outcome", "status", "measure", "direction"]]
    effects = effects.assign(effect_label=None)
    precision = frame[["effect_id", "study_id", "outcome", "people", "people_known", "has_number"]]
    return DirectionTables(studies, effects, precision, DESIGNS)


def marks(figure) -> list[Polygon]:
    """Marks of the rows, without those of the legend."""
    start = style.MARGIN + LABELS
    found = [patch for patch in figure.axes[0].patches if isinstance(patch, Polygon)]
    return [patch for patch in found if patch.get_xy()[:, 0].min() > start]


def rows_of(of: DirectionTables):
    return direction_rows(directed_effects("limbs", of))


def lane(mark: Polygon) -> int:
    middle = mark.get_xy()[:, 0].mean() - style.MARGIN - LABELS
    return math.floor(middle / LANE)


def test_a_mark_stands_in_the_lane_of_its_direction():
    drawn = marks(draw_directions("limbs", tables(), WORDING))
    assert [lane(mark) for mark in drawn] == [2, 2, 0, 1, 1]


def test_width_grows_with_the_root_of_the_people_down_to_the_narrowest():
    *widths, narrow = [row.marks[0].width for row in rows_of(tables())]
    assert widths == pytest.approx([WIDEST, WIDEST / 2, WIDEST * 3 / 4, WIDEST / 4])
    assert narrow == NARROWEST > WIDEST * 3 / 40
    said = "narrowest marks are drawn wider"
    assert said in " ".join(words_of(draw_directions("limbs", tables(), WORDING)).split())
    assert said not in words_of(draw_directions("limbs", tables(ROWS[:4]), WORDING))


@pytest.mark.parametrize("better", ["lower", "higher"])
@pytest.mark.parametrize("count", [1, 12, 40])
def test_all_lanes_fit_a_telephone_and_words_stay_off_the_marks(count, better):
    rows = [(f"{row[0]} {i}", 2000 + i, row[2], 10**6, *row[4:]) for i, row in enumerate(ROWS * 8)]
    limbs = OutcomeWords("Contact with courts, criminal justice or social services", "", better)
    wording = Wording({"limbs": limbs}, ODDS_RATIO, "a helmet that was fitted by a nurse")
    figure = draw_directions("limbs", tables(rows[:count]), wording)
    assert_fits_telephone(figure)
    drawn = marks(figure)
    assert len(drawn) == count
    assert {lane(mark) for mark in drawn} == ({0, 1, 2} if count > 1 else {2})
    words = [text.get_window_extent() for text in texts_of(figure) if text.get_text() != "?"]
    for mark in drawn:
        box = mark.get_window_extent()
        assert not any(box.overlaps(around) for around in words)
    assert min(text.get_fontsize() for text in texts_of(figure) if text.get_text() != "?") >= 10


def test_the_middle_lane_says_what_is_on_record():
    text = words_of(draw_directions("limbs", tables(), WORDING))
    assert " ".join(MIDDLE) == "no significant difference said, or direction not told"
    assert " ".join(MIDDLE) in text


def test_a_mark_points_its_way():
    more, _, less, none, _ = marks(draw_directions("limbs", tables(), WORDING))
    assert len(more.get_xy()) == len(less.get_xy()) == 6
    assert len(none.get_xy()) == 5
    x = more.get_xy()[:, 0]
    assert (x == x.max()).sum() == 1  # one point, to the right
    x = less.get_xy()[:-1, 0]
    assert (x == x.min()).sum() == 1


def test_a_direction_alone_is_hollow_and_designs_differ_in_grey():
    drawn = marks(draw_directions("limbs", tables(), WORDING))
    faces = [to_hex(mark.get_facecolor()) for mark in drawn]
    assert faces[0] == faces[2] == faces[4] == "#ffffff"
    grey = [int(face[1:3], 16) for face in (faces[1], faces[3])]
    assert all(len(set(re.findall("..", face[1:]))) == 1 for face in faces)
    assert abs(grey[0] - grey[1]) > 100
    edges = [to_hex(mark.get_edgecolor()) for mark in drawn]
    assert edges[0] != edges[2]


def test_words_are_readable_and_say_which_people_are_assumed():
    figure = draw_directions("limbs", tables(), WORDING)
    words = words_of(figure)
    assert_fits_telephone(figure)
    assert "1,600" in words
    assert "400*" in words
    assert "middle of what is assumed" in words
    assert "design not known, gave a direction alone" in words
    # Which side is better follows from the outcome.
    assert words.index("(better)") < words.index("(worse)")


def test_nothing_is_said_of_what_is_not_drawn():
    words = words_of(draw_directions("limbs", tables(ROWS[:1]), WORDING))
    assert "assumed" not in words
    assert "Quasi" not in words
    assert "could not be told" not in words


def test_of_a_long_list_the_largest_are_drawn_and_it_says_so():
    small = [*ROWS[0][:3], 7, *ROWS[0][4:]]
    many = tables([small, *[ROWS[0]] * (style.MOST_ROWS + 2)])
    figure = draw_directions("limbs", many, WORDING)
    text = " ".join(words_of(figure).split())
    assert len(marks(figure)) == style.MOST_STUDIES
    assert f"Not drawn: {style.MOST_ROWS + 3 - style.MOST_STUDIES} studies with" in text
    assert "effects.csv" in text and " 7 " not in text


def test_without_effects_the_figure_says_so():
    assert NO_EFFECT in words_of(draw_directions("limbs", tables(ROWS[:0]), WORDING))


def test_a_row_leads_to_the_record():
    figure = draw_directions("limbs", tables(), WORDING)
    links = [patch.get_url() for patch in figure.axes[0].patches if patch.get_url()]
    assert links == [f"{RECORD_LINK}s{i}" for i in range(len(ROWS))]


def test_effects_of_one_study_are_named_apart_in_the_order_of_the_record():
    of = tables()
    first, *_ = of.effects["study_id"]
    several = of.effects[of.effects["study_id"] == first]
    parts = [
        several.assign(effect_id=f"{first}/{dose}", effect_label=f"{dose} dose")
        for dose in ("low", "high", "mid")
    ]
    people = of.precision[of.precision["study_id"] == first]
    rows = rows_of(
        replace(
            of,
            effects=pd.concat(parts),
            precision=pd.concat([people.assign(effect_id=p["effect_id"].iloc[0]) for p in parts]),
        ),
    )
    names = [" ".join(row.label).split(": ")[1] for row in rows]
    assert names == ["low dose", "high dose", "mid dose"]
