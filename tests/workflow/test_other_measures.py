"""Reviews by rate ratios and by mean differences, from records to the page.

Numbers are held against integrals that share no code with the package.
"""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from other_measures import (
    MEAN_DIFFERENCE,
    MEANS,
    RATE_RATIO,
    RATES,
    protocol,
    write_review,
)
from scipy import stats
from tiny_trees import snakemake, tiny_tree

from livingreview.audit.verification import audit

LEVELS = {"q2_5": 0.025, "q50": 0.5, "q97_5": 0.975}
PHRASES = {"rates": "rate ratio", "means": "mean difference"}
# A build each: one of them is enough in every run.
REVIEWS = [
    pytest.param("rates", marks=pytest.mark.long),
    pytest.param("means", marks=pytest.mark.slow),
]


@pytest.fixture(scope="module", params=REVIEWS)
def results(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of one of the reviews; the folder has its name."""
    tree = tiny_tree(tmp_path_factory.mktemp(request.param))
    write_review(tree, request.param)
    run = snakemake(tree, review=request.param)
    assert run.returncode == 0, run.stderr[-3000:]
    return tree / "results" / request.param


def distribution(name: str):
    """A prior of the review, by scipy."""
    text = protocol(name[0])["prior_sets"]["default"][name[1]]
    family, scale = text.split("(")[0], float(text.rstrip(")").split(",")[-1].split("(")[-1])
    return stats.norm(0, scale) if family == "normal" else stats.halfnorm(0, scale)


def log_likelihoods(review: str, theta: np.ndarray) -> np.ndarray:
    """Log likelihood of each study at each effect, shape (study, point)."""
    if review == "means":
        told = [
            (a - c, np.sqrt(sa**2 / na + sc**2 / nc)) for (a, sa, na), (c, sc, nc) in MEANS.values()
        ]
        return np.array([stats.norm.logpdf(y, theta, s) for y, s in [*told, MEAN_DIFFERENCE]])
    rows = []
    alpha = np.linspace(-8, 6, 2801)[:, None]
    prior = stats.norm.logpdf(alpha, -1, 10)
    for (events, time), (events_control, time_control) in RATES.values():
        both = stats.poisson.logpmf(events, time * np.exp(alpha + theta)) + stats.poisson.logpmf(
            events_control, time_control * np.exp(alpha)
        )
        rows.append(np.log(np.exp(both + prior).sum(axis=0)))
    value, (low, high) = RATE_RATIO
    error = np.log(high / low) / (2 * stats.norm.ppf(0.975))
    return np.array([*rows, stats.norm.logpdf(np.log(value), theta, error)])


def posterior_quantiles(review: str) -> dict[str, float]:
    """Quantiles of the pooled effect on the line of models, by sums over a grid."""
    largest = {"rates": 1.5, "means": 40.0}[review]
    mu, theta = np.linspace(-largest, largest, 601), np.linspace(-1.5 * largest, 1.5 * largest, 901)
    likelihood = np.exp(log_likelihoods(review, theta))
    # Equal steps of the square root of tau: its posterior reaches to 0.
    root = np.linspace(0, np.sqrt(largest), 200)[1:]
    density = np.zeros(mu.size)
    for tau in root**2:
        kernel = stats.norm.pdf(theta, mu[:, None], tau)
        kernel /= np.maximum(kernel.sum(axis=1, keepdims=True), 1e-300)
        marginal = (kernel @ likelihood.T).prod(axis=1)
        density += marginal * distribution((review, "tau")).pdf(tau) * 2 * np.sqrt(tau)
    density *= distribution((review, "mu")).pdf(mu)
    below = (np.cumsum(density) - density / 2) / density.sum()
    return {name: float(np.interp(level, below, mu)) for name, level in LEVELS.items()}


def shown(page: str) -> str:
    """Words of a page, those of its figures and its style included."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def test_nothing_speaks_of_odds(results: Path):
    review = results.name
    files = [*results.glob("8_report/*.html"), *results.glob("8_report/*.md")]
    files += [*results.glob("8_report/*.json"), *results.glob("8_report/tables/*.csv")]
    files += list(results.glob("7_figures/*.svg"))
    files = [file for file in files if not file.name.startswith("checklist")]
    assert len(files) > 20
    for file in files:
        assert not re.search(r"\bodds", file.read_text(), re.IGNORECASE), file
    page = shown((results / "8_report/page.html").read_text())
    assert f"The pooled {PHRASES[review]}" in page
    assert PHRASES[review] in (results / "8_report/summary.md").read_text().lower()


def test_integrated_numbers_are_those_of_a_plain_sum(results: Path):
    review = results.name
    pooled = pd.read_csv(results / "3_models/quadrature.csv").set_index(["fit", "quantity"])
    row = pooled.loc[("relapse/overall", "mu")]
    expected = posterior_quantiles(review)
    tolerance = {"rates": 0.002, "means": 0.01}[review]
    for name, value in expected.items():
        assert row[name] == pytest.approx(value, abs=tolerance), name


def test_the_page_prints_the_effect_on_its_natural_scale(results: Path):
    review = results.name
    summary = pd.read_csv(results / "5_synthesis/summary.csv").set_index("fit")
    row = summary.loc["relapse/overall"]
    expected = posterior_quantiles(review)
    natural = np.exp if review == "rates" else np.asarray
    # Sampled with few draws.
    tolerance = {"rates": {"rel": 0.06}, "means": {"abs": 1.2}}[review]
    for name, column in zip(LEVELS, ("effect_low", "effect", "effect_high"), strict=True):
        assert row[column] == pytest.approx(float(natural(expected[name])), **tolerance)
    page = shown((results / "8_report/page.html").read_text())
    number = f"{row['effect']:.2g}".replace("-", "−")
    unit = " (mmHg)" if review == "means" else ""
    assert f"The pooled {PHRASES[review]}{unit} is {number}" in page
    limits = (
        "a rate ratio between 0.91 and 1.1"
        if review == "rates"
        else ("a mean difference between −2 and 2")
    )
    assert f"practically no difference ({limits})" in page
    assert "1,000" not in page
    assert "Not assessed: the protocol states no" in shown(
        (results / "8_report/sensitivity.html").read_text()
    )


def test_results_for_programs_name_the_measure(results: Path):
    told = json.loads((results / "8_report/results.json").read_text())
    assert told["format"] == 2
    assert told["measure"]["name"] == PHRASES[results.name].replace(" ", "_")
    assert told["measure"]["no_difference"] == (1 if results.name == "rates" else 0)
    assert told["outcomes"][0]["overall"]["baseline_per_1000"] is None


def test_every_number_on_the_page_is_borne_out(results: Path):
    assert audit(results, results.parents[1]).claims > 40
