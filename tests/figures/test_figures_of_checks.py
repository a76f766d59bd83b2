"""Figures of stage 4 mark what the checks found, and tell sound chains from unsound ones."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from figure_texts import assert_readable, marks_of, words_of
from scipy import stats

from livingreview.base.measures import ODDS_RATIO
from livingreview.figures.influence import draw_influence
from livingreview.figures.posterior_draws import UNFITTED, overall_draws
from livingreview.figures.predictive import draw_predictive
from livingreview.figures.priors import draw_priors, spread_density, spread_quantile
from livingreview.figures.ranks import band, draw_ranks, rank_departures
from livingreview.figures.saving import write_figure
from livingreview.figures.wording import OutcomeWords
from livingreview.protocol.models import Priors

LIMBS = {"limbs": OutcomeWords("Broken limbs seen at any hospital", "broken limbs", "lower")}
BOTH = LIMBS | {"teeth": OutcomeWords("Teeth lost", "teeth lost", "lower")}
DEFAULT = Priors.model_validate(
    {"mu": "normal(0, 1)", "beta": "normal(0, 0.5)", "tau": "half_normal(0.5)"}
)
TURNER = Priors.model_validate(
    {"mu": "normal(0, 1)", "beta": "normal(0, 0.5)", "tau_squared": "log_normal(-2.56, 1.74)"}
)
POINTS = np.linspace(0, 1, 101)


def draws(shift=0.0, chains=4, size=500):
    """Independent draws; the first chain stands `shift` higher."""
    rng = np.random.default_rng(7)
    mu = rng.normal(0.3, 0.4, (chains, size))
    mu[0] += shift
    tau = np.abs(rng.normal(0, 0.5, (chains, size)))
    return xr.Dataset({"mu": (("chain", "draw"), mu), "tau": (("chain", "draw"), tau)})


def charts(figure):
    return [axes for axes in figure.axes if axes.axison]


def test_departure_of_ranks_is_the_share_less_the_point():
    # Two chains, one all low and one all high: at the middle one has all ranks, one none.
    mu = xr.Dataset({"mu": (("chain", "draw"), np.arange(200.0).reshape(2, 100))})
    low, high = rank_departures(mu, np.array([0.0, 0.5, 1.0]))
    assert low == pytest.approx([0, 0.5, 0], abs=0.011)
    assert high == pytest.approx([0, -0.5, 0], abs=0.011)


def test_band_holds_independent_chains_and_not_one_that_stands_apart():
    sound, unsound = draws()[["mu"]], draws(shift=0.4)[["mu"]]
    assert np.abs(rank_departures(sound, POINTS)).max() < band(sound)
    assert np.abs(rank_departures(unsound, POINTS)).max() > band(unsound)


def test_band_holds_all_chains_of_a_sound_sampler_at_least_95_times_in_100():
    rng = np.random.default_rng(8)
    inside = []
    for _ in range(200):
        mu = xr.Dataset({"mu": (("chain", "draw"), rng.normal(size=(4, 100)))})
        inside.append(np.abs(rank_departures(mu, POINTS)).max() < band(mu))
    assert np.mean(inside) >= 0.95


def test_ranks_draw_a_line_per_chain_and_say_where_nothing_was_fitted():
    figure = draw_ranks({"limbs": draws()}, set(), BOTH)
    for axes in charts(figure):
        lines = [line for line in axes.lines if len(line.get_xdata()) > 2]
        assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == 4
    assert UNFITTED in words_of(figure) and "chain 4" in words_of(figure)
    assert_readable(figure)


def test_draws_are_those_of_the_overall_model():
    fits = [
        (f"limbs/{model}", xr.DataTree.from_dict({"posterior": draws(shift)}))
        for model, shift in (("design", 5.0), ("overall", 0.0))
    ]
    found = overall_draws(fits)
    assert list(found) == ["limbs"]
    xr.testing.assert_equal(found["limbs"], draws())


@pytest.mark.parametrize("priors", [DEFAULT, TURNER])
def test_prior_of_the_spread_is_a_density_with_these_quantiles(priors):
    # Substituting tau = exp(x) keeps the mass near 0 on the grid.
    x = np.linspace(-14, 6, 200_001)
    mass = spread_density(priors, np.exp(x)) * np.exp(x)
    below = np.cumsum(mass) * (x[1] - x[0])
    assert below[-1] == pytest.approx(1, abs=1e-4)
    median = spread_quantile(priors, 0.5)
    assert below[np.searchsorted(x, np.log(median))] == pytest.approx(0.5, abs=1e-3)


def test_turner_prior_has_its_median_on_the_standard_deviation():
    assert spread_quantile(TURNER, 0.5) == pytest.approx(np.exp(-2.56 / 2))


def test_prior_and_posterior_are_drawn_where_they_are():
    figure = draw_priors({"limbs": draws()}, DEFAULT, LIMBS, ODDS_RATIO)
    effect, spread = charts(figure)
    for axes, prior in ((effect, stats.norm(0, 1)), (spread, stats.halfnorm(0, 0.5))):
        line = max(axes.lines, key=lambda line: len(line.get_xdata()))
        assert line.get_ydata() == pytest.approx(prior.pdf(line.get_xdata()))
    [posterior] = effect.collections
    x, y = posterior.get_paths()[0].vertices.T
    assert x[np.argmax(y)] == pytest.approx(0.3, abs=0.15)
    # Near 0 the spread's density must not fall off, as that of an unbounded smoother would.
    x, y = spread.collections[0].get_paths()[0].vertices.T
    assert y[(x > 0) & (x < 0.05)].max() == pytest.approx(stats.halfnorm(0, 0.5).pdf(0), rel=0.15)
    assert_readable(figure)


def test_priors_say_where_nothing_was_fitted():
    figure = draw_priors({}, TURNER, LIMBS, ODDS_RATIO)
    assert UNFITTED in words_of(figure)
    assert_readable(figure)


def predictive():
    nothing = None
    rows = [
        ("prior", "pooled_effect", nothing, -2.0, 0.0, 2.0),
        ("prior", "new_effect", nothing, -2.4, 0.1, 2.4),
        ("prior", "smallest", -1.6, -9.0, -1.1, 0.2),
        ("posterior", "smallest", -1.6, -2.0, -1.2, -0.5),
        ("prior", "spread", 160.0, 5.0, 90.0, 400.0),
        ("posterior", "spread", 160.0, 60.0, 120.0, 200.0),
        ("prior", "significant_increases", 0.25, 0.0, 0.3, 0.9),
        ("posterior", "significant_increases", 0.25, 0.1, 0.2, 0.4),
        ("prior", "not_significant", 1.0, 0.0, 0.5, 1.0),
        ("posterior", "not_significant", 1.0, 0.2, 0.4, 0.8),
    ]
    columns = ["based_on", "statistic", "observed", "q2_5", "q50", "q97_5"]
    return pd.DataFrame(rows, columns=columns).assign(fit="limbs/overall")


def test_predictions_stand_in_the_row_of_their_statistic_with_the_observed_bar():
    # Another model's fit has no place here.
    table = pd.concat([predictive(), predictive().assign(fit="limbs/design", q50=0.77)])
    figure = draw_predictive(table, BOTH, ODDS_RATIO)
    ratios, spread, shares = charts(figure)
    rows = marks_of(ratios, "o")
    assert [x for x, _ in rows] == [0.0, 0.1, -1.1, -1.2]
    # The prior above the posterior of the same row; a prior alone in the middle of its row.
    assert rows[2][1] < rows[3][1] < rows[2][1] + 0.2
    observed = [
        line for line in ratios.lines if line.get_linewidth() == 3.2 and line.get_xdata()[0] == -1.6
    ]
    assert len(observed) == 1
    low, high = observed[0].get_ydata()
    assert low < rows[2][1] < rows[3][1] < high
    assert [x for x, _ in marks_of(spread, "o")] == [90.0, 120.0]
    assert [x for x, _ in marks_of(shares, "o")] == [0.3, 0.2, 0.5, 0.4]
    assert len(marks_of(ratios, "<")) == 1
    assert UNFITTED in words_of(figure)
    assert_readable(figure)


def test_statistics_without_rows_have_no_chart():
    table = predictive()
    table = table[table["statistic"].isin(["pooled_effect", "significant_increases"])]
    figure = draw_predictive(table, LIMBS, ODDS_RATIO)
    assert len(charts(figure)) == 2
    assert "Cochran" not in words_of(figure) and "not significant" not in words_of(figure)


def test_charts_of_nothing_have_no_legend():
    figures = [
        draw_predictive(predictive().iloc[:0], LIMBS, ODDS_RATIO),
        draw_priors({}, DEFAULT, LIMBS, ODDS_RATIO),
    ]
    for figure in figures:
        assert UNFITTED in words_of(figure)
        assert not figure.legends


def studies(count):
    return pd.DataFrame(
        {
            "study_id": [f"s{i}" for i in range(count)],
            "label": [f"Author {i}" if i % 3 else f"Consortium of {i} Towns" for i in range(count)],
            "year": 2000,
        }
    )


def influence(k, pit=None):
    k = np.asarray(k, dtype=float)
    pit = np.linspace(0.05, 0.95, k.size) if pit is None else pit
    names = [f"s{i}" for i in range(k.size)]
    columns = {"study_id": names, "elpd": -1.0, "pareto_k": k, "pit": pit, "refitted": k > 0.7}
    return pd.DataFrame(columns).assign(fit="limbs/overall")


def test_studies_are_sorted_by_influence_and_refitted_ones_marked():
    figure = draw_influence(influence([0.2, 0.9, -0.1, 0.71]), studies(4), BOTH, 0.7)
    [axes] = charts(figure)
    refitted, others = marks_of(axes, "D"), marks_of(axes, "o")
    assert [x for x, _ in refitted] == [0.9, 0.71] and [x for x, _ in others] == [0.2, -0.1]
    heights = [y for _, y in refitted + others]
    assert heights == sorted(heights) and axes.get_ylim()[0] > axes.get_ylim()[1]
    assert 0.7 in [line.get_xdata()[0] for line in axes.lines]
    left, right = axes.get_xlim()
    assert left < -0.1 and right > 0.9
    assert UNFITTED in words_of(figure)
    assert_readable(figure)


@pytest.mark.parametrize("count", [1, 8, 13, 200])
def test_influence_stays_readable_and_small(count, tmp_path):
    k = np.random.default_rng(9).uniform(-0.2, 1.4, count)
    figure = draw_influence(influence(k), studies(count), LIMBS, 0.7)
    assert_readable(figure)
    write_figure(figure, tmp_path / "a.svg", tmp_path / "a.png")
    assert (tmp_path / "a.svg").stat().st_size < 400_000
    if count == 200:
        assert f"160 studies, k at most {np.sort(k)[159]:.2f}" in words_of(figure)


def stairs(figure):
    axes = charts(figure)[-1]
    line = max(axes.lines, key=lambda line: len(line.get_xdata()))
    return np.asarray(line.get_xdata()), np.asarray(line.get_ydata()), axes


def test_stairs_rise_by_one_study_at_each_transform():
    pit = np.array([0.9, 0.1, 0.3, 0.5, 0.2, 0.7, 0.8, 0.4])
    x, y, _ = stairs(draw_influence(influence([0.1] * 8, pit), studies(8), LIMBS, 0.7))
    assert x[1:-1].tolist() == sorted(pit)
    assert y[1:-1] == pytest.approx(np.arange(1, 9) / 8)


def test_strip_around_the_stairs_is_the_kolmogorov_smirnov_bound():
    # A sample whose distance to even is just the bound has p = 0.05.
    _, _, axes = stairs(draw_influence(influence([0.1] * 20), studies(20), LIMBS, 0.7))
    corners = axes.collections[0].get_paths()[0].vertices
    half = corners[corners[:, 0] == 0][:, 1].max()
    assert stats.kstwo.sf(half, 20) == pytest.approx(0.05)


def test_too_few_studies_have_no_stairs():
    figure = draw_influence(influence([0.1] * 4), studies(4), LIMBS, 0.7)
    assert len(charts(figure)) == 1
    assert "predicted place" not in words_of(figure)


def test_equal_draws_give_equal_files(tmp_path):
    for run in ("first", "second"):
        for name, figure in {
            "ranks": draw_ranks({"limbs": draws()}, set(), LIMBS),
            "priors": draw_priors({"limbs": draws()}, TURNER, LIMBS, ODDS_RATIO),
        }.items():
            write_figure(figure, tmp_path / f"{run}_{name}.svg", tmp_path / f"{run}_{name}.png")
    for file in ("ranks.svg", "ranks.png", "priors.svg", "priors.png"):
        first, second = (tmp_path / f"{run}_{file}" for run in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()
