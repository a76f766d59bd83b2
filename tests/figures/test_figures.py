"""Figures hold what the tables say, inside their frame, and equal in every byte."""

import math
import re

import numpy as np
import pandas as pd
import pytest
from figure_texts import assert_fits_telephone, assert_readable, words_of

from livingreview.base.measures import ODDS_RATIO, Measure
from livingreview.figures.densities import draw_densities
from livingreview.figures.forest import NO_EFFECT, draw_forest
from livingreview.figures.forest_rows import ForestTables
from livingreview.figures.record_link import RECORD_LINK
from livingreview.figures.reported import reported_table
from livingreview.figures.saving import write_figure
from livingreview.figures.style import WIDTH, text_width, wrapped
from livingreview.figures.wording import OutcomeWords, Wording
from livingreview.tables.effects import Terms
from livingreview.tables.models import Models
from livingreview.tables.records import Effects
from livingreview.tables.synthesis import StudyEffects, Summary

WORDS = OutcomeWords("Broken limbs seen at any hospital of the region", "broken limbs", "lower")
LONG = "Consortium for the Prevention of Unnecessarily Long Study Labels"


def columns(model):
    return list(model.to_schema().columns)


@pytest.fixture
def studies():
    rows = [
        ("counted", "Counted 1990", 1990, "extracted", "a"),
        ("estimated", LONG, 2001, "extracted", "b"),
        ("told", "Told 2005", 2005, "extracted", None),
        ("waiting", "Waiting 2010", 2010, "awaiting_data", "a"),
    ]
    return pd.DataFrame(rows, columns=["study_id", "label", "year", "status", "moderator_design"])


@pytest.fixture
def effects():
    rows = [
        ("counted", "counts", "analysed", "decrease", "significant"),
        ("estimated", "estimate", "analysed", "increase", "not_significant"),
        ("told", "finding", "analysed", "increase", "significant"),
    ]
    frame = pd.DataFrame(rows, columns=["study_id", "kind", "status", "direction", "significance"])
    frame = frame.assign(effect_id=frame["study_id"] + "/limbs", outcome="limbs", measure="any")
    return frame.reindex(columns=columns(Effects))


@pytest.fixture
def terms():
    rows = [
        {"likelihood": "binomial", "arm": "c", "treated": 0, "events": 11, "total": 139},
        {"effect_id": "counted/limbs", "likelihood": "binomial", "arm": "t", "treated": 1,
         "events": 4, "total": 123},
        {"effect_id": "estimated/limbs", "likelihood": "normal", "value": 0.1,
         "standard_error": 0.2, "assumption": "a control probability of 0.28"},
        {"effect_id": "told/limbs", "likelihood": "interval", "z_low": 1.96, "z_high": math.inf,
         "n_treated": 50.5, "n_control": 50.5, "assumption": "an equal split of the total",
         "kind": "finding"},
    ]  # fmt: skip
    rows = [{"baseline_id": "counted/limbs/c", **row} for row in rows]
    return pd.DataFrame(rows, columns=columns(Terms))


def empty(model):
    return pd.DataFrame(columns=columns(model))


def wording(**outcomes):
    return Wording(outcomes, ODDS_RATIO, "a helmet")


def forest(studies, effects, terms, models=None):
    models = empty(Models) if models is None else models
    precision = effects[["effect_id"]].assign(smallest_significant=math.log(1.82), people=100.0)
    tables = ForestTables(
        studies, effects, precision, empty(StudyEffects), empty(Summary), models, {}
    )
    return draw_forest(
        "limbs", tables, reported_table(terms, 0.28, ODDS_RATIO), wording(limbs=WORDS)
    )


def test_own_interval_of_counts_is_woolfs(terms):
    row = reported_table(terms, 0.28, ODDS_RATIO).loc["counted/limbs"]
    # 4/119 against 11/128 in the BCG trial of Aronson: log odds ratio -0.9387, variance 0.3571.
    assert row["centre"] == pytest.approx(-0.9387, abs=1e-4)
    assert row["high"] - row["centre"] == pytest.approx(1.96 * math.sqrt(0.3571), abs=1e-3)


def test_finding_has_no_centre_and_an_open_end(terms):
    row = reported_table(terms, 0.28, ODDS_RATIO).loc["told/limbs"]
    assert math.isnan(row["centre"]) and row["high"] == math.inf
    assert 0 < row["low"] < 1.5
    assert row["sizes"] == "51 + 50"


@pytest.mark.parametrize(("z", "reached"), [(-2.31, True), (-9.87, False)])
def test_test_is_drawn_at_the_baseline_or_as_the_finding_it_amounts_to(terms, z, reached):
    tested = terms[terms["effect_id"] == "told/limbs"].assign(
        kind="test", z_low=z - 0.005, z_high=z + 0.005, n_treated=100.0, n_control=100.0
    )
    row = reported_table(tested, 0.28, ODDS_RATIO).loc["told/limbs"]
    assert row["numbers"] == f"z = −{abs(z):.2g}" and row["sizes"] == "100 + 100"
    if not reached:
        assert math.isnan(row["centre"]) and row["low"] == -math.inf
        assert -1 < row["high"] < 0
    else:
        reach = 1.96 * row["centre"] / z
        p = 1 / (1 + math.exp(-math.log(0.28 / 0.72) - row["centre"]))
        error = math.sqrt(1 / (100 * p * (1 - p)) + 1 / (100 * 0.28 * 0.72))
        assert row["centre"] / error == pytest.approx(z)
        assert row["high"] - row["centre"] == pytest.approx(reach)
        assert row["centre"] - row["low"] == pytest.approx(reach)


def test_forest_without_fit_says_why(studies, effects, terms):
    models = pd.DataFrame(
        [("limbs", "overall", "refused", None, "too few", 0, None)], columns=columns(Models)
    )
    figure = forest(studies, effects, terms, models=models)
    assert "The studies were not pooled: too few." in words_of(figure)
    assert "4 of 123 against 11 of 139" in words_of(figure)
    assert_readable(figure)


def test_forest_says_from_where_on_a_study_could_tell(studies, effects, terms):
    text = words_of(forest(studies, effects, terms))
    assert "4 of 123 against 11 of 139; could tell from 1.8" in text
    assert "significant increase; could tell from 1.8" in text


def test_effects_of_one_study_stand_below_its_name(studies, effects, terms):
    later = effects.iloc[:1].assign(effect_id="counted/limbs_later", effect_label="at 24 months")
    effects["effect_label"] = ["at 6 months", None, None]
    several = pd.concat([effects.iloc[:1], later, effects.iloc[1:]], ignore_index=True)
    other = terms.iloc[[1]].assign(effect_id="counted/limbs_later", events=9)
    figure = forest(studies, several, pd.concat([terms, other], ignore_index=True))
    text = words_of(figure)
    assert_readable(figure)
    assert text.count("Counted 1990") == 1
    assert "Counted 1990 at 6 months 4 of 123 against 11 of 139" in text
    assert "at 24 months 9 of 123 against 11 of 139" in text


def test_the_only_effect_analysed_of_several_keeps_its_name(studies, effects, terms):
    effects["effect_label"] = ["at 6 months", None, None]
    assert "Counted 1990: at 6 months 4 of 123" in words_of(forest(studies, effects, terms))


def test_forest_of_no_effect_says_so(studies, effects, terms):
    figure = forest(studies, effects.iloc[:0], terms.iloc[:0])
    assert NO_EFFECT in words_of(figure)
    assert_readable(figure)


def test_densities_write_the_probabilities_of_the_summary():
    rng = np.random.default_rng(1)
    draws = pd.DataFrame(rng.normal(size=(200, 2)), columns=["mean_effect", "new_setting"])
    fit = {"outcome": "limbs", "model": "overall", "studies": 1, "p_less": 0.04, "p_more": 0.96}
    outcomes = wording(limbs=WORDS, other=OutcomeWords("Other", "other", "higher"))
    for learnt in (True, False):
        summary = pd.DataFrame([fit | {"size_learnt": learnt}])
        figure = draw_densities(draws.assign(outcome="limbs"), summary, outcomes)
        text = words_of(figure)
        for words in ("← less (better) more (worse) → 4% likely 96% likely", "(1 study)"):
            assert words in text
        assert "No model" in text and ("do not tell how large" in text) is not learnt
        # A legend of what is drawn, and of nothing else.
        assert ("average over all settings" in text) is learnt
        assert ("practically no difference" in text) is learnt
        assert_fits_telephone(figure)


def test_densities_of_a_long_unit_are_read_on_a_telephone():
    measure = Measure("mean_difference", 5, "points on a scale of pain from 0 to 100")
    rng = np.random.default_rng(1)
    draws = pd.DataFrame(rng.normal(size=(200, 2)), columns=["mean_effect", "new_setting"])
    fit = {"outcome": "limbs", "model": "overall", "studies": 999, "size_learnt": True}
    summary = pd.DataFrame([fit | {"p_less": 0.0001, "p_more": 0.9999}])
    words = Wording({"limbs": WORDS}, measure, "a helmet")
    assert_fits_telephone(draw_densities(draws.assign(outcome="limbs"), summary, words))


def test_equal_figures_are_equal_files(studies, effects, terms, tmp_path):
    for run in ("first", "second"):
        figure = forest(studies, effects, terms)
        write_figure(figure, tmp_path / f"{run}.svg", tmp_path / f"{run}.png")
    for kind in ("svg", "png"):
        first, second = (tmp_path / f"{run}.{kind}" for run in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()


def test_no_line_is_wider_than_asked():
    lines = wrapped(f"{LONG} {'x' * 200}", 2.0, 10.0)
    assert "".join(lines).count("x") == 200
    assert all(text_width(line, 10.0) <= 2.0 for line in lines)
    assert WIDTH > 2.0


def test_each_row_of_a_forest_leads_to_its_record(studies, effects, terms, tmp_path):
    path = tmp_path / "forest.svg"
    write_figure(forest(studies, effects, terms), path, tmp_path / "forest.png")
    led_to = re.findall(rf'<a xlink:href="{re.escape(RECORD_LINK)}(\w+)"', path.read_text())
    assert led_to == ["counted", "estimated", "told"]
