r"""Reviews of any size with a known truth, in the files that a user would write.

For study i, arms of :math:`n` people and each outcome,

.. math:: \theta_{ij} = \mu + x_i \beta + \tau u_i + \omega w_{ij}, \qquad u_i, w_{ij} \sim N(0, 1),

.. math:: \mathrm{logit}\, p_0 \sim N(-1, 0.5), \qquad
          \mathrm{logit}\, p_1 = \mathrm{logit}\, p_0 + \theta_i

with :math:`x_i` 1 for an experiment. Events are binomial; a study then tells them as counts,
as percentages, as an odds ratio with its interval, or as no more than a statement. Where a study
gives several effects j on an outcome, their errors have one correlation: each arm's events are the
quantiles of correlated normal numbers. Nothing of the package is used, so that what it recovers was
not put there by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy import stats

TINY = Path(__file__).parent / "tiny_review"
SIGNIFICANT = 1.959963984540054
Data = dict[str, Any]


@dataclass(frozen=True)
class Truth:
    """What the studies of one outcome are drawn from.

    Attributes
    ----------
    mu : float
        Log odds ratio of a quasi-experimental study.
    tau : float
        Standard deviation between studies.
    beta : float
        Further log odds ratio of an experiment.
    omega : float
        Standard deviation between the effects of one study.
    """

    mu: float
    tau: float
    beta: float = 0.0
    omega: float = 0.0


@dataclass(frozen=True)
class Design:
    """What a synthetic review is made of.

    Attributes
    ----------
    studies : int
    outcomes : dict of Truth
        By name.
    kinds : dict of float
        Share of studies by what they tell: counts, percentages, estimate, finding.
    extra_moderators : int
        Moderators beside the design that change nothing.
    smallest, largest : int
        People in an arm, between which sizes are spread evenly on the log scale.
    effects : dict of float
        Share of studies by the number of effects that they give on an outcome.
    correlation : float
        Of the errors of these effects.
    seed : int
    """

    studies: int
    outcomes: dict[str, Truth] = field(default_factory=lambda: {"relapse": Truth(-0.4, 0.2)})
    kinds: dict[str, float] = field(
        default_factory=lambda: {"counts": 0.4, "percentages": 0.2, "estimate": 0.2, "finding": 0.2}
    )
    extra_moderators: int = 0
    smallest: int = 40
    largest: int = 600
    effects: dict[int, float] = field(default_factory=lambda: {1: 1.0})
    correlation: float = 0.5
    seed: int = 1


def write_review(design: Design, tree: Path, name: str = "synthetic") -> None:
    """Write protocol, records and texts of a review into a copy of the workflow."""
    write_files(protocol(design, name), records(design), tree)


def write_files(protocol: Data, records: list[Data], tree: Path) -> None:
    """Write a protocol and its records, with the texts of the tiny review."""
    name = protocol["review"]
    folder = tree / "data/raw" / name
    (folder / "studies").mkdir(parents=True, exist_ok=True)
    narrative = (TINY / "narrative.yaml").read_text()
    (folder / "narrative.yaml").write_text(narrative.replace("review: tiny", f"review: {name}", 1))
    (folder / "published.yaml").write_text("conclusions: []\n")
    (tree / "config/reviews").mkdir(parents=True, exist_ok=True)
    _write(tree / f"config/reviews/{name}.yaml", protocol)
    for record in records:
        _write(folder / "studies" / f"{record['study_id']}.yaml", record)


def protocol(design: Design, name: str) -> Data:
    """The tiny review's protocol, with the outcomes and moderators of this one."""
    made = yaml.safe_load((TINY / "protocol.yaml").read_text())
    first = made["outcomes"]["relapse"]
    made |= {"review": name, "title": f"A synthetic review of {design.studies} studies"}
    # Of thousands of studies that tell no more than a finding, some are alike by chance.
    made["checks"]["duplicate_evidence_at_most"]["consequence"] = "warn"
    made["sampling_correlation"] = {"value": design.correlation, "reason": "Drawn so."}
    made["outcomes"] = {
        outcome: first | {"label": outcome.replace("_", " ").capitalize(), "phrase": outcome}
        for outcome in design.outcomes
    }
    for number in range(1, design.extra_moderators + 1):
        levels = {"no": "No", "yes": "Yes"}
        made["moderators"][f"moderator_{number}"] = {
            "label": f"Moderator {number}",
            "kind": "categorical",
            "levels": levels,
        }
    return made


def records(design: Design) -> list[Data]:
    """Records of the studies, in the order of their names."""
    rng = np.random.default_rng(design.seed)
    kinds = rng.choice(list(design.kinds), design.studies, p=list(design.kinds.values()))
    spread = np.log(design.smallest), np.log(design.largest)
    made = []
    for number, kind in enumerate(kinds, start=1):
        experiment = bool(rng.random() < 0.5)
        people = np.exp(rng.uniform(*spread, 2)).astype(int)
        name = f"study_{number:06}"
        source = {"url": f"https://example.org/{name}", "locator": "table 2", "kind": "full text"}
        effects = []
        for outcome, truth in design.outcomes.items():
            effects += _effects(design, outcome, truth, str(kind), experiment, people, rng)
        for effect in effects:
            for piece in effect["evidence"]:
                piece["source"] = source
                for size in piece.get("sizes", []):
                    size["source"] = source
        moderators = {
            f"moderator_{m}": str(rng.choice(["no", "yes"]))
            for m in range(1, design.extra_moderators + 1)
        }
        made.append(record(name, number, experiment, moderators, effects, source))
    return made


def _effects(
    design: Design,
    outcome: str,
    truth: Truth,
    kind: str,
    experiment: bool,
    people: np.ndarray,
    rng: np.random.Generator,
) -> list[Data]:
    """Draw the effects of a study on an outcome, and tell them in the way of a kind of evidence."""
    count = 1
    if len(design.effects) > 1:
        count = int(rng.choice(list(design.effects), p=list(design.effects.values())))
    of_study = truth.mu + truth.beta * experiment + truth.tau * rng.standard_normal()
    if count == 1 and truth.omega == 0.0:
        logit = rng.normal(-1.0, 0.5)
        events = rng.binomial(people, _chances(logit, of_study))
        return [_effect(outcome, outcome, 6, kind, events, people)]
    shared = design.correlation**0.5 * rng.standard_normal(2)
    effects = []
    for number in range(1, count + 1):
        theta = of_study + truth.omega * rng.standard_normal()
        errors = shared + (1 - design.correlation) ** 0.5 * rng.standard_normal(2)
        chances = _chances(rng.normal(-1.0, 0.5), theta)
        events = stats.binom.ppf(stats.norm.cdf(errors), people, chances).astype(int)
        # The same people again, at a later time.
        name, months = f"{outcome}_{number}", 6 * number
        effects.append(_effect(name, outcome, months, kind, events, people))
    return effects


def _chances(logit: float, theta: float) -> np.ndarray:
    """Chances of an event in the treated and in the control arm."""
    return 1 / (1 + np.exp(-np.array([logit + theta, logit])))


def _effect(
    name: str, outcome: str, months: int, kind: str, events: np.ndarray, people: np.ndarray
) -> Data:
    """An effect of a record."""
    return {
        "id": name,
        "outcome": outcome,
        "measure": "Invented",
        "follow_up_months": months,
        "treated": "pill",
        "control": "none",
        "evidence": [_told(kind, events, people)],
    }


def _told(kind: str, events: np.ndarray, people: np.ndarray) -> Data:
    """Evidence of a kind that the authors of these counts would have printed."""
    arms = ("pill", "none")
    if kind == "counts":
        told = [
            {"arm": a, "events": int(e), "total": int(n)}
            for a, e, n in zip(arms, events, people, strict=True)
        ]
        return {"kind": "counts", "arms": told}
    if kind == "percentages":
        told = [
            {"arm": a, "percent": round(100 * int(e) / int(n), 1), "decimals": 1, "total": int(n)}
            for a, e, n in zip(arms, events, people, strict=True)
        ]
        return {"kind": "percentages", "arms": told}
    # Half an event more in each cell keeps an empty one finite.
    cells = np.array([events + 0.5, people - events + 0.5])
    log_ratio = float(np.log(cells[0, 0] * cells[1, 1] / cells[0, 1] / cells[1, 0]))
    error = float(np.sqrt((1 / cells).sum()))
    if kind == "estimate":
        low, high = np.exp(log_ratio - SIGNIFICANT * error), np.exp(log_ratio + SIGNIFICANT * error)
        interval = [round(float(low), 4), round(float(high), 4)]
        value = round(float(np.exp(log_ratio)), 4)
        return {"kind": "estimate", "measure": "odds_ratio", "value": value, "interval": interval}
    significant = abs(log_ratio / error) > SIGNIFICANT
    sizes = {"name": "reported", "basis": "reported"}
    sizes |= {"treated": int(people[0]), "control": int(people[1])}
    return {
        "kind": "finding",
        "direction": "decrease" if log_ratio < 0 else "increase",
        "significance": "significant" if significant else "not_significant",
        "sizes": [sizes],
    }


def record(
    name: str, number: int, experiment: bool, moderators: Data, effects: list[Data], source: Data
) -> Data:
    """A record around the effects of a study."""
    year = 1990 + number % 30
    return {
        "study_id": name,
        "citation": {"label": f"Study {number}, {year}", "text": "Invented.", "year": year},
        "status": "extracted",
        "eligibility": "Invented.",
        "design": {
            "kind": "experimental" if experiment else "quasi_experimental",
            "detail": "Invented.",
        },
        "moderators": moderators,
        "arms": [{"id": "pill", "label": "Treatment"}, {"id": "none", "label": "No treatment"}],
        "risk_of_bias": {"allocation": {"judgement": "low", "reason": "Invented."}},
        "sources": [source],
        "effects": effects,
    }


class _Plain(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):
    """Writes each value out where it stands: records have no aliases."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _write(path: Path, data: Data) -> None:
    path.write_text(yaml.dump(data, Dumper=_Plain, sort_keys=False))
