"""Measures of an effect: the one place that knows their scales, words and numbers.

Models see an effect on a line: θ, the logarithm of a ratio, or a difference itself. Readers see
it on its natural scale. One review has one measure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from livingreview.base.rounding import difference, significant

MeasureName = Literal["odds_ratio", "rate_ratio", "mean_difference"]
MEASURES: tuple[MeasureName, ...] = get_args(MeasureName)
# Roundings of what tables declare of a column, for ratios and for differences.
_ROUNDINGS = {
    "effect": ("ratio", "difference"),
    "theta": ("exponential", "difference"),
    "move": ("factor", "signed_difference"),
    "plain": ("two_decimals", "difference"),
    "plain_move": ("signed", "signed_difference"),
}
_MEANINGS = {
    "odds_ratio": "Odds are how often something happens against how often it does not. The odds"
    " ratio divides the odds with {treated} by those with {control}. Where the outcome is common"
    " it is more extreme than a ratio of risks.",
    "rate_ratio": "A rate is how many events happen in a time, where one person may have several."
    " The rate ratio divides the rate with {treated} by that with {control}.",
    "mean_difference": "The mean with {treated} less the mean with {control}, in {unit}.",
}

_LIKELIHOODS = {
    "odds_ratio": "Counts enter by their exact binomial likelihood, estimates by a normal one. A"
    " finding enters as the probability that a study of its size would have printed that"
    " statement.",
    "rate_ratio": "Events over a time enter by their exact Poisson likelihood, or a negative"
    " binomial one where a spread is given, estimates by a normal one.",
    "mean_difference": "Differences of means and estimates enter by a normal likelihood.",
}


@dataclass(frozen=True)
class Measure:
    """The measure of a review's effects.

    Attributes
    ----------
    name : str
        One of `MEASURES`.
    limit : float
        Effect at the end of what is practically no difference: a ratio above 1, whose inverse is
        the other end, or a difference above 0.
    unit : str
        Of a difference.
    """

    name: MeasureName = "odds_ratio"
    limit: float = 1.1
    unit: str = ""

    @property
    def is_ratio(self) -> bool:
        """Whether effects are ratios, and not differences."""
        return self.name != "mean_difference"

    @property
    def null(self) -> float:
        """No difference."""
        return 1.0 if self.is_ratio else 0.0

    @property
    def null_text(self) -> str:
        """No difference, as printed."""
        return f"{self.null:g}"

    @property
    def phrase(self) -> str:
        """Inside a sentence: ``odds ratio``."""
        return self.name.replace("_", " ")

    @property
    def article(self) -> str:
        """Before the phrase."""
        return "an" if self.phrase[0] in "aeiou" else "a"

    @property
    def one(self) -> str:
        """With its article: ``an odds ratio``."""
        return f"{self.article} {self.phrase}"

    @property
    def heading(self) -> str:
        """Above a column: ``Odds ratio``."""
        return f"{self.label[0].upper()}{self.label[1:]}"

    @property
    def plural(self) -> str:
        """Several: ``odds ratios``."""
        return f"{self.phrase}s"

    @property
    def label(self) -> str:
        """On axes and above columns: ``odds ratio``, ``mean difference (mmHg)``."""
        return f"{self.phrase} ({self.unit})" if self.unit else self.phrase

    @property
    def axis(self) -> str:
        """What an axis shows, and where on it there is no difference."""
        unit = f" in {self.unit}" if self.unit else ""
        return f"{self.phrase}{unit} ({self.null_text} = no difference)"

    @property
    def line(self) -> str:
        """Name of θ: ``log odds ratio``."""
        return f"log {self.phrase}" if self.is_ratio else self.phrase

    @property
    def comparison(self) -> str:
        """What compares two effects: ``ratio of odds ratios``."""
        return f"{'ratio' if self.is_ratio else 'difference'} of {self.plural}"

    @property
    def comparisons(self) -> str:
        """Several of these."""
        return f"{'ratios' if self.is_ratio else 'differences'} of {self.plural}"

    @property
    def comparison_of_two(self) -> str:
        """The same of two outcomes: ``ratio of the two odds ratios``."""
        return f"{'ratio' if self.is_ratio else 'difference'} of the two {self.plural}"

    @property
    def limit_on_line(self) -> float:
        """The limit as θ."""
        return float(self.on_line(self.limit))

    @property
    def practically_none(self) -> str:
        """Ends of what is practically no difference, in a sentence: ``0.91 and 1.1``."""
        low = f"{1 / self.limit:.2f}" if self.is_ratio else f"−{self.limit:g}"
        return f"{low} and {self.limit:g}"

    @property
    def practically_none_span(self) -> str:
        """The same in a legend: ``1/1.1 to 1.1``."""
        low = f"1/{self.limit:g}" if self.is_ratio else f"−{self.limit:g}"
        return f"{low} to {self.limit:g}"

    def natural(self, theta: Any) -> Any:
        """Effects of θ: its exponential, or θ itself."""
        return np.exp(theta) if self.is_ratio else theta

    def on_line(self, effect: Any) -> Any:
        """θ of effects: their logarithm, or they themselves."""
        return np.log(effect) if self.is_ratio else effect

    def number(self, effect: float) -> str:
        """An effect as printed."""
        return significant(effect) if self.is_ratio else difference(effect)

    def interval(self, low: float, high: float) -> str:
        """An interval of effects as printed."""
        return f"{self.number(low)} to {self.number(high)}"

    def at(self, theta: float) -> str:
        """The effect at θ as printed."""
        return self.number(float(self.natural(theta)))

    def assumed(self, effect: float) -> str:
        """An effect that the protocol assumes, with its own digits."""
        return f"{effect:g}".replace("-", "−")

    def rounding(self, style: str | None) -> str | None:
        """Style of `livingreview.base.rounding.STYLES` for the style that a table declares."""
        ratio, other = _ROUNDINGS.get(style or "", (style, style))
        return ratio if self.is_ratio else other

    @property
    def likelihoods(self) -> str:
        """How evidence enters the models, for a reader."""
        return _LIKELIHOODS[self.name]

    def meaning(self, treated: str, control: str) -> str:
        """What the measure is, for a reader."""
        return _MEANINGS[self.name].format(treated=treated, control=control, unit=self.unit)


ODDS_RATIO = Measure()


def measure_of(protocol: Mapping[str, Any]) -> Measure:
    """Measure of a protocol as plain data."""
    outcome = next(iter(protocol["outcomes"].values()))
    limit = protocol["decisions"]["practically_none_effect"]
    return Measure(outcome.get("measure", ODDS_RATIO.name), limit, outcome.get("unit") or "")
