"""Made-up reviews of a known truth: what each setting draws, as record files."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from reviews import Mapping, finding, logit, percentages, ratio, study

OUTCOME = "police_recorded"
STUDIES = 8
SIZES = (50, 1000)
# Of the control logits, around their centre.
SPREAD_OF_SHARES = 0.3
SIGNIFICANT_Z = 1.96


@dataclass(frozen=True)
class Truth:
    """What a review is drawn from.

    Attributes
    ----------
    mu, tau, omega : float
        Pooled log odds ratio, SD between studies, SD within them.
    share : float
        Centre of the control shares.
    """

    mu: float = 0.3
    tau: float = 0.3
    omega: float = 0.0
    share: float = 0.28


@dataclass(frozen=True)
class Setting:
    """A truth, and how its studies report.

    Attributes
    ----------
    name, words : str
    truth : Truth
    reports : callable
        From a truth and a generator to records.
    before : bool
        Whether the code before can answer it too.
    """

    name: str
    words: str
    truth: Truth
    reports: Callable[[Truth, np.random.Generator], list[Mapping]]
    before: bool = False


@dataclass(frozen=True)
class Trial:
    """Counts of one simulated trial with arms of one size."""

    n: int
    treated: int
    control: int

    @property
    def value(self) -> tuple[float, float]:
        """Log odds ratio with its standard error, half an event added where a cell is empty."""
        cells = np.array([self.treated, self.n - self.treated, self.control, self.n - self.control])
        a, b, c, d = cells + 0.5 * (cells == 0).any()
        return math.log(a * d / (b * c)), math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)

    @property
    def significant(self) -> bool:
        """By the z of the log odds ratio."""
        value, error = self.value
        return abs(value / error) > SIGNIFICANT_Z

    def counts(self) -> Mapping:
        """Events and totals."""
        events = {"visit": self.treated, "usual": self.control}
        arms = [{"arm": arm, "events": e, "total": self.n} for arm, e in events.items()]
        return {"kind": "counts", "arms": arms}

    def finding(self, with_size: bool = True) -> Mapping:
        """Direction and significance."""
        direction = "increase" if self.value[0] > 0 else "decrease"
        significance = "significant" if self.significant else "not_significant"
        return finding(direction, significance, self.n if with_size else None)

    def risk_ratio(self) -> Mapping:
        """Risk ratio with the standard error of its logarithm."""
        a, c = max(self.treated, 0.5), max(self.control, 0.5)
        error = math.sqrt(1 / a - 1 / self.n + 1 / c - 1 / self.n)
        return ratio("risk_ratio", a / c, max(error, 1e-3))

    def shares(self) -> Mapping:
        """Percentages to one decimal, of people whose number is not said."""
        percents = [round(100 * e / self.n, 1) for e in (self.treated, self.control)]
        return percentages(*percents, decimals=1) | {"note": "Sizes could not be read."}


def size(rng: np.random.Generator) -> int:
    """People in an arm: alike on the log scale."""
    return round(math.exp(rng.uniform(*map(math.log, SIZES))))


def trial(truth: Truth, rng: np.random.Generator) -> Trial:
    """People, events and a study effect of their own."""
    n = size(rng)
    alpha = rng.normal(logit(truth.share), SPREAD_OF_SHARES)
    theta = rng.normal(truth.mu, truth.tau)
    treated, control = (rng.binomial(n, 1 / (1 + math.exp(-x))) for x in (alpha + theta, alpha))
    return Trial(n, int(treated), int(control))


def each(report: Callable[[Trial, int, np.random.Generator], list[Mapping]]):
    """Records of one effect a study, as `report` says for each trial and its number."""

    def reports(truth: Truth, rng: np.random.Generator) -> list[Mapping]:
        return [
            study(f"study_{i}", OUTCOME, report(trial(truth, rng), i, rng)) for i in range(STUDIES)
        ]

    return reports


def without_half_of_sizes(otherwise: Callable[[Trial], Mapping]):
    """Half of what is not significant is a statement without sizes; the rest as `otherwise`."""

    def report(one: Trial, _: int, rng: np.random.Generator) -> list[Mapping]:
        lost = not one.significant and rng.random() < 0.5
        return [one.finding(with_size=False) if lost else otherwise(one)]

    return report


def risk_ratios(own_shares: int):
    """Risk ratios, the first of them with shares on record."""

    def report(one: Trial, i: int, _: np.random.Generator) -> list[Mapping]:
        return [one.risk_ratio(), one.shares()] if i < own_shares else [one.risk_ratio()]

    return report


def several_effects(rho: float):
    """Odds ratios, 1 to 5 a study, whose errors have this correlation."""

    def reports(truth: Truth, rng: np.random.Generator) -> list[Mapping]:
        records = []
        for i in range(STUDIES):
            n, u, g = size(rng), rng.normal(truth.mu, truth.tau), rng.standard_normal()
            p = truth.share
            error = math.sqrt(2 / (n * p * (1 - p)))
            number = int(rng.integers(1, 6))
            theta = rng.normal(u, truth.omega, number)
            own = rng.standard_normal(number)
            y = theta + error * (math.sqrt(rho) * g + math.sqrt(1 - rho) * own)
            effects = [[ratio("odds_ratio", math.exp(value), error)] for value in y]
            records.append(study(f"study_{i}", OUTCOME, *effects))
        return records

    return reports


def settings() -> Iterator[Setting]:
    """All settings, in the order of the table."""
    plain = Truth()
    yield Setting(
        "findings_only", "findings only", plain, each(lambda one, i, rng: [one.finding()])
    )
    yield Setting(
        "half_findings",
        "half findings, half counts",
        plain,
        each(lambda one, i, rng: [one.finding() if i % 2 else one.counts()]),
    )
    words = "counts, half of the not significant a statement without size"
    yield Setting("unsized", words, plain, each(without_half_of_sizes(Trial.counts)), True)
    words = "findings, half of the not significant without size"
    reports = each(without_half_of_sizes(Trial.finding))
    yield Setting("unsized_findings", words, plain, reports, True)
    for own, mu in ((0, -0.5), (0, 0.5), (0, 1.0), (3, 1.0)):
        words = f"risk ratios, shares at 45% under a prior of 28%, {own} of 8 on record"
        truth = Truth(mu=mu, tau=0.2, share=0.45)
        yield Setting(f"ratios_{own}_{mu:g}", words, truth, each(risk_ratios(own)), True)
    nested = Truth(omega=0.2)
    for rho in (0.0, 0.5, 0.8):
        words = f"1 to 5 odds ratios a study, ρ {rho:g}, assumed 0.5"
        yield Setting(f"several_{rho:g}", words, nested, several_effects(rho))
