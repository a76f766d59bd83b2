"""The map has every study and result on record, each where it belongs, and judges none unduly."""

import pandas as pd
import pytest
from figure_texts import assert_fits_telephone, assert_readable, texts_of, words_of
from matplotlib.colors import to_hex
from matplotlib.patches import Polygon, Rectangle

from livingreview.figures import style
from livingreview.figures.evidence_map import MOST_HARMS, draw_evidence_map
from livingreview.figures.map_rows import MOST_IN_CELL, Columns, study_rows
from livingreview.figures.map_tables import MapTables, mapped_effects
from livingreview.figures.record_link import RECORD_LINK
from livingreview.figures.wording import OutcomeWords

OUTCOMES = {
    "limbs": OutcomeWords("Broken limbs", "broken limbs", "lower"),
    "calls": OutcomeWords("Calls for help", "calls for help", "lower", one_meaning=False),
}
HEADINGS = {"calls": "Calls", "limbs": "Limbs"}
LONG = "Consortium for the Prevention of Unnecessarily Long Study Labels"
STUDIES = [
    ("old", "Old 1990", 1990, "extracted", "here"),
    ("mid", LONG, 2001, "extracted", "here"),
    ("new", "New 2005 (North)", 2005, "extracted", "there"),
    ("waiting", "Waiting 2003", 2003, "awaiting_data", None),
]
# Study, outcome, kind, status, direction, significance, months, people.
EFFECTS = [
    ("old", "limbs", "counts", "analysed", "decrease", "significant", 6, 1600),
    ("mid", "limbs", "finding", "analysed", "increase", "significant", None, 400),
    ("mid", "calls", "finding", "analysed", "increase", "significant", 12, 100),
    ("new", "calls", "finding", "analysed", "unclear", "not_significant", 12, 400),
    ("new", "limbs", "finding", "set_aside", "increase", "significant", 12, None),
    ("old", "calls", "finding", "not_usable", "decrease", "not_stated", 6, None),
]

FLAT = ("new", "limbs", "finding", "analysed", "none", "not_significant", 12, 100)
SET_ASIDE = ("new", "limbs", "finding", "set_aside", "none", "not_significant", 12, None)


def tables(effects=EFFECTS, studies=STUDIES, countries=("here", "there")) -> MapTables:
    columns = ["study_id", "outcome", "kind", "status", "direction", "significance"]
    frame = pd.DataFrame(effects, columns=[*columns, "follow_up_months", "people"])
    frame["follow_up_months"] = frame["follow_up_months"].astype(float)
    frame = frame.assign(effect_id=[f"e{i}" for i in range(len(frame))], measure="As measured")
    frame["effect_label"] = None
    precision = frame.loc[frame["status"] == "analysed", ["effect_id", "people"]]
    precision = precision.assign(people_known=precision["people"] != 100)
    columns = ["study_id", "label", "year", "status", "moderator_country"]
    return MapTables(
        pd.DataFrame(studies, columns=columns),
        frame.drop(columns="people"),
        precision,
        {name: f"The {name}" for name in countries},
    )


def test_a_year_that_is_not_known_comes_last_and_is_not_made_up():
    unknown = [("undated", "Undated", pd.NA, "extracted", "here"), *STUDIES]
    effects = [("undated", "limbs", "counts", "analysed", "none", "not_significant", 0, 100)]
    chart = drawn(tables([*EFFECTS, *effects], unknown))
    words = words_of(chart).partition("Possible harm")[0]
    assert words.index("2005") < words.index("? Undated")
    assert "NA" not in words and "nan" not in words


def drawn(of: MapTables):
    return draw_evidence_map(of, OUTCOMES, HEADINGS, "a helmet")


def test_columns_say_what_is_hoped_and_flat_marks_what_is_said():
    text = " ".join(words_of(drawn(tables([*EFFECTS[:3], FLAT, SET_ASIDE]))).split())
    assert "less is hoped for" in text and "is better" not in text
    assert "Flat: no significant difference said." in text
    # A result that is not weighed is in words.
    assert "Limbs: no significant difference said. As measured" in text


def test_a_frame_has_room_beside_its_months():
    figure = drawn(tables(EFFECTS[:1]))
    assert_fits_telephone(figure)
    axes = figure.axes[0]
    [frame, _] = [p for p in axes.patches if isinstance(p, Rectangle) and not p.get_fill()]
    [months] = [text for text in texts_of(figure) if text.get_text() == "6"]
    room = months.get_position()[0] - (frame.get_x() + frame.get_width())
    assert room == pytest.approx(0.05)


def test_every_study_and_result_has_a_row_in_its_part():
    figure = drawn(tables())
    text = words_of(figure)
    assert_readable(figure)
    years, harm, rest = text.partition("Possible harm")[0], *text.split("On record, but")
    harm = harm.partition("Possible harm")[2]
    assert years.index("1990") < years.index("2001") < years.index("2005")
    assert "Old" in years and "New (North)," in years and "Waiting" not in years
    # On harm: what is weighed and what is not.
    assert "(2001)" in harm and "New 2005 (North)" in harm and "set aside" in harm
    assert "Waiting 2003, country not on record: awaiting data" in rest
    assert "Old 1990, 6 months: could not be used" in rest
    assert "set aside" not in rest


def test_the_most_important_outcome_comes_first():
    text = words_of(drawn(tables()))
    assert text.index("Calls") < text.index("Limbs")


def test_only_unusual_countries_are_named():
    text = words_of(drawn(tables()))
    assert "The here, unless another country is named." in text
    assert text.count("The here") == 1 and "The there" in text
    assert "country" not in words_of(drawn(tables(countries=())))


def test_colours_judge_only_where_more_has_one_meaning():
    effects = mapped_effects(tables(), OUTCOMES).set_index("effect_id")
    assert effects["mark"]["e0"].colours[0] == style.BLUE
    assert effects["mark"]["e1"].colours[0] == style.ORANGE
    assert effects["mark"]["e2"].colours[0] == style.INK
    assert "more may be good or bad" in " ".join(words_of(drawn(tables())).split())
    only_calls = words_of(drawn(tables(EFFECTS[2:4])))
    assert "Blue" not in only_calls


def test_harm_is_significant_and_unhoped():
    effects = mapped_effects(tables(), OUTCOMES)
    assert set(effects.loc[effects["harm"], "effect_id"]) == {"e1", "e2", "e4"}
    text = words_of(drawn(tables([*EFFECTS[:1], EFFECTS[3]])))
    assert "does not show that there is no harm" in " ".join(text.split())


def test_marks_are_as_wide_as_the_root_of_their_people():
    effects = mapped_effects(tables(), OUTCOMES)
    weighed = effects[effects["status"] == "analysed"]
    columns = Columns.of(2)
    rows = study_rows(weighed, ["calls", "limbs"], columns)
    [old] = rows[0].cells[1]
    [mid] = rows[1].cells[1]
    assert old.width == pytest.approx(columns.widest)
    assert mid.width == pytest.approx(columns.widest / 2)
    assert rows[1].cells[0][0].beside == "12*" and mid.beside == "?"


def test_a_result_that_is_not_weighed_is_struck_out_and_numbers_are_framed():
    axes = drawn(tables(EFFECTS[4:5])).axes[0]
    greys = [p for p in axes.patches if isinstance(p, Polygon)]
    assert to_hex(greys[0].get_edgecolor()) == style.GREY
    framed = drawn(tables(EFFECTS[:1])).axes[0]
    frames = [p for p in framed.patches if isinstance(p, Rectangle) and not p.get_fill()]
    # One of the study, one of the legend.
    assert len(frames) == 2


def test_rows_lead_to_records():
    patches = drawn(tables()).axes[0].patches
    links = [patch.get_url() for patch in patches if patch.get_url()]
    assert {link.removeprefix(RECORD_LINK) for link in links} == {row[0] for row in STUDIES}


def test_of_a_long_list_the_largest_are_drawn_and_it_says_so():
    count = style.MOST_STUDIES + 3
    studies = [(f"s{i}", f"S{i}", 1900 + i, "extracted", "here") for i in range(count)]
    effects = [(f"s{i}", *EFFECTS[1][1:-1], 400 + i % 41) for i in range(count)]
    figure = drawn(tables(effects, studies))
    text = " ".join(words_of(figure).split())
    assert "Not drawn: 3 studies with 3 effects. The table effects.csv among the results" in text
    years, _, _ = text.partition("Possible harm")
    # Those of fewest people are not drawn, whatever their year.
    assert "1901" in years and "1900" not in years and "1941" not in years
    assert f"Not drawn: {count - MOST_HARMS} earlier results." in text
    assert figure.get_figheight() < 25


def test_many_effects_of_a_study_share_a_mark_if_they_look_alike():
    effects = [EFFECTS[0]] * (MOST_IN_CELL + 2)
    figure = drawn(tables([*effects, ("old", "limbs", *EFFECTS[1][2:6], 12, 400)]))
    assert_fits_telephone(figure)
    text = words_of(figure)
    assert f"×{MOST_IN_CELL + 2} 12" in text and "look alike" in text
    few = words_of(drawn(tables([EFFECTS[0]] * MOST_IN_CELL)))
    assert "×" not in few


def test_more_outcomes_than_columns_go_below_with_the_same_widths():
    outcomes = {f"o{i}": OutcomeWords(f"O{i}", f"o{i}", "lower") for i in range(4)}
    effects = [(row[0], f"o{i}", *row[2:]) for i, row in enumerate(EFFECTS[:4])]
    headings = {name: words.label for name, words in outcomes.items()}
    figure = draw_evidence_map(tables(effects), outcomes, headings, "a helmet")
    assert_readable(figure)
    assert words_of(figure).count("Year   Study") == 2
    assert Columns.of(4) == Columns.of(3)


def test_nothing_on_record_is_said():
    text = " ".join(words_of(drawn(tables([], []))).split())
    assert "every result on record is weighed" in text
