"""Figures of stage 6 mark what the tables say, in order, and stay readable with many studies."""

import math

import numpy as np
import pandas as pd
import pytest
from figure_texts import assert_readable, marks_of, words_of
from matplotlib.colors import to_hex, to_rgb

from livingreview.base.measures import ODDS_RATIO
from livingreview.figures import next_trial
from livingreview.figures.cumulative import draw_cumulative
from livingreview.figures.funnel import draw_funnel, standard_errors
from livingreview.figures.leave_one_out import draw_leave_one_out
from livingreview.figures.next_trial import draw_next_trial
from livingreview.figures.saving import write_figure
from livingreview.figures.specification_curve import Option, draw_specification_curve, options_of
from livingreview.figures.style import MOST_STUDIES
from livingreview.figures.subsets import draw_subsets
from livingreview.figures.variants import Variants
from livingreview.figures.wording import OutcomeWords, Wording
from livingreview.tables.sensitivity import Multiverse, Variations

WORDS = OutcomeWords("Broken limbs seen at any hospital of the region", "broken limbs", "lower")
WORDING = Wording({"limbs": WORDS}, ODDS_RATIO, "a helmet")
STATUSES = pd.DataFrame(
    [("limbs", "varied", None, 5000)], columns=["outcome", "status", "reason", "possible"]
)
REFUSED = STATUSES.assign(status="refused", reason="a study gives several effects")
EFFECT = {"q5": 0.0, "q95": 0.0, "p_above_zero": 0.5, "p_below_zero": 0.5, "movement": 0.0}
EFFECT |= {"stands_still": True}


def studies(count):
    return pd.DataFrame(
        {
            "study_id": [f"s{i}" for i in range(count)],
            "label": [f"Consortium of {i} Towns" if i % 3 else f"Author {i}" for i in range(count)],
            "year": [1990 + i // 4 for i in range(count)],
        }
    )  # fmt: skip


def variations(count):
    """Leaving study i out gives the middle i/100; adding it -i/100; all together 0.333."""
    rows = [("planned", "as planned", count, 0.333)]
    if count > 1:
        rows += [("leave_one_out", f"s{i}", count - 1, i / 100) for i in range(count)]
    rows += [("cumulative", f"s{i}", i + 1, -i / 100) for i in range(count - 1)]
    rows += [("cumulative", f"s{count - 1}", count, 0.333)]
    frame = pd.DataFrame(rows, columns=["analysis", "variant", "studies", "q50"])
    frame = frame.assign(outcome="limbs", size_learnt=True, tau=0.3, **EFFECT)
    frame = frame.assign(p_practically_none=0.1, verdict="leaning", verdict_words="leans to more")
    frame["q2_5"], frame["q97_5"] = frame["q50"] - 0.5, frame["q50"] + 0.5
    return Variations.validate(frame)


def variants(count, table=None, statuses=STATUSES):
    table = variations(count) if table is None else table
    return Variants(table, statuses, studies(count), WORDING)


def chart(figure):
    """Axes of the only chart: the page itself has none drawn."""
    [axes] = [axes for axes in figure.axes if axes.axison]
    return axes


@pytest.mark.parametrize("draw", [draw_leave_one_out, draw_cumulative])
def test_charts_of_nothing_have_no_legend(draw):
    figure = draw(variants(2, variations(2).iloc[:0], REFUSED))
    assert "a study gives several effects" in words_of(figure)
    assert not figure.legends


def test_leave_one_out_sorts_studies_and_marks_the_planned_value():
    figure = draw_leave_one_out(variants(8))
    axes = chart(figure)
    [(planned, top)] = marks_of(axes, "D")
    dots = marks_of(axes, "o")
    assert planned == 0.333
    assert [x for x, _ in dots] == [i / 100 for i in range(8)]
    assert [y for _, y in dots] == sorted(y for _, y in dots) and top < dots[0][1]
    # Inches downwards: the first row stands on top.
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    assert "without Author 3 (1990)" in words_of(figure)


@pytest.mark.parametrize("count", [1, 2, 8, 13, 200])
def test_lists_of_studies_stay_readable(count):
    assert_readable(draw_leave_one_out(variants(count)))
    assert_readable(draw_cumulative(variants(count)))


def test_of_many_studies_those_that_move_the_answer_most_are_drawn():
    figure = draw_leave_one_out(variants(200))
    shown = [x for x, _ in marks_of(chart(figure), "o")]
    # 0.00 and 1.99 lie 0.333 and 1.657 from the planned value: the far end is drawn alone.
    assert shown == [i / 100 for i in range(160, 200)]
    assert len(shown) == MOST_STUDIES
    assert "160 studies, each of which left out gives an odds ratio of 1.0 to 4.9" in words_of(
        figure
    )


def test_interval_beyond_the_axis_ends_in_an_arrow():
    frame = variations(3)
    frame.loc[frame["variant"] == "s1", "q97_5"] = 9.0
    axes = chart(draw_leave_one_out(variants(3, frame)))
    [(x, y)] = marks_of(axes, ">")
    assert x == axes.get_xlim()[1]
    assert y == marks_of(axes, "o")[1][1]


def test_cumulative_ends_with_all_studies_and_keeps_both_ends_when_thinned():
    figure = draw_cumulative(variants(200))
    axes = chart(figure)
    [(last, bottom)] = marks_of(axes, "D")
    dots = marks_of(axes, "o")
    assert last == 0.333 and dots[0][0] == 0
    assert len(dots) + 1 == MOST_STUDIES
    assert all(y < bottom for _, y in dots)
    assert "200: Author 199" not in words_of(figure)  # 199 is no multiple of 3: a consortium
    assert "1: Author 0 (1990)" in words_of(figure) and "40 of 200 steps" in words_of(figure)


@pytest.mark.parametrize("draw", [draw_leave_one_out, draw_cumulative])
def test_outcome_that_was_not_varied_says_why(draw):
    figure = draw(variants(3, variations(3).iloc[:0], REFUSED))
    assert "Nothing to draw: a study gives several effects." in words_of(figure)
    assert_readable(figure)


def multiverse(count):
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(
        {
            "outcome": "limbs",
            "studies": 8,
            "priors": rng.choice(["default", "sceptical"], count),
            "baseline": "as_planned",
            "design": "all",
            "evidence": rng.choice(["numbers", "all"], count),
            "risk_of_bias": "all",
            "follow_up": "as_planned",
            "left_out": rng.choice(["none", *(f"s{i}" for i in range(8))], count),
            "routes": rng.choice(["as_planned", *(f"s1: piece {i}" for i in range(40))], count),
            "tau": 0.4,
            **EFFECT,
        }
    )  # fmt: skip
    frame["q50"] = np.where(frame["priors"] == "sceptical", 0.1, 0.5) + rng.normal(0, 0.05, count)
    frame["q2_5"], frame["q97_5"] = frame["q50"] - 1, frame["q50"] + 1
    frame["size_learnt"] = True
    return Multiverse.validate(frame[list(Multiverse.to_schema().columns)])


def summary(**explained):
    choices = ["priors", "baseline", "design", "evidence", "risk_of_bias", "follow_up"]
    shares = dict.fromkeys([*choices, "left_out", "routes"], 0.01)
    columns = {f"explained_by_{name}": share for name, share in (shares | explained).items()}
    return pd.DataFrame([{"outcome": "limbs", **columns}])


def curve_figure(frame, count=8):
    return draw_specification_curve("limbs", frame, summary(priors=0.87), variants(count))


def test_specification_curve_is_sorted_and_marks_the_planned_analysis_at_its_rank():
    frame = multiverse(300)
    axes = next(axes for axes in curve_figure(frame).axes if axes.axison)
    curve = max(axes.lines, key=lambda line: len(line.get_xdata()))
    values = np.asarray(curve.get_ydata())
    assert values.size == 300 and (np.diff(values) >= 0).all()
    [(rank, planned)] = marks_of(axes, "D")
    assert planned == 0.333
    assert rank == (frame["q50"] < 0.333).sum()


def test_row_of_a_choice_is_dark_where_the_curve_took_it():
    frame = multiverse(300)
    curve = frame.sort_values("q50")
    default, sceptical = options_of(curve, "priors", {})
    assert [default.label, sceptical.label] == list(frame["priors"].unique())
    low, high = (default, sceptical) if default.label == "sceptical" else (sceptical, default)
    assert low.density(10)[0] == 1 and low.density(10)[-1] == 0
    assert high.density(10)[0] == 0 and high.density(10)[-1] == 1
    # The planned option leads whatever comes first in the table.
    assert [o.label for o in options_of(curve, "evidence", {})] == ["all", "numbers only"]
    assert [o.label for o in options_of(curve, "routes", {})] == [
        "as planned",
        "at least one other",
    ]


def test_density_is_the_share_in_each_cell():
    option = Option("x", np.array([True, False, True, True, False, False]))
    assert option.density(3).tolist() == [0.5, 1.0, 0.0]
    assert option.density(6).tolist() == [1, 0, 1, 1, 0, 0]


def test_choice_without_alternatives_has_no_row_and_explained_shares_are_printed():
    words = words_of(curve_figure(multiverse(300)))
    assert "Prior set: explains 87% of the differences" in words
    assert "Designs" not in words and "Assumed frequency" not in words
    assert "300 of 5,000 specifications" in words


@pytest.mark.parametrize(("specifications", "count"), [(1, 2), (75, 8), (3000, 8)])
def test_specification_curve_is_readable_and_small(specifications, count, tmp_path):
    figure = curve_figure(multiverse(specifications), count)
    assert_readable(figure)
    write_figure(figure, tmp_path / "a.svg", tmp_path / "a.png")
    assert (tmp_path / "a.svg").stat().st_size < 400_000


def subsets(count):
    """Subsets with s0 pool to 1, those without to -1."""
    members = np.array([[number >> i & 1 for i in range(count)] for number in range(1, 2**count)])
    rng = np.random.default_rng(5)
    middle = np.where(members[:, 0] == 1, 1.0, -1.0) + rng.normal(0, 0.1, len(members))
    included = [" ".join(f"s{i}" for i in np.flatnonzero(row)) for row in members]
    return pd.DataFrame(
        {"outcome": "limbs", "studies": members.sum(axis=1), "q50": middle, "tau": 0.3,
         "included": included, **EFFECT}
    )  # fmt: skip


CLUSTERS = pd.DataFrame(
    [("limbs", "hierarchical", 1, 511, 0.5, -1.0, 0.3, 0.9, "two_clusters", "s0", 0.0),
     ("limbs", "hierarchical", 2, 512, 0.5, 1.0, 0.3, 0.9, "two_clusters", "s0", 1.0)],
    columns=["outcome", "pooling", "cluster", "subsets", "share", "centre", "centre_tau",
             "separation", "verdict", "study_id", "share_with_study"],
)  # fmt: skip


def numbered(axes):
    """Where the numbers of clusters stand."""
    texts = {text.get_text(): text.get_position() for text in axes.texts}
    return {number: texts[number] for number in ("1", "2") if number in texts}


def test_clusters_are_numbered_at_their_centres_and_described():
    table = subsets(10)
    figure = draw_subsets(table, CLUSTERS, variants(10))
    axes = chart(figure)
    assert numbered(axes) == {"1": (-1.0, 0.3), "2": (1.0, 0.3)}
    [(x, y)] = marks_of(axes, "D")
    assert x == table.loc[table["studies"] == 10, "q50"].item() and y == 0.3
    assert "Cluster 2: 50% of the subsets, around an odds ratio of 2.7" in words_of(figure)
    assert "over 99% of them hold Author 0" in words_of(figure)
    # The line goes around the subsets with s0 alone.
    [line] = [c for c in axes.collections if hasattr(c, "levels")]
    assert all(path.vertices[:, 0].min() > 0.5 for path in line.get_paths() if len(path.vertices))
    assert_readable(figure)


def test_one_cloud_is_no_cluster():
    one = CLUSTERS.assign(verdict="one_cloud")
    figure = draw_subsets(subsets(10), one, variants(10))
    assert "Cluster" not in words_of(figure)
    assert not numbered(chart(figure))


def test_clusters_by_size_alone_stand_in_words_but_are_not_marked():
    by_size = CLUSTERS.assign(pooling="common_effect")
    one = CLUSTERS.assign(verdict="one_cloud")
    figure = draw_subsets(subsets(10), pd.concat([one, by_size]), variants(10))
    text = words_of(figure)
    assert "If size alone weighed the studies" in text and "Cluster" not in text
    assert "50% around an odds ratio of 2.7 (over 99% of them hold Author 0 (1990))" in text
    assert not numbered(chart(figure))
    assert_readable(figure)


def test_few_subsets_are_dots_and_many_a_small_image(tmp_path):
    few = chart(draw_subsets(subsets(3), CLUSTERS.iloc[:0], variants(3)))
    assert not few.images and len(few.collections[-1].get_offsets()) == 7
    figure = draw_subsets(subsets(15), CLUSTERS.iloc[:0], variants(15))
    [image] = chart(figure).images
    shade = image.get_array()
    assert (shade.filled(0) ** 2).sum() == pytest.approx(2**15 - 1)
    write_figure(figure, tmp_path / "a.svg", tmp_path / "a.png")
    assert (tmp_path / "a.svg").stat().st_size < 400_000


def reported(effects, errors):
    effects, errors = np.asarray(effects, dtype=float), np.asarray(errors, dtype=float)
    frame = {
        "centre": effects,
        "low": effects - 1.959964 * errors,
        "high": effects + 1.959964 * errors,
    }
    return pd.DataFrame(frame)


NOT_ASSESSED = pd.DataFrame(
    [("limbs", "refused", "2 effects; at least 10 are needed")],
    columns=["outcome", "status", "reason"],
)


def test_funnel_places_effects_and_its_contours_are_where_p_changes():
    table = reported([-0.9, 0.2], [0.6, 0.1])
    assert standard_errors(table) == pytest.approx([0.6, 0.1], rel=1e-4)
    axes = chart(draw_funnel({"limbs": table}, NOT_ASSESSED, variants(2)))
    assert axes.collections[0].get_offsets().data == pytest.approx(
        np.array([[-0.9, 0.6], [0.2, 0.1]]), rel=1e-4
    )
    slopes = sorted(patch.get_xy()[2, 0] / patch.get_xy()[2, 1] for patch in axes.patches)
    assert slopes == pytest.approx([1.6449, 1.9600, 2.5758], abs=1e-4)
    # The white one lies on top.
    assert axes.patches[-1].get_facecolor()[:3] == (1, 1, 1)
    assert 0.333 in [line.get_xdata()[0] for line in axes.lines]
    assert axes.get_ylim()[0] > axes.get_ylim()[1] == 0


def test_funnel_has_no_line_at_a_size_that_the_studies_do_not_tell():
    table = {"limbs": reported([-0.9, 0.2], [0.6, 0.1])}
    figure = draw_funnel(table, NOT_ASSESSED, variants(2, variations(2).assign(size_learnt=False)))
    assert 0.333 not in [line.get_xdata()[0] for line in chart(figure).lines]
    assert "pooled odds ratio" not in words_of(figure)


def test_outcome_of_statements_alone_has_words_instead_of_a_funnel():
    table = reported([math.nan] * 8, [1.0] * 8)
    figure = draw_funnel({"limbs": table}, NOT_ASSESSED, variants(8))
    words = words_of(figure)
    assert "No funnel: all 8 effects on record are statements without numbers." in words
    assert "Small-study effects were not assessed: 2 effects; at least 10" in words
    assert not any(axes.axison for axes in figure.axes)
    assert_readable(figure)


def test_a_number_without_an_interval_is_in_no_funnel():
    table = {"limbs": reported([-0.7, math.nan], [0.0, 1.0])}
    figure = draw_funnel(table, NOT_ASSESSED, variants(2))
    assert "no effect on record has a number and its standard error" in words_of(figure)
    assert not any(axes.axison for axes in figure.axes)
    table = {"limbs": reported([-0.7, 0.2], [0.0, 0.1])}
    figure = draw_funnel(table, NOT_ASSESSED, variants(2))
    [at] = chart(figure).collections[0].get_offsets().data
    assert at == pytest.approx([0.2, 0.1], rel=1e-4)
    assert "which have no place: 1." in words_of(figure)


@pytest.mark.parametrize("count", [1, 13, 200, 2000])
def test_funnel_stays_readable_and_small(count, tmp_path):
    rng = np.random.default_rng(6)
    errors = rng.uniform(0.05, 0.9, count)
    table = reported(rng.normal(-0.5, errors), errors)
    figure = draw_funnel({"limbs": table}, NOT_ASSESSED, variants(2, variations(2).iloc[:0]))
    assert_readable(figure)
    write_figure(figure, tmp_path / "a.svg", tmp_path / "a.png")
    assert (tmp_path / "a.svg").stat().st_size < 400_000


# Towards, away, to "cannot tell", at each of three sizes.
CHANCES = {
    0.5: [(0.2, 0.1, 0.3), (0.4, 0.05, 0.2), (0.7, 0.0, 0.1)],
    1.0: [(0.1, 0.4, 0.3), (0.1, 0.4, 0.2), (0.1, 0.4, 0.1)],
    2.0: [(0.0, 0.0, 0.0), (0.0, 0.2, 0.8), (0.5, 0.2, 0.3)],
}
TRIALS = pd.DataFrame(
    [("limbs", effect, size, *p)
     for effect, of_effect in CHANCES.items()
     for size, p in zip((50, 500, 5000), of_effect, strict=True)],
    columns=["outcome", "true_effect", "people_per_arm", "p_towards", "p_away", "p_cannot_tell"],
)  # fmt: skip
NEXT = pd.DataFrame(
    [("limbs", "leans to more", None)], columns=["outcome", "verdict_now", "reason"]
)


def surfaces(axes):
    """Heights of each surface at the sizes of the trials, by its colour."""
    found = {}
    for part in axes.collections:
        x, y = part.get_paths()[0].vertices.T
        spans = [np.ptp(y[np.isclose(x, size)]) for size in (50, 500, 5000)]
        found[to_hex(part.get_facecolor()[0])] = pytest.approx(spans, abs=1e-9)
    return found


def test_each_true_effect_has_a_chart_of_stacked_chances_that_looks_like_the_legend():
    # Rows out of order must not make a surface run backwards.
    figure = draw_next_trial(TRIALS.iloc[::-1], NEXT, 0.8, WORDING)
    charts = [axes for axes in figure.axes if axes.axison]
    colours = {
        text.get_text(): to_hex(handle.get_facecolor())
        for drawn in figure.legends
        for text, handle in zip(drawn.get_texts(), drawn.get_patches(), strict=False)
    }
    for axes, chances in zip(charts, CHANCES.values(), strict=True):
        towards, away, none = np.array(chances).T
        heights = surfaces(axes)
        assert heights[colours["moves towards the truth"]] == towards
        assert heights[colours["moves away from the truth"]] == away
        assert heights[colours["moves to “cannot tell”"]] == none
        assert heights[colours["stays as it is"]] == 1 - towards - away - none
        assert axes.get_xscale() == "log"
    assert [[text.get_text() for text in axes.texts] for axes in charts] == [["0.5"], ["1"], ["2"]]
    assert "Verdict now: leans to more." in words_of(figure)
    assert_readable(figure)


def test_shares_of_a_next_trial_differ_in_grey():
    looks = [next_trial.TOWARDS, next_trial.STAYS, next_trial.CANNOT_TELL, next_trial.AWAY]
    grey = sorted(float(np.dot(to_rgb(look["facecolor"]), (0.299, 0.587, 0.114))) for look in looks)
    assert min(np.diff(grey)) > 0.1


@pytest.mark.parametrize("count", [1, 6, 11])
def test_any_number_of_true_effects_and_a_single_size_stay_readable(count):
    effects = np.round(np.geomspace(0.5, 2, count), 2)
    trials = pd.concat([TRIALS.iloc[[0]].assign(true_effect=effect) for effect in effects])
    assert_readable(draw_next_trial(trials, NEXT, 0.8, WORDING))


def test_outcome_without_simulated_trials_says_why():
    reasons = NEXT.assign(reason="fewer than 3 studies")
    figure = draw_next_trial(TRIALS.iloc[:0], reasons, 0.8, WORDING)
    assert "Nothing was simulated: fewer than 3 studies." in words_of(figure)
    assert_readable(figure)


def test_equal_figures_are_equal_files(tmp_path):
    for run in ("first", "second"):
        figure = draw_subsets(subsets(10), CLUSTERS, variants(10))
        write_figure(figure, tmp_path / f"{run}.svg", tmp_path / f"{run}.png")
    for kind in ("svg", "png"):
        first, second = (tmp_path / f"{run}.{kind}" for run in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()
