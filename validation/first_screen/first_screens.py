"""Made-up reviews of known truth: what the first screen says of each, and whether that is so.

Writes `first_screen.csv`, and puts it into the README. From the root of the repository (ten minutes
on one core): ``PYTHONPATH=src .venv/bin/python validation/first_screen/first_screens.py``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from livingreview.calibration.cases import BASELINE
from livingreview.effects.data_set import Dataset, dataset
from livingreview.models.quadrature.locations import likelihoods_of
from livingreview.models.quadrature.marginals import MEDIAN
from livingreview.models.quadrature.pooled_effect import PooledEffects, pooled_effects
from livingreview.protocol.review import read_protocol
from livingreview.synthesis.size import sizes_learnt
from livingreview.synthesis.verdicts import verdict
from livingreview.tables.effects import Terms

HERE = Path(__file__).parent
PROTOCOL = read_protocol(HERE.parents[1] / "config/reviews/second_responder.yaml")
RULES = PROTOCOL.decisions
SETS = {name: PROTOCOL.prior_sets_planned_first()[name] for name in RULES.size.prior_sets}
LIMIT = PROTOCOL.measure.limit_on_line
SEED = 20261128
REVIEWS = 400
# Reviews that are integrated together, in one table.
TOGETHER = 50
SIGNIFICANT = 1.96
CONTROL_SHARE = 0.3
EFFECTS = (0.0, 0.25, 0.5, 1.0)
SIZES = (60, 80, 100, 140, 200, 250, 320, 400)


@dataclass(frozen=True)
class Study:
    """One study as it is reported.

    Attributes
    ----------
    people : int
        In each group.
    number : bool
        Whether its counts are reported; else no more than a statement.
    bias : float
        Shift of its log odds ratio.
    """

    people: int
    number: bool
    bias: float = 0.0


@dataclass(frozen=True)
class Review:
    """A kind of review.

    Attributes
    ----------
    studies : tuple of Study
    tau : float
    printed : float
        Share of results that are not significant that are printed; another study of the same kind
        takes the place of one that is not.
    """

    studies: tuple[Study, ...]
    tau: float
    printed: float = 1.0


REVIEWS_OF = {
    "statements only, studies alike": Review((Study(400, False),) * 8, 0.0),
    "statements only, small studies": Review(tuple(Study(n // 2, False) for n in SIZES), 0.3),
    "half numbers, half statements": Review(
        tuple(Study(n, i % 2 == 0) for i, n in enumerate(SIZES)), 0.3
    ),
    "one small number among statements": Review((Study(100, True), *(Study(400, False),) * 7), 0.0),
    "one large number among statements": Review((Study(710, True), *(Study(400, False),) * 7), 0.0),
    "numbers only": Review(tuple(Study(n, True) for n in SIZES), 0.3),
    "numbers, half of null results unreported": Review(
        tuple(Study(n, True) for n in SIZES), 0.3, printed=0.5
    ),
    "numbers, three of eight biased by 1.65": Review(
        tuple(Study(n, True, 0.5 * (i % 3 == 0)) for i, n in enumerate(SIZES)), 0.3
    ),
}


def rows_of(study: Study, name: str, mu: float, review: Review, rng: np.random.Generator) -> Any:
    """Terms of a study that was printed."""
    while True:
        theta = mu + study.bias + review.tau * rng.standard_normal()
        logit = math.log(CONTROL_SHARE / (1 - CONTROL_SHARE)) + 0.3 * rng.standard_normal()
        n = study.people
        treated, control = rng.binomial(n, expit(logit + theta)), rng.binomial(n, expit(logit))
        cells = np.array([treated, n - treated, control, n - control]) + 0.5
        z = float(np.log(cells[0] * cells[3] / cells[1] / cells[2]) / np.sqrt((1 / cells).sum()))
        if abs(z) > SIGNIFICANT or rng.random() < review.printed:
            break
    common = {"study_id": name, "baseline_id": f"{name}/c"}
    if study.number:
        arm = common | {"likelihood": "binomial", "total": float(n)}
        return [
            arm | {"effect_id": None, "treated": 0.0, "events": float(control)},
            arm | {"effect_id": name, "treated": 1.0, "events": float(treated)},
        ]
    low, high = _statement(z, rng)
    stated = {"z_low": low, "z_high": high, "n_treated": float(n), "n_control": float(n)}
    return [common | {"effect_id": name, "likelihood": "interval"} | stated]


def _statement(z: float, rng: np.random.Generator) -> tuple[float, float]:
    """Bounds of z that a statement names; half of those not significant name a direction."""
    if abs(z) > SIGNIFICANT:
        return (SIGNIFICANT, np.inf) if z > 0 else (-np.inf, -SIGNIFICANT)
    if rng.random() < 0.5:
        return (0.0, SIGNIFICANT) if z > 0 else (-SIGNIFICANT, 0.0)
    return -SIGNIFICANT, SIGNIFICANT


def simulated(review: Review, mu: float) -> pd.DataFrame:
    """What the first screen says of many reviews of one kind, one row each."""
    rng = np.random.default_rng([SEED, round(1000 * mu)])
    parts = []
    for _ in range(0, REVIEWS, TOGETHER):
        terms = [
            row
            for i in range(TOGETHER)
            for j, study in enumerate(review.studies)
            for row in rows_of(study, f"r{i}/s{j}", mu, review, rng)
        ]
        parts.append(screens(dataset(Terms.frame(terms), BASELINE), review, mu))
    return pd.concat(parts, ignore_index=True)


def screens(data: Dataset, review: Review, mu: float) -> pd.DataFrame:
    """What is said of reviews whose studies are all in one data set."""
    answer, learnt = answer_and_sizes(data)
    return pd.DataFrame([*_said(answer, learnt, len(review.studies), mu)])


def answer_and_sizes(data: Dataset) -> tuple[PooledEffects, np.ndarray]:
    """Pooled effects of reviews that are all in one data set, and which sizes are learnt."""
    likelihoods = likelihoods_of([data])
    of_effect = np.array([int(name[1:].split("/")[0]) for name in data.effects])
    of_row = np.array([int(name[1:].split("/")[0]) for name in data.studies])
    membership = np.arange(TOGETHER)[:, None] == of_row
    answers = [pooled_effects(likelihoods, membership, p, LIMIT) for p in SETS.values()]
    people, has_number = data.people, data.has_number
    totals = np.bincount(of_effect, people)
    evidence = pd.DataFrame(
        {
            "fit": [f"r{i}/overall" for i in range(TOGETHER)],
            "setting": "all_studies",
            "people": totals,
            "people_with_numbers": np.bincount(of_effect, people * has_number),
            "all_numbers": np.bincount(of_effect, ~has_number) == 0,
            "median_first": answers[0].mu.quantiles[:, MEDIAN],
            "median_second": answers[1].mu.quantiles[:, MEDIAN],
        }
    )
    learnt = sizes_learnt(evidence, RULES.size, PROTOCOL.measure)["learnt"].to_numpy(dtype=bool)
    return answers[0], learnt


def _said(answer: PooledEffects, learnt: np.ndarray, studies: int, mu: float) -> Any:
    for i, stated in enumerate(learnt):
        more = float(answer.mu.above[i])
        none = float(answer.mu.near[i]) if stated else float("nan")
        reached = verdict(more, 1 - more, none, studies, RULES)
        low, high = answer.mu.quantiles[i, 0], answer.mu.quantiles[i, -1]
        wrong = {"more": mu <= 0, "less": mu >= 0}.get(reached.direction, False)
        yield {
            "size_stated": bool(stated),
            "holds_truth": bool(low <= mu <= high),
            "verdict": reached.id,
            "clear": reached.id == "clear",
            "clear_and_wrong": reached.id == "clear" and wrong,
            "none_and_wrong": reached.id == "practically_none" and abs(mu) > LIMIT,
            "error": answer.mu.quantiles[i, MEDIAN] - mu,
        }


def results() -> pd.DataFrame:
    """One row for each kind of review and true effect."""
    rows = []
    for name, review in REVIEWS_OF.items():
        for mu in EFFECTS:
            said = simulated(review, mu)
            stated = said[said["size_stated"]]
            rows.append(
                {
                    "review": name,
                    "true_odds_ratio": round(math.exp(mu), 2),
                    "reviews": len(said),
                    "size_stated": said["size_stated"].mean(),
                    "held_when_stated": stated["holds_truth"].mean(),
                    "held_by_all": said["holds_truth"].mean(),
                    "bias": said["error"].mean(),
                    "clear": said["clear"].mean(),
                    "clear_and_wrong": said["clear_and_wrong"].mean(),
                    "none_and_wrong": said["none_and_wrong"].mean(),
                }
            )
            print(rows[-1], flush=True)
    return pd.DataFrame(rows).round(4)


def as_markdown(table: pd.DataFrame) -> str:
    """The table as it stands in the README; after the third column stand shares, and a bias."""
    percent: Callable[[float], str] = lambda x: "" if pd.isna(x) else f"{100 * x:.1f}%"  # noqa: E731
    signed: Callable[[float], str] = lambda x: f"{x:+.3f}"  # noqa: E731
    styles = {name: signed if name == "bias" else percent for name in table.columns[3:]}
    shown = table.assign(**{name: table[name].map(style) for name, style in styles.items()})
    head = [name.replace("_", " ") for name in shown]
    lines = [head, ["---"] * len(head), *shown.astype(str).to_numpy().tolist()]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def write(table: pd.DataFrame, name: str) -> None:
    """Write a table, and put it into the README where its name stands."""
    table.to_csv(HERE / f"{name}.csv", index=False, lineterminator="\n")
    readme = HERE / "README.md"
    text = re.sub(
        rf"(<!-- table: {name} -->\n).*?(<!-- end -->)",
        lambda m: m[1] + as_markdown(table) + m[2],
        readme.read_text(),
        flags=re.DOTALL,
    )
    readme.write_text(text)


if __name__ == "__main__":
    write(results(), "first_screen")
