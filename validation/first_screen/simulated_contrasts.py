r"""Contrasts of two outcomes in made-up reviews of known truth: verdicts and stated intervals.

For study i and outcome j,

.. math:: \theta_{ij} = \mu_j + \tau (\sqrt{\rho}\, g_i + \sqrt{1 - \rho}\, w_{ij}), \qquad
          g_i, w_{ij} \sim N(0, 1):

true effects of one study are alike. Writes `contrasts.csv`, and puts it into the README. From the
root of the repository (a quarter of an hour on one core):
``PYTHONPATH=src .venv/bin/python validation/first_screen/simulated_contrasts.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from first_screens import (
    LIMIT,
    PROTOCOL,
    RULES,
    SEED,
    SETS,
    SIZES,
    TOGETHER,
    Review,
    Study,
    answer_and_sizes,
    rows_of,
    write,
)

from livingreview.calibration.cases import BASELINE
from livingreview.effects.data_set import Dataset, dataset
from livingreview.effects.design_matrix import ALL_STUDIES
from livingreview.models.quadrature.contrasts import ANSWER, OTHERS
from livingreview.models.quadrature.engine import statistics
from livingreview.models.quadrature.marginals import Marginal
from livingreview.models.quadrature.two_outcomes import Evidence, correlation_shape, two_outcomes
from livingreview.protocol.models import JOINT
from livingreview.synthesis.contrasts import contrast_table
from livingreview.synthesis.size import LearntSizes
from livingreview.tables.effects import Terms

REVIEWS = 200
CONTRASTS = (0.0, 0.5, 1.0)
TAU, CORRELATION = 0.3, 0.5
# Points of a pooled effect, nodes of a heterogeneity, turns of the correlation: an eighth of the
# time of those that the page's answers start from. In reviews like these the probability of a
# direction moves by less than 0.001, and a quantile by less than 0.01.
GRID = (33, 9, 9)
PRIORS = SETS[RULES.size.prior_sets[0]]
PAIR = ("first", "second")
KEY = "first_minus_second"
# Of all outcomes, and of the studies with both; the answers are those of integration.
FITS = (f"{JOINT}/all_outcomes", f"{JOINT}/{KEY}")
_LKJ = PROTOCOL.models["all_outcomes"].lkj
assert _LKJ is not None
SHAPE = correlation_shape(_LKJ, len(PAIR))
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Pair:
    """A kind of review of two outcomes.

    Attributes
    ----------
    both : tuple of int
        People in each group of the studies with both outcomes.
    first_only : tuple of int
        Those of studies with the first outcome only.
    shift : float
        Of the log odds ratios of these, which are other studies in more than the outcome.
    """

    both: tuple[int, ...]
    first_only: tuple[int, ...] = ()
    shift: float = 0.0


PAIRS = {
    "both outcomes in the same eight studies": Pair(SIZES),
    "five studies with both, five others with one": Pair(
        (80, 140, 200, 250, 400), (60, 100, 200, 320, 400), shift=0.5
    ),
}


def drawn(pair: Pair, contrast: float, name: str, rng: np.random.Generator) -> tuple[Rows, Rows]:
    """Rows of `Terms` of the two outcomes of a review; of the second one the pooled effect is 0."""
    own = Review((), TAU * math.sqrt(1 - CORRELATION))
    sides: tuple[Rows, Rows] = ([], [])
    for j, people in enumerate(pair.both + pair.first_only):
        alone = j >= len(pair.both)
        shared = TAU * math.sqrt(CORRELATION) * rng.standard_normal()
        study = Study(people, True, pair.shift * alone)
        for rows, mu in zip(sides, (contrast, 0.0)[: 1 if alone else 2], strict=False):
            rows += rows_of(study, f"{name}/s{j}", mu + shared, own, rng)
    return sides


def simulated(pair: Pair, contrast: float) -> pd.DataFrame:
    """What is said of the contrast of many reviews of one kind, one row each."""
    rng = np.random.default_rng([SEED, round(1000 * contrast), len(pair.first_only)])
    said = []
    for _ in range(0, REVIEWS, TOGETHER):
        reviews = [drawn(pair, contrast, f"r{i}", rng) for i in range(TOGETHER)]
        learnt = [
            answer_and_sizes(data_of([row for review in reviews for row in review[side]]))[1]
            for side in range(2)
        ]
        said += [
            of_contrast(review, [bool(of_side[i]) for of_side in learnt])
            for i, review in enumerate(reviews)
        ]
    return pd.DataFrame(said)


def data_of(rows: Rows) -> Dataset:
    """Data set of one outcome."""
    return dataset(Terms.frame(rows), BASELINE)


def of_contrast(review: tuple[Rows, Rows], learnt: list[bool]) -> dict[str, Any]:
    """Row of `livingreview.tables.synthesis.Contrasts` of a review."""
    reported = [{row["study_id"] for row in rows} for rows in review]
    of_both = [[row for row in rows if row["study_id"] in reported[1]] for rows in review]
    evidence = {"both": Evidence.of(*map(data_of, of_both))}
    everyone = reported[0] != reported[1]
    evidence["all"] = Evidence.of(*map(data_of, review)) if everyone else evidence["both"]
    # The second outcome is reported by the studies with both only.
    studies = len(reported[1])
    integrated = pd.DataFrame([*_rows(evidence, studies)])
    draws = {"contrast": (("chain", "draw", "difference"), np.empty((1, 0, 1)))}
    none = xr.Dataset(draws, {"difference": [KEY], "outcome": [*PAIR]})
    fits = [(name, xr.DataTree.from_dict({"posterior": none})) for name in FITS]
    overall = pd.DataFrame({"fit": [f"{name}/overall" for name in PAIR], "learnt": learnt})
    sizes = LearntSizes(overall.assign(setting=ALL_STUDIES))
    [row] = contrast_table(fits, integrated, RULES, PROTOCOL.measure, sizes).to_dict("records")
    return row


def _rows(evidence: dict[str, Evidence], studies: int) -> Iterator[dict[str, Any]]:
    """Rows of `livingreview.tables.models.IntegratedContrasts` that the rule looks at."""
    known: dict[tuple[int, str], Marginal] = {}
    for used, correlation, law in (ANSWER, *OTHERS):
        of = evidence[used]
        key = (id(of), correlation)
        if key not in known:
            shape = SHAPE if correlation == "estimated" else None
            known[key] = two_outcomes(of, PRIORS, shape, LIMIT, GRID, GRID).contrast
        yield {
            "fit": FITS[1],
            "quantity": f"contrast[{KEY}]",
            "studies_used": used,
            "studies": studies,
            "correlation": correlation,
            "law": law,
            **statistics(known[key]),
        }


def results() -> pd.DataFrame:
    """One row for each kind of review and true contrast."""
    rows = []
    for name, pair in PAIRS.items():
        for contrast in CONTRASTS:
            said = simulated(pair, contrast)
            true = math.exp(contrast)
            held = said["comparison_low"].le(true) & said["comparison_high"].ge(true)
            all_held = said["all_comparison_low"].le(true) & said["all_comparison_high"].ge(true)
            sized = said["size_learnt"]
            clear = RULES.verdicts[0].id
            up, all_up = (said[f"{of}p_above"] > said[f"{of}p_below"] for of in ("", "all_"))
            rows.append(
                {
                    "review": name,
                    "true_ratio_of_odds_ratios": round(true, 2),
                    "reviews": len(said),
                    "settled": said["settled"].mean(),
                    "settled_and_wrong": _wrong(said["settled"], up, contrast),
                    "clear_by_both": (said["step"] == clear).mean(),
                    "wrong_by_both": _wrong(said["step"] == clear, up, contrast),
                    "clear_by_all": (said["all_step"] == clear).mean(),
                    "wrong_by_all": _wrong(said["all_step"] == clear, all_up, contrast),
                    "size_stated": sized.mean(),
                    "held_when_stated": held[sized].mean(),
                    "held_by_all": all_held[sized].mean(),
                }
            )
            print(rows[-1], flush=True)
    return pd.DataFrame(rows).round(4)


def _wrong(claimed: pd.Series, up: pd.Series, contrast: float) -> float:
    """Share of reviews in which a side is claimed that is not the true one."""
    return float((claimed & ((contrast <= 0) | ~up)).mean())


if __name__ == "__main__":
    write(results(), "contrasts")
