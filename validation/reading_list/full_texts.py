"""Reviews with a known truth: what the reading list announces beside what full texts do.

Writes `announced.csv`, and puts its table into the README. From the root of the repository (three
minutes on one core): ``PYTHONPATH=src .venv/bin/python validation/reading_list/full_texts.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from livingreview.base.measures import ODDS_RATIO
from livingreview.effects.data_set import Floats, dataset
from livingreview.effects.forms.bounded import statement
from livingreview.models.quadrature.locations import likelihoods_of
from livingreview.models.quadrature.marginals import Marginal
from livingreview.models.quadrature.pooled_effect import pooled_effects
from livingreview.protocol.models import ModelSpecification
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior
from livingreview.protocol.review import read_protocol
from livingreview.records.evidence.statements import SIGNIFICANT_Z
from livingreview.records.evidence.two_by_two import log_odds_ratio
from livingreview.sensitivity.moves import verdict_of
from livingreview.sensitivity.reading_list import PooledOutcome, UnreadEffect
from livingreview.tables.effects import Terms

HERE = Path(__file__).parent
README = HERE / "README.md"
SEED = 20261128
# True pooled log odds ratio and heterogeneity; None: drawn from their priors.
SETTINGS: tuple[tuple[float | None, float | None], ...] = ((None, None),)
REVIEWS = 120
SIMULATIONS = 200
STUDIES = 8
# Of these the record has the counts; of those after them a finding with sizes, and without.
WITH_COUNTS, WITH_SIZES = 2, 3
# What is true of control arms and of sizes, and assumed of them.
CONTROL, SIZES = (-0.94, 0.75), (5.31, 0.76)
BASELINE = BaselinePriors(
    findings=Prior("normal", CONTROL),
    counts=Prior("normal", (CONTROL[0], 10.0)),
    sizes=Prior("log_normal", SIZES),
)
PROTOCOL = read_protocol(HERE.parents[1] / "config/reviews/second_responder.yaml")
PRIORS = PROTOCOL.prior_sets_planned_first()["default"]
MODEL = ModelSpecification(moderators={}, priors=PRIORS)
RULES = PROTOCOL.decisions


@dataclass(frozen=True)
class Review:
    """Studies with a known truth; all arrays have shape (study,).

    Attributes
    ----------
    treated, control : ndarray
        Events in both groups, of `people` each.
    low, high : ndarray
        Bounds that the statement of each study puts on its z.
    """

    people: Floats
    treated: Floats
    control: Floats
    low: Floats
    high: Floats

    @classmethod
    def drawn(cls, mu: float | None, tau: float | None, rng: np.random.Generator) -> Review:
        """A review of a setting."""
        if mu is None or tau is None:
            mu = float(PRIORS.mu.distribution.rvs(random_state=rng))
            tau = float(PRIORS.spread.distribution.rvs(random_state=rng))
        theta = mu + tau * rng.standard_normal(STUDIES)
        logit = rng.normal(*CONTROL, STUDIES)
        people = np.maximum(np.rint(np.exp(rng.normal(*SIZES, STUDIES))), 20.0)
        treated = rng.binomial(people.astype(int), expit(logit + theta)).astype(float)
        control = rng.binomial(people.astype(int), expit(logit)).astype(float)
        numbers = [
            log_odds_ratio(a, n, c, n) for a, c, n in zip(treated, control, people, strict=True)
        ]
        z = np.array([value / error for value, error in numbers])
        bound = np.full(STUDIES, SIGNIFICANT_Z)
        return cls(people, treated, control, *statement(z, rng.random(STUDIES) < 0.5, bound))

    def terms(self, read: int | None = None) -> pd.DataFrame:
        """What is on record; of the study `read` the counts."""
        rows: list[dict[str, Any]] = []
        for i in range(STUDIES):
            common = {"study_id": f"s{i}", "outcome": "o", "baseline_id": f"s{i}/b"}
            effect = {"effect_id": f"s{i}/o"}
            if i < WITH_COUNTS or i == read:
                common |= {"likelihood": "binomial", "total": self.people[i]}
                rows.append(common | {"treated": 0.0, "events": self.control[i]})
                rows.append(common | effect | {"treated": 1.0, "events": self.treated[i]})
                continue
            common |= effect | {"likelihood": "interval", "kind": "finding"}
            common |= {"z_low": self.low[i], "z_high": self.high[i]}
            if i < WITH_COUNTS + WITH_SIZES:
                common |= {"n_treated": self.people[i], "n_control": self.people[i]}
            rows.append(common)
        return Terms.frame(rows)

    def pooled(self, read: int | None = None) -> Marginal:
        """The pooled effect; with the counts of the study `read`, by their exact law."""
        likelihoods = likelihoods_of([dataset(self.terms(read), BASELINE)])
        everyone = np.ones((1, STUDIES), dtype=bool)
        limit = math.log(RULES.practically_none_effect)
        return pooled_effects(likelihoods, everyone, PRIORS, limit).mu


def width(mu: Marginal) -> float:
    """Of the 95% interval."""
    return float(mu.quantiles[0, -1] - mu.quantiles[0, 0])


def verdict_name(mu: Marginal) -> tuple[str, str]:
    """Rule and direction of the verdict."""
    found = verdict_of(float(mu.above[0]), float(mu.near[0]), STUDIES, RULES)
    return found.id, found.direction


def announced_and_realised(
    mu: float | None, tau: float | None, reviews: int, seed: int = SEED
) -> Iterator[dict[str, Any]]:
    """What the reading list says of each study that is not read, and what reading it does."""
    rng = np.random.default_rng(seed)
    for number in range(reviews):
        review = Review.drawn(mu, tau, rng)
        rules = RULES, ODDS_RATIO, 0.0, True
        outcome = PooledOutcome.of("o", review.terms(), BASELINE, MODEL, *rules)
        now = review.pooled()
        for i in range(WITH_COUNTS, STUDIES):
            unread = UnreadEffect(f"s{i}", "o", "finding", f"s{i}/o")
            announced = outcome.read(unread, SIMULATIONS, seed + number)
            after = review.pooled(read=i)
            yield announced | {
                "review": number,
                "sizes": "known" if i < WITH_COUNTS + WITH_SIZES else "not known",
                "realised": width(after) / width(now),
                "changes": verdict_name(after) != verdict_name(now),
            }


def summary(rows: pd.DataFrame) -> dict[str, Any]:
    """Announced beside realised, over studies of many reviews; errors are those of reviews."""
    excess = (rows["realised"] - rows["width_ratio"]).groupby(rows["review"]).mean()
    inside = rows["realised"].between(rows["width_ratio_low"], rows["width_ratio_high"])
    return {
        "studies": len(rows),
        "announced": rows["width_ratio"].mean(),
        "realised": rows["realised"].mean(),
        "excess_error": excess.std(ddof=1) / math.sqrt(len(excess)),
        "in_range": inside.mean(),
        "announced_widens": rows["p_widens"].mean(),
        "realised_widens": (rows["realised"] > 1).mean(),
        "announced_changes": rows["p_verdict_changes"].mean(),
        "realised_changes": rows["changes"].mean(),
    }


def table_of(reviews: int = REVIEWS) -> pd.DataFrame:
    """One row per setting and choice of the studies."""
    found = []
    for mu, tau in SETTINGS:
        rows = pd.DataFrame(announced_and_realised(mu, tau, reviews))
        first = rows.loc[rows.groupby("review")["width_ratio"].idxmin()]
        chosen = {"all": rows, "first of the list": first}
        chosen |= {f"sizes {key}": part for key, part in rows.groupby("sizes")}
        known = {"mu": mu, "tau": tau}
        found += [known | {"read": name} | summary(part) for name, part in chosen.items()]
        print(_markdown(pd.DataFrame(found[-len(chosen) :])), flush=True)
    return pd.DataFrame(found)


HEADS = ["true μ", "true τ", "studies read", "number", "width announced", "realised ± error"]
HEADS += ["in the range of 90%", "wider: announced", "realised", "verdict: announced", "realised"]


def _markdown(table: pd.DataFrame) -> str:
    lines = [HEADS, ["---"] * len(HEADS)]
    for row in table.to_dict("records"):
        truth = ["prior" if pd.isna(row[key]) else f"{row[key]:g}" for key in ("mu", "tau")]
        shares = ("in_range", "announced_widens", "realised_widens")
        shares += ("announced_changes", "realised_changes")
        lines.append(
            [
                *truth,
                row["read"],
                str(row["studies"]),
                f"{row['announced']:.3f}",
                f"{row['realised']:.3f} ± {row['excess_error']:.3f}",
                *(f"{row[key]:.0%}" for key in shares),
            ]
        )
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main() -> None:
    """Simulate, write the table, and put it into the README."""
    table = table_of()
    shares = [name for name in table if name == "in_range" or name.endswith(("widens", "changes"))]
    # To the digits that are printed: more of them are noise.
    table = table.round(3).round(dict.fromkeys(shares, 2))
    table.to_csv(HERE / "announced.csv", index=False)
    start, end = "<!-- table -->\n", "<!-- end -->"
    before, rest = README.read_text(encoding="utf-8").split(start)
    after = rest.split(end)[1]
    README.write_text(before + start + _markdown(table) + end + after, encoding="utf-8")


if __name__ == "__main__":
    main()
