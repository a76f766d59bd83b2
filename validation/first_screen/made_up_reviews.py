"""Reviews of known truth as a user would write them: protocol, records and texts.

Studies are drawn as in `first_screens.py` and reported as they are there: as counts, or as no more
than a statement. Rules for words and sizes are those of `second_responder`. Everything is harm
where the log odds ratio is positive: of every outcome less is better.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from first_screens import REVIEWS_OF, SEED, SIZES, Review, Study, rows_of

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tests"))
import synthetic_review  # noqa: E402

# Parts of the protocol of `second_responder` that decide what a page says.
RULES = ("decisions", "prior_sets")
FIRST, SECOND = "relapse", "readmission"
QUESTION = "Is one outcome changed more than the other?"
# Two of the smaller studies, so that most people are in experiments.
QUASI_EXPERIMENTAL = (1, 2)
YEAR = 2016
SOURCE = {"url": "https://example.org/made_up", "locator": "table 2", "kind": "full text"}


@dataclass(frozen=True)
class Drawn:
    """What one outcome is drawn from.

    Attributes
    ----------
    kind : Review
    mu : float
        True pooled log odds ratio.
    after : int
        Studies of the review before the first one with this outcome.
    """

    kind: Review
    mu: float
    after: int = 0


@dataclass(frozen=True)
class MadeUp:
    """A made-up review.

    Attributes
    ----------
    title : str
    outcomes : dict of Drawn
    seed : int
        The first with which the draw is what the title says.
    """

    title: str
    outcomes: dict[str, Drawn]
    seed: int = 0

    @property
    def rows(self) -> dict[str, list[list[dict[str, Any]]]]:
        """Columns of `livingreview.tables.effects.Terms` of each study, by outcome."""
        rng = np.random.default_rng([SEED, self.seed])
        return {
            outcome: [
                rows_of(study, f"s{j}", drawn.mu, drawn.kind, rng)
                for j, study in enumerate(drawn.kind.studies)
            ]
            for outcome, drawn in self.outcomes.items()
        }


def _one(kind: Review | str, mu: float) -> dict[str, Drawn]:
    return {FIRST: Drawn(REVIEWS_OF[kind] if isinstance(kind, str) else kind, mu)}


NUMBERS = REVIEWS_OF["numbers only"]
LARGE = Review(tuple(Study(2 * n, True) for n in SIZES), 0.1)
MADE_UP = {
    "all_significant": MadeUp(
        "Eight statements, all of a significant increase, studies alike",
        _one("statements only, studies alike", 0.5),
    ),
    "all_null": MadeUp(
        "Eight statements, none significant",
        _one("statements only, small studies", 0.0),
        seed=1,
    ),
    "mixed": MadeUp(
        "Four studies with numbers, four with statements that differ",
        _one("half numbers, half statements", 0.25),
    ),
    "one_number": MadeUp(
        "One small number among seven statements", _one("one small number among statements", 0.5)
    ),
    "one_large_number": MadeUp(
        "One large number among seven statements", _one("one large number among statements", 0.5)
    ),
    "numbers": MadeUp("Eight studies with numbers", _one("numbers only", 0.5)),
    "half_unreported": MadeUp(
        "Eight studies with numbers, half of the results that are not significant unprinted",
        _one("numbers, half of null results unreported", 0.25),
    ),
    "biased": MadeUp(
        "Eight studies with numbers, three of them biased and judged so",
        _one("numbers, three of eight biased by 1.65", 0.0),
    ),
    "same_studies": MadeUp(
        "Two outcomes in the same eight studies",
        {FIRST: Drawn(NUMBERS, 0.5), SECOND: Drawn(NUMBERS, 0.0)},
    ),
    "other_studies": MadeUp(
        "Two outcomes, each in eight studies of its own",
        {FIRST: Drawn(NUMBERS, 0.5), SECOND: Drawn(NUMBERS, 0.0, after=len(SIZES))},
    ),
}
# Further reviews, for pictures of pages.
PICTURES = {
    "strong": MadeUp("Eight large studies of a strong benefit", _one(LARGE, -1.0)),
    "harmful": MadeUp("Eight large studies of a strong harm", _one(LARGE, 1.0)),
    "weak": MadeUp(
        "Eight small statements of a small benefit", _one("statements only, small studies", -0.25)
    ),
    "empty": MadeUp("No study that tells an effect", _one(Review((), 0.0), 0.0)),
}


def write(name: str, tree: Path) -> None:
    """Write a made-up review into a copy of the workflow."""
    review = (MADE_UP | PICTURES)[name]
    synthetic_review.write_files(_protocol(name, review), _records(review), tree)


def _protocol(name: str, review: MadeUp) -> dict[str, Any]:
    outcomes = list(review.outcomes)
    design = synthetic_review.Design(len(SIZES), dict.fromkeys(outcomes))
    made = synthetic_review.protocol(design, name)
    rules = yaml.safe_load((ROOT / "config/reviews/second_responder.yaml").read_text())
    made |= {part: rules[part] for part in RULES} | {"title": review.title}
    [interest] = made["certainty"]["interest"].values()
    made["certainty"]["interest"] = dict.fromkeys(outcomes, interest)
    if len(outcomes) > 1:
        made["models"]["all_outcomes"] = rules["models"]["all_outcomes"] | {
            "contrasts": {
                f"{FIRST}_minus_{SECOND}": {
                    "plus": FIRST,
                    "minus": SECOND,
                    "label": "Relapse against readmission",
                    "question": QUESTION,
                    "above": "relapse rises more than readmission",
                    "alike": "both change alike",
                    "below": "readmission rises more than relapse",
                }
            }
        }
    return made


def _records(review: MadeUp) -> list[dict[str, Any]]:
    rows = review.rows
    effects: dict[int, list[dict[str, Any]]] = {}
    biased = set()
    for outcome, drawn in review.outcomes.items():
        for j, study in enumerate(drawn.kind.studies):
            number = drawn.after + j
            effects.setdefault(number, []).append(_effect(outcome, rows[outcome][j]))
            if study.bias:
                biased.add(number)
    if not effects:
        waits = {"status": "awaiting_data", "reason": "No result could be read."}
        return [{k: v for k, v in (_record(0, []) | waits).items() if k != "effects"}]
    return [
        _record(number, of_study, high_risk=number in biased)
        for number, of_study in sorted(effects.items())
    ]


def _record(number: int, effects: list[dict[str, Any]], high_risk: bool = False) -> dict[str, Any]:
    experiment = number % len(SIZES) not in QUASI_EXPERIMENTAL
    name = f"study_{number + 1:02}"
    made = synthetic_review.record(name, number + 1, experiment, {}, effects, SOURCE)
    year = YEAR + number % len(SIZES)
    made["citation"] |= {"label": f"Study {number + 1}, {year}", "year": year}
    made["risk_of_bias"]["allocation"]["judgement"] = "high" if high_risk else "low"
    return made


def _effect(outcome: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    if len(rows) == 2:
        evidence = {
            "kind": "counts",
            "arms": [
                {"arm": arm, "events": round(row["events"]), "total": round(row["total"])}
                for arm, row in zip(("none", "pill"), rows, strict=True)
            ],
        }
    else:
        evidence = _finding(rows[0])
    return {
        "id": outcome,
        "outcome": outcome,
        "measure": "Invented",
        "follow_up_months": 6,
        "treated": "pill",
        "control": "none",
        "evidence": [evidence | {"source": SOURCE}],
    }


def _finding(row: dict[str, Any]) -> dict[str, Any]:
    """The statement whose bounds of z are those of a row."""
    low, high = row["z_low"], row["z_high"]
    direction = "unclear" if low == -high else "increase" if low >= 0 else "decrease"
    significant = math.isinf(low) or math.isinf(high)
    sizes = {"name": "reported", "basis": "reported", "source": SOURCE}
    sizes |= {"treated": round(row["n_treated"]), "control": round(row["n_control"])}
    return {
        "kind": "finding",
        "direction": direction,
        "significance": "significant" if significant else "not_significant",
        "sizes": [sizes],
    }
