"""Figures of five hundred effects stay short, are read on a telephone, and say what is left out."""

import numpy as np
import pandas as pd
import pytest
from figure_texts import assert_fits_telephone, words_of

from livingreview.base.measures import ODDS_RATIO
from livingreview.figures import style
from livingreview.figures.directions import DirectionTables, draw_directions
from livingreview.figures.evidence_map import draw_evidence_map
from livingreview.figures.forest import POOLED_TOO, draw_forest
from livingreview.figures.forest_marks import study_marks
from livingreview.figures.forest_rows import ForestTables, analysed_effects
from livingreview.figures.large_reviews import largest_studies
from livingreview.figures.map_tables import MapTables
from livingreview.figures.record_link import RECORD_LINK
from livingreview.figures.reported import REPORTED_COLUMNS
from livingreview.figures.wording import OutcomeWords, Wording
from livingreview.tables.models import Models
from livingreview.tables.records import Effects, Studies
from livingreview.tables.synthesis import StudyEffects, Summary

STUDIES = 125
EFFECTS = 4 * STUDIES
WORDS = OutcomeWords("Broken limbs seen at any hospital", "broken limbs", "lower")
WORDING = Wording({"limbs": WORDS}, ODDS_RATIO, "a helmet that was fitted by a nurse")
# A telephone shows 390 pixels of 4.5 inches: this is 13 screens.
HIGHEST = 31


def columns(model):
    return list(model.to_schema().columns)


@pytest.fixture
def tables():
    """Four effects each of 125 studies, of which the tenth are statements; larger ones later."""
    rng = np.random.default_rng(1)
    study = np.repeat(np.arange(STUDIES), 4)
    name = pd.Series(study).map("s{:03}".format)
    statement = study % 10 == 0
    value = rng.normal(-0.4, 0.3, EFFECTS)
    effects = pd.DataFrame({"study_id": name, "outcome": "limbs", "status": "analysed"})
    effects["effect_id"] = [f"{s}/limbs_{i % 4}" for i, s in enumerate(name)]
    effects["effect_label"] = [f"at {6 * (i % 4) + 6} months" for i in range(EFFECTS)]
    effects = effects.assign(measure="any", follow_up_months=6.0)
    effects["kind"] = np.where(statement, "finding", "estimate")
    effects["direction"] = np.where(value < 0, "decrease", "increase")
    effects["significance"] = np.where(abs(value) > 0.6, "significant", "not_significant")
    studies = pd.DataFrame({"study_id": name.unique(), "status": "extracted"})
    studies["label"] = [f"Invented and others {i}" for i in range(STUDIES)]
    studies["year"] = 1990 + np.arange(STUDIES) % 30
    precision = effects[["effect_id", "study_id", "outcome"]].assign(
        people=100.0 + study, people_known=True, has_number=~statement, smallest_significant=0.5
    )
    low = np.where(statement, -np.inf, value - 0.5)
    reported = effects[["effect_id"]].assign(
        low=low, centre=np.where(statement, np.nan, value), high=value + 0.5
    )
    reported = reported.reindex(columns=REPORTED_COLUMNS).set_index("effect_id")
    return (
        studies.reindex(columns=columns(Studies)),
        effects.reindex(columns=columns(Effects)),
        precision,
        reported,
    )


def drawn_forest(tables):
    studies, effects, precision, reported = tables
    empty = [pd.DataFrame(columns=columns(model)) for model in (StudyEffects, Summary, Models)]
    return draw_forest(
        "limbs", ForestTables(studies, effects, precision, *empty, {}), reported, WORDING
    )


def drawn_map(tables):
    studies, effects, precision, _ = tables
    of = MapTables(studies, effects, precision, {})
    return draw_evidence_map(of, WORDING.outcomes, {"limbs": "Limbs"}, "a helmet")


def drawn_directions(tables):
    studies, effects, precision, _ = tables
    return draw_directions("limbs", DirectionTables(studies, effects, precision, {}), WORDING)


@pytest.mark.parametrize("draw", [drawn_forest, drawn_map, drawn_directions])
def test_many_effects_are_read_on_a_telephone(tables, draw):
    figure = draw(tables)
    assert_fits_telephone(figure)
    assert figure.get_figheight() < HIGHEST
    text = " ".join(words_of(figure).split())
    others = STUDIES - style.MOST_STUDIES
    assert f"Drawn: the {style.MOST_STUDIES} studies of most people." in text
    assert f"Not drawn: {others} studies with {4 * others} effects." in text
    assert "The table effects.csv among the results has all." in text
    links = {p.get_url() for p in figure.axes[0].patches if p.get_url()}
    first_drawn = STUDIES - style.MOST_STUDIES
    assert links >= {f"{RECORD_LINK}s{i:03}" for i in range(first_drawn, STUDIES)}


def test_a_row_holds_every_effect_of_its_study(tables):
    studies, effects, precision, reported = tables
    empty = [pd.DataFrame(columns=columns(model)) for model in (StudyEffects, Summary, Models)]
    of = ForestTables(studies, effects, precision, *empty, {})
    rows = study_marks(analysed_effects("limbs", of, reported))
    assert len(rows) == STUDIES and all(len(row.own) == 4 for row in rows)
    [row] = [row for row in rows if row.study_id == "s007"]
    expected = reported.loc[[f"s007/limbs_{i}" for i in range(4)], ["low", "centre", "high"]]
    assert np.array(row.own) == pytest.approx(expected.to_numpy(float))


def test_the_forest_says_that_all_are_pooled(tables):
    assert POOLED_TOO in " ".join(words_of(drawn_forest(tables)).split())
    # As many effects of few studies: nothing is left out, and nothing said.
    studies, effects, precision, reported = tables
    kept = effects["study_id"] >= f"s{STUDIES - 30:03}"
    text = " ".join(words_of(drawn_forest((studies, effects[kept], precision, reported))).split())
    assert "Not drawn" not in text and POOLED_TOO not in text


def test_which_studies_are_drawn_hangs_on_people_alone():
    effects = pd.DataFrame(
        {"study_id": ["a", "a", "b", "c", "d"], "people": [10.0, 90.0, 50.0, 50.0, 70.0]}
    )
    assert largest_studies(effects, 2) == {"a", "d"}
    assert largest_studies(effects, 3) == {"a", "d", "b"}
