"""What lies beyond an axis is marked at its edge; names in any script are drawn or left as text.

Letters of a private area stand for a script that no font of any machine has.
"""

import math
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import test_figures as plain
import test_figures_of_checks as checks
import test_figures_of_sensitivity as varied
import test_paired_outcomes as paired
from figure_texts import assert_readable, marks_of, words_of
from matplotlib.font_manager import FontProperties, findfont, get_font

from livingreview.base.measures import ODDS_RATIO
from livingreview.figures import axis, letters, style
from livingreview.figures.contrasts import draw_contrasts
from livingreview.figures.cumulative import draw_cumulative
from livingreview.figures.densities import draw_densities
from livingreview.figures.funnel import draw_funnel
from livingreview.figures.influence import draw_influence
from livingreview.figures.leave_one_out import draw_leave_one_out
from livingreview.figures.predictive import draw_predictive
from livingreview.figures.priors import draw_priors
from livingreview.figures.saving import write_figure
from livingreview.figures.specification_curve import draw_specification_curve
from livingreview.figures.subsets import draw_subsets
from livingreview.figures.wording import study_names

NOWHERE = "\U0010fff0\U0010fff1\U0010fff2"
NAMES = ["王小明 2004", "山田たろう", "김철수", "हिन्दी शर्मा", "สมชาย ใจดี", f"{NOWHERE} <1999>"]


def charts(figure):
    return [axes for axes in figure.axes if axes.axison]


def arrows(figure, marker):
    """Arrowheads of a figure's charts, as they stand in the figure."""
    found = []
    for axes in charts(figure):
        lines = [line for line in axes.lines if line.get_label() == axis.BEYOND]
        for line in lines:
            if line.get_marker() != marker:
                continue
            x, y = line.get_xdata(), line.get_ydata()
            edges = {"<": x == axes.get_xlim()[0], ">": x == axes.get_xlim()[1]}
            edges |= {"v": y == axes.get_ylim()[0], "^": y == axes.get_ylim()[1]}
            assert edges[marker].all()
            found += zip(x, y, strict=True)
    return found


def explained(figure):
    return axis.BEYOND in " ".join(words_of(figure).split())


def moved(low, middle, high, row):
    """Variations of six studies, of which one analysis lies elsewhere."""
    table = varied.variations(6)
    chosen = table["variant"] == row
    table.loc[chosen, ["q2_5", "q50", "q97_5"]] = [low, middle, high]
    return varied.variants(6, table)


def test_effects_beyond_a_funnel_have_arrowheads_at_their_standard_error():
    table = varied.reported([-0.9, 0.2, 8.0, -8.0], [0.6, 0.1, 2.0, 1.5])
    figure = draw_funnel({"limbs": table}, varied.NOT_ASSESSED, varied.variants(2))
    [axes] = charts(figure)
    assert axes.collections[0].get_offsets().data == pytest.approx(
        np.array([[-0.9, 0.6], [0.2, 0.1]]), rel=1e-4
    )
    [(_, right)], [(_, left)] = arrows(figure, ">"), arrows(figure, "<")
    assert (right, left) == pytest.approx((2.0, 1.5), rel=1e-4)
    assert explained(figure)
    assert_readable(figure)


def test_a_pooled_line_beyond_a_funnel_has_an_arrowhead_on_top():
    table = varied.reported([0.2], [0.1])
    lines = moved(7.0, 8.0, 9.0, "as planned")
    figure = draw_funnel({"limbs": table}, varied.NOT_ASSESSED, lines)
    assert [y for _, y in arrows(figure, ">")] == [0.0]


def test_what_lies_on_the_axis_has_no_arrowhead():
    table = varied.reported([-0.9, 0.2], [0.6, 0.1])
    figures = [
        draw_funnel({"limbs": table}, varied.NOT_ASSESSED, varied.variants(2)),
        draw_leave_one_out(varied.variants(6)),
        draw_cumulative(varied.variants(6)),
        varied.curve_figure(varied.multiverse(30)),
        draw_subsets(varied.subsets(3), varied.CLUSTERS.iloc[:0], varied.variants(3)),
        draw_influence(checks.influence([0.2, 0.9]), checks.studies(2), checks.LIMBS, 0.7),
        draw_priors({"limbs": checks.draws()}, checks.DEFAULT, checks.LIMBS, ODDS_RATIO),
        paired.drawn(paired.tables(paired.ROWS[:2])),
    ]
    for figure in figures:
        assert not axis.has_arrows(figure) and not explained(figure)


@pytest.mark.parametrize("draw", [draw_leave_one_out, draw_cumulative])
def test_an_interval_wholly_beyond_the_axis_has_one_arrowhead(draw):
    figure = draw(moved(7.0, 8.0, 9.0, "s1"))
    assert len(arrows(figure, ">")) == 1 and not arrows(figure, "<")
    assert 8.0 not in [x for x, _ in marks_of(charts(figure)[0], "o")]
    assert explained(figure)


def test_the_line_of_all_studies_beyond_the_axis_has_an_arrowhead_on_top():
    figure = draw_leave_one_out(moved(7.0, 8.0, 9.0, "as planned"))
    heights = [y for _, y in arrows(figure, ">")]
    assert min(heights) == 0.0 and len(heights) == 2


def test_specifications_beyond_the_axis_have_arrowheads_above_and_below():
    frame = varied.multiverse(300)
    frame["q50"] = np.linspace(-8, 8, 300)
    frame["q2_5"], frame["q97_5"] = frame["q50"] - 1, frame["q50"] + 1
    lines = moved(7.0, 8.0, 9.0, "as planned")
    figure = draw_specification_curve("limbs", frame, varied.summary(), lines)
    [axes, *_] = charts(figure)
    least, most = axes.get_ylim()
    below = [x for x, _ in arrows(figure, "v")]
    above = [x for x, _ in arrows(figure, "^")]
    assert max(below) == np.flatnonzero(frame["q2_5"] < least).max() + 0.5
    assert min(above) == np.flatnonzero(frame["q97_5"] > most).min() + 0.5
    # The diamond of the planned analysis, which is as high as the last specification, is one too.
    assert 299.0 in above and not marks_of(axes, "D")
    # Ends of the intervals and the curve itself have arrowheads of their own.
    assert len(below) == 2 * axis.MOST_ARROWS


@pytest.mark.parametrize("count", [3, 10])
def test_subsets_and_clusters_beyond_the_axis_stand_at_its_edge(count):
    table = varied.subsets(count)
    table.loc[table["q50"] > 0, "q50"] += 7
    clusters = varied.CLUSTERS.copy()
    clusters.loc[1, "centre"] = 8.0
    figure = draw_subsets(table, clusters, varied.variants(count))
    [axes] = charts(figure)
    assert {y for _, y in arrows(figure, ">")} == {0.3}
    assert varied.numbered(axes)["2"] == (axes.get_xlim()[1], 0.3)
    assert not marks_of(axes, "D")
    assert_readable(figure)


def test_an_observed_value_beyond_the_axis_has_an_arrowhead_and_no_bar():
    table = checks.predictive()
    table.loc[table["statistic"] == "smallest", "observed"] = -8.0
    figure = draw_predictive(table, checks.LIMBS, ODDS_RATIO)
    [prior, observed] = sorted(y for _, y in arrows(figure, "<"))
    assert prior < observed
    assert not [line for line in charts(figure)[0].lines if -8.0 in line.get_xdata()]


def test_an_infinite_shape_has_an_arrowhead():
    table = checks.influence([0.2, math.inf])
    figure = draw_influence(table, checks.studies(2), checks.LIMBS, 0.7)
    assert len(arrows(figure, ">")) == 1
    assert [x for x, _ in marks_of(charts(figure)[0], "o")] == [0.2]


def test_densities_beyond_the_axis_have_arrowheads():
    rng = np.random.default_rng(1)
    draws = pd.DataFrame(rng.normal([8, 0], 1, (200, 2)), columns=["mean_effect", "new_setting"])
    fit = {"outcome": "limbs", "model": "overall", "studies": 1, "p_less": 0.04, "p_more": 0.96}
    words = plain.wording(limbs=plain.WORDS)
    summary = pd.DataFrame([fit | {"size_learnt": True}])
    figure = draw_densities(draws.assign(outcome="limbs"), summary, words)
    assert len(arrows(figure, ">")) == 1 and not arrows(figure, "<")
    moved_draws = checks.draws()
    moved_draws["mu"] = moved_draws["mu"] - 8
    figure = draw_priors({"limbs": moved_draws}, checks.DEFAULT, checks.LIMBS, ODDS_RATIO)
    assert len(arrows(figure, "<")) == 1 and not arrows(figure, ">")


def test_a_pair_beyond_the_axis_is_joined_to_its_arrowhead():
    rows = [(*paired.ROWS[0][:4], 8.0), paired.ROWS[1]]
    figure = draw_contrasts(paired.tables(rows), [paired.CONTRAST], paired.HEADINGS, paired.WORDING)
    [(x, y)] = arrows(figure, ">")
    [joined] = [line for line in charts(figure)[0].lines if line.get_linewidth() == 2]
    assert (joined.get_xdata()[0], joined.get_ydata()[0]) == (x, y)


def test_many_arrowheads_are_thinned_from_end_to_end():
    table = varied.reported([8.0] * 300, np.linspace(0.1, 2.0, 300))
    figure = draw_funnel({"limbs": table}, varied.NOT_ASSESSED, varied.variants(2))
    heights = [y for _, y in arrows(figure, ">")]
    assert len(heights) == axis.MOST_ARROWS
    assert (min(heights), max(heights)) == pytest.approx((0.1, 2.0), rel=1e-4)


@pytest.fixture(params=["fonts of this machine", "usual font alone"])
def drawn_with(request, monkeypatch):
    """Draw with all fonts, then as on a machine that has the usual one alone."""
    if request.param == "usual font alone":
        usual = {letters.FONT: findfont(FontProperties(family=letters.FONT))}
        monkeypatch.setattr(letters, "_fonts", lambda: usual)
    letters._others.cache_clear()
    style.text_width.cache_clear()
    yield request.param
    letters._others.cache_clear()
    style.text_width.cache_clear()


def named_figure():
    studies = varied.studies(6).assign(label=NAMES)
    return draw_cumulative(replace(varied.variants(6), studies=studies))


def svg_texts(path: Path) -> list[str]:
    root = ElementTree.fromstring(path.read_bytes())
    return ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]


def test_names_in_any_script_are_outlines_of_a_font_that_has_them_or_text(drawn_with, tmp_path):
    # Warnings fail tests: no glyph is missing where one is drawn.
    figure = named_figure()
    write_figure(figure, tmp_path / "a.svg", tmp_path / "a.png")
    browser = svg_texts(tmp_path / "a.svg")
    for name in NAMES:
        left = letters.undrawn(name)
        assert any(name in text for text in browser) == bool(left)
        assert drawn_with != "usual font alone" or left
        drawn = set(name) - left
        fonts = [get_font(findfont(FontProperties(family=f))) for f in letters.families(name)]
        assert all(any(font.get_char_index(ord(letter)) for font in fonts) for letter in drawn)
    assert any(NOWHERE in text for text in browser)
    assert not any("Last Resort" in family for name in NAMES for family in letters.families(name))
    assert " ".join(letters.UNDRAWN.split()) in " ".join(words_of(figure).split())
    assert_readable(figure)


def test_text_for_a_browser_stands_where_the_outlines_would(monkeypatch, tmp_path):
    # A Latin letter taken for one that no font has: where its outlines stand is known.
    studies = varied.studies(6).assign(label=[f"Author {i}" for i in range(6)])
    variants = replace(varied.variants(6), studies=studies)
    write_figure(draw_cumulative(variants), tmp_path / "outlines.svg", tmp_path / "a.png")
    monkeypatch.setattr(letters, "undrawn", lambda text: frozenset("A") & frozenset(text))
    style.text_width.cache_clear()
    write_figure(draw_cumulative(replace(variants)), tmp_path / "text.svg", tmp_path / "a.png")
    style.text_width.cache_clear()
    outlines, text = ((tmp_path / f"{name}.svg").read_text() for name in ("outlines", "text"))
    shape = r"<!-- {} -->\s*<g [^>]*translate\(([\d.]+) ([\d.]+)\)"
    for i in range(6):
        name = f"{i + 1}: Author {i} (199{i // 4})"
        [place] = re.findall(shape.format(re.escape(name)), outlines)
        words = re.escape(f">{name} [s{i}]</text>")
        [(size, *at)] = re.findall(
            rf'<text style="font-size: ([\d.]+)px[^>]* x="([\d.]+)" y="([\d.]+)"[^>]*{words}', text
        )
        assert float(size) == style.SMALL
        assert list(map(float, at)) == pytest.approx(list(map(float, place)), abs=0.01)


def test_a_study_without_letters_is_named_by_its_id_too():
    studies = varied.studies(2).assign(label=[NOWHERE, "Smith 2001"])
    undated = pd.DataFrame({"study_id": ["s"], "label": ["Ash"], "year": [pd.NA]})
    assert study_names(undated) == {"s": "Ash"}
    assert study_names(studies) == {"s0": f"{NOWHERE} (1990) [s0]", "s1": "Smith 2001 (1990)"}
    assert letters.with_stand_ins(f"{NOWHERE} 2004 [s0]") == "… 2004 [s0]"


def test_usual_letters_need_no_other_font():
    text = "Łukasiewicz, Ångström & Папа: τ² ≥ ½ – “→”"
    assert letters.families(text) == [letters.FONT] and not letters.undrawn(text)


def test_lines_with_letters_that_no_font_has_are_broken_by_their_likely_width():
    assert style.text_width(NOWHERE[0] * 10, 10.0) == pytest.approx(10 * 0.6 * 10 / 72)
    lines = style.wrapped(NOWHERE * 20, 2.0)
    assert "".join(lines) == NOWHERE * 20
    assert all(style.text_width(line, style.SMALL) <= 2.0 for line in lines)
