"""Reviews from which results are missing: what each way to allow for that makes of them.

Writes `normalisation.csv` and `fixed_weights.csv`, and puts them into the README and into
docs/methods.md. From the root of the repository (a quarter of an hour on one core):
``PYTHONPATH=src .venv/bin/python validation/selective_printing/simulate.py``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from livingreview.calibration.cases import BASELINE, PRIORS
from livingreview.effects.data_set import Dataset, Floats, dataset
from livingreview.effects.forms.printing import Printing
from livingreview.models.quadrature.locations import Likelihoods
from livingreview.models.quadrature.marginals import MEDIAN
from livingreview.models.quadrature.pooled_effect import PooledEffects, pooled_effects
from livingreview.models.quadrature.printed_studies import printed
from livingreview.models.quadrature.study_tables import StudyLikelihoods
from livingreview.tables.effects import Terms

HERE = Path(__file__).parent
METHODS = HERE.parents[1] / "docs/methods.md"
SEED = 20261127
# Two groups of 50 to 400 people each, at a control probability near a third.
ERRORS = 3.0 / np.sqrt(np.array([50.0, 70.0, 100.0, 130.0, 160.0, 200.0, 280.0, 400.0]))
TAU = 0.3
WEIGHT = 0.5
WEIGHTS = (1.0, 0.5, 0.2, 0.1)
SIGNIFICANT = 1.96
LIMIT = math.log(1.1)
# Studies that are integrated together, in one table.
TOGETHER = 400
# Pooled effect, times that each of the eight sizes occurs, number of reviews.
NORMALISED = ((0.1, 1, 1000), (0.3, 1, 1000), (0.2, 10, 200))
# Pooled effect, and the sign of the significant results that are always printed.
UNREPORTED: tuple[tuple[float, Literal[-1, 0]], ...] = ((0.0, 0), (-0.3, 0), (0.0, -1), (-0.3, -1))
REVIEWS = 400
SIDES: dict[int, str] = {0: "two-sided", -1: "one-sided"}

Analysis = Callable[[Dataset, StudyLikelihoods], Likelihoods]


@dataclass(frozen=True)
class Setting:
    """What is true: the pooled effect, which results are printed, and the standard errors."""

    mu: float
    printing: Printing
    errors: Floats

    def estimates(self, rng: np.random.Generator) -> Floats:
        """Values of one review, each of the first study of its size that was printed."""
        size = self.errors.size
        low, high = self.printing.unfavoured(np.full(size, SIGNIFICANT))
        values, pending = np.empty(size), np.ones(size, dtype=bool)
        while pending.any():
            drawn = self.mu + np.hypot(TAU, self.errors) * rng.standard_normal(size)
            values = np.where(pending, drawn, values)
            unfavoured = (low < drawn / self.errors) & (drawn / self.errors < high)
            pending &= unfavoured & (rng.random(size) > self.printing.weight)
        return values

    def reviews(self, number: int) -> Floats:
        """Values of many reviews, shape (review, study)."""
        rng = np.random.default_rng(SEED)
        return np.stack([self.estimates(rng) for _ in range(number)])


def everything(data: Dataset, likelihoods: StudyLikelihoods) -> StudyLikelihoods:
    """As if all results were printed."""
    return likelihoods


def over_the_population(printing: Printing) -> Analysis:
    """Given that results were printed, over the population of studies."""
    return lambda data, likelihoods: printed(data, likelihoods, printing)


def at_each_effect(weight: float) -> Analysis:
    """Given that results were printed, at each study's own effect: P(printed | theta)."""

    def divided(data: Dataset, likelihoods: StudyLikelihoods) -> StudyLikelihoods:
        theta = likelihoods.theta
        value, error = likelihoods.value[:, None], likelihoods.error[:, None]
        inside = stats.norm.cdf(SIGNIFICANT - theta / error)
        inside = inside - stats.norm.cdf(-SIGNIFICANT - theta / error)
        nothing = np.full(likelihoods.error.size, np.nan)
        return StudyLikelihoods(
            names=likelihoods.names,
            theta=theta,
            log_likelihood=stats.norm.logpdf(value, theta, error)
            - np.log1p(-(1 - weight) * inside),
            value=nothing,
            error=nothing,
            width=likelihoods.width,
        )

    return divided


def recovery(setting: Setting, values: Floats, analysis: Analysis) -> dict[str, float]:
    """Bias of the median with its Monte Carlo error, and coverage of the 95% interval.

    `values`: estimates, shape (review, study).
    """
    size = max(1, TOGETHER // setting.errors.size)
    parts = np.split(values, range(size, len(values), size))
    found = [answered(part, setting.errors, analysis).mu.quantiles for part in parts]
    quantiles = np.concatenate(found)
    median, low, high = quantiles[:, MEDIAN], quantiles[:, 0], quantiles[:, -1]
    return {
        "reviews": len(values),
        "bias": float(median.mean() - setting.mu),
        "bias_error": float(median.std(ddof=1) / np.sqrt(len(values))),
        "coverage": float(((low < setting.mu) & (setting.mu < high)).mean()),
    }


def answered(values: Floats, errors: Floats, analysis: Analysis) -> PooledEffects:
    """Posterior of each of a few reviews, which share a grid; values of shape (review, study)."""
    names = [f"study_{i}" for i in range(values.size)]
    columns = {"study_id": names, "effect_id": names, "likelihood": "normal"}
    columns |= {"value": values.ravel(), "standard_error": np.tile(errors, len(values))}
    data = dataset(Terms.frame(pd.DataFrame(columns).to_dict("records")), BASELINE)
    likelihoods = analysis(data, StudyLikelihoods.from_readings([data]))
    review = np.array([names.index(name) for name in likelihoods.names]) // errors.size
    return pooled_effects(likelihoods, np.arange(len(values))[:, None] == review, PRIORS, LIMIT)


def normalisation() -> Iterator[dict[str, object]]:
    """Selection ignored, and either way to divide by the probability of being printed."""
    ways = {
        "ignored": everything,
        "at each study's effect": at_each_effect(WEIGHT),
        "over the population": over_the_population(Printing(WEIGHT)),
    }
    for mu, times, number in NORMALISED:
        setting = Setting(mu, Printing(WEIGHT), np.tile(ERRORS, times))
        values = setting.reviews(number)
        for way, analysis in ways.items():
            known = {"studies": setting.errors.size, "mu": mu, "division": way}
            yield known | recovery(setting, values, analysis)


def fixed_weights() -> Iterator[dict[str, object]]:
    """Each weight, two-sided and one-sided, where half of the unfavoured results are missing."""
    for mu, favoured in UNREPORTED:
        setting = Setting(mu, Printing(WEIGHT, favoured), ERRORS)
        values = setting.reviews(REVIEWS)
        known = {"mu": mu, "missing": SIDES[favoured]}
        for weight in WEIGHTS:
            for sides in (0, -1) if weight < 1 else (0,):
                analysis = over_the_population(Printing(weight, sides))
                assumed = {"weight": weight, "sides": SIDES[sides] if weight < 1 else "either"}
                yield known | assumed | recovery(setting, values, analysis)


# Words at the head of each column of the tables.
HEADS = {
    "studies": "studies",
    "mu": "true μ",
    "division": "divided",
    "missing": "half are missing",
    "weight": "weight assumed",
    "sides": "sides assumed",
    "reviews": "reviews",
    "bias": "bias ± error",
    "coverage": "coverage of 95%",
}
TABLES = {"normalisation": normalisation, "fixed_weights": fixed_weights}
_BLOCK = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", flags=re.DOTALL)


def written(text: str) -> str:
    """A text with each block between `<!-- table: name -->` and `<!-- end -->` made anew."""
    return _BLOCK.sub(lambda m: m[1] + _markdown(pd.read_csv(HERE / f"{m[2]}.csv")) + m[3], text)


def _markdown(table: pd.DataFrame) -> str:
    columns = [column for column in HEADS if column in table]
    lines = [[HEADS[column] for column in columns], ["---"] * len(columns)]
    for row in table.to_dict("records"):
        cells = {column: str(row[column]) for column in columns}
        cells |= {column: f"{row[column]:g}" for column in ("mu", "weight") if column in row}
        cells |= {"bias": f"{row['bias']:+.3f} ± {row['bias_error']:.3f}"}
        cells |= {"coverage": f"{row['coverage']:.1%}"}
        lines.append([cells[column].replace("-0", "−0") for column in columns])
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main() -> None:
    """Simulate, write the tables, and put them into both texts."""
    for name, rows in TABLES.items():
        table = pd.DataFrame(rows())
        table.round(6).to_csv(HERE / f"{name}.csv", index=False)
        print(_markdown(table), flush=True)
    for path in (HERE / "README.md", METHODS):
        path.write_text(written(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
