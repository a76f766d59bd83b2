"""From what a study reported to likelihood terms for its log odds ratio θ.

Every piece of evidence offers one or more *routes* to θ. A route either carries
rows for the likelihood or says why it cannot be used. Formulas and references
are in docs/methods.md, section "Evidence".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from scipy import stats

from livingreview.records import ArmCounts, Counts, Effect, Estimate, Finding, Sizes

# Two-sided 5%: what "significant" means in the studies reviewed.
# ASSUME: a statement of significance without a level refers to 5%, two-sided.
SIGNIFICANT_Z = 1.96

# Analysed first to last when one effect has several kinds of evidence.
PREFERENCE = ("counts", "percentages", "estimate", "means", "test", "finding")

# Logistic distribution's standard deviation: turns an SMD into a log odds ratio.
# Chinn 2000, Statistics in Medicine 19, 3127-3131.
SMD_TO_LOG_ODDS = math.pi / math.sqrt(3)

Likelihood = Literal["binomial", "normal", "interval"]


@dataclass(frozen=True)
class Term:
    """One row of the likelihood.

    Attributes
    ----------
    likelihood : {"binomial", "normal", "interval"}
        binomial: `events` of `total` in `arm`; normal: `log_odds_ratio` with
        `standard_error`; interval: z between `z_low` and `z_high` in a study of
        `n_treated` and `n_control` people.
    arm : str
        Arm of a binomial row, else empty.
    """

    likelihood: Likelihood
    arm: str = ""
    events: float = math.nan
    total: float = math.nan
    log_odds_ratio: float = math.nan
    standard_error: float = math.nan
    z_low: float = math.nan
    z_high: float = math.nan
    n_treated: float = math.nan
    n_control: float = math.nan


@dataclass(frozen=True)
class Range:
    """Values that a rounded report leaves possible."""

    low: float
    high: float

    def apart_from(self, other: Range) -> bool:
        """Whether the two have no value in common."""
        return self.high < other.low or other.high < self.low

    def __str__(self) -> str:
        if self.low == self.high:
            return f"{self.low:.3g}"
        return f"{self.low:.3g} to {self.high:.3g}"


@dataclass(frozen=True)
class Route:
    """One way from a piece of evidence to θ.

    Attributes
    ----------
    piece : int
        Index of the evidence within its effect.
    kind : str
        Kind of that evidence.
    alternative : str
        Name of the sizes or of the uncertainty measure that this route takes.
    terms : tuple of Term
        Rows of the likelihood; empty when the route cannot be used.
    reason : str
        Why it cannot be used; empty when it can.
    assumption : str
        What is assumed along this route; empty when nothing is.
    formula : str
        Name of the formula in docs/methods.md.
    log_odds_ratio, standard_error, z : Range, optional
        What the report leaves possible, to compare routes with one another; z is that
        of the study's own test, on the scale on which it reported.
    z_printed : float, optional
        That z for the numbers as they are printed; None for a statement.
    sizes : Sizes, optional
        Group sizes that this route takes.
    """

    piece: int
    kind: str
    alternative: str
    terms: tuple[Term, ...] = ()
    reason: str = ""
    assumption: str = ""
    formula: str = ""
    log_odds_ratio: Range | None = None
    standard_error: Range | None = None
    z: Range | None = None
    z_printed: float | None = None
    sizes: Sizes | None = None

    @property
    def usable(self) -> bool:
        """Whether it can enter the likelihood."""
        return bool(self.terms)


def routes(effect: Effect, baseline: float) -> list[Route]:
    """All routes to the log odds ratio of an effect, the preferred one first.

    Parameters
    ----------
    effect : Effect
    baseline : float
        Control probability assumed where a risk or hazard ratio needs one.

    Returns
    -------
    list of Route
        Usable ones first, by the order of preference, then as in the record.
    """
    found: list[Route] = []
    for i, piece in enumerate(effect.evidence):
        match piece:
            case Counts():
                found.append(_counts(i, piece, effect))
            case Estimate():
                found += _estimates(i, piece, baseline)
            case Finding():
                found += _findings(i, piece)
            case _:
                reason = f"evidence of the kind `{piece.kind}` is not analysed yet"
                found.append(Route(i, piece.kind, "as_reported", reason=reason))
    return sorted(found, key=lambda r: (not r.usable, PREFERENCE.index(r.kind), r.piece))


def _counts(i: int, piece: Counts, effect: Effect) -> Route:
    """Events and totals: one exact binomial row per arm."""
    by_arm = {arm.arm: arm for arm in piece.arms}
    treated, control = by_arm[effect.treated], by_arm[effect.control]
    value, error = log_odds_ratio(treated, control)
    return Route(
        piece=i,
        kind="counts",
        alternative="as_reported",
        terms=tuple(
            Term("binomial", arm=arm.arm, events=arm.events, total=arm.total)
            for arm in (control, treated)
        ),
        formula="binomial",
        log_odds_ratio=Range(value, value),
        standard_error=Range(error, error),
        z=Range(value / error, value / error),
        z_printed=value / error,
    )


def log_odds_ratio(treated: ArmCounts, control: ArmCounts) -> tuple[float, float]:
    """Log odds ratio and its standard error from a 2x2 table.

    Half an event is added to each cell when one of them is empty (Haldane 1956,
    Annals of Human Genetics 20, 309-311). Used to compare routes; the
    likelihood of counts is exact and needs no correction.
    """
    cells = [
        treated.events,
        treated.total - treated.events,
        control.events,
        control.total - control.events,
    ]
    a, b, c, d = (x + 0.5 for x in cells) if 0 in cells else cells
    return math.log(a * d / (b * c)), math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)


def _estimates(i: int, piece: Estimate, baseline: float) -> list[Route]:
    """A relative effect: one route for each reported measure of its uncertainty."""
    value = _natural_range(piece.value)
    centre = _to_log(piece, piece.value)
    errors: dict[str, tuple[float, Range]] = {}
    if (se := piece.standard_error) is not None:
        errors["standard_error"] = (se, _natural_range(se))
    if piece.interval is not None:
        errors["interval"] = _error_from_interval(piece)
    if piece.p_value is not None and centre != 0:
        errors["p_value"] = _error_from_p(piece)
    if not errors:
        reason = "an estimate without standard error, interval or exact p value"
        return [Route(i, "estimate", "as_reported", reason=reason)]
    routes = []
    for name, (error, possible) in errors.items():
        y, factor, assumption = _to_log_odds(piece.measure, centre, baseline)
        if not math.isfinite(y):
            what = f"a {piece.measure.replace('_', ' ')} of {piece.value:g}"
            reason = f"{what} is impossible at a baseline of {baseline:g}"
            routes.append(Route(i, "estimate", name, reason=reason))
            continue
        low, high = (
            _to_log_odds(piece.measure, _to_log(piece, v), baseline)[0]
            for v in (value.low, value.high)
        )
        routes.append(
            Route(
                piece=i,
                kind="estimate",
                alternative=name,
                terms=(Term("normal", log_odds_ratio=y, standard_error=error * factor),),
                assumption=assumption,
                formula=f"estimate from {piece.measure} and {name}",
                log_odds_ratio=Range(low, high),
                standard_error=Range(possible.low * factor, possible.high * factor),
                z=_possible_z(piece, name, value, possible),
                z_printed=centre / error,
            )
        )
    return routes


def _to_log(piece: Estimate, value: float) -> float:
    """Value on the scale on which it is roughly normal."""
    return value if piece.measure == "smd" else math.log(value)


def _error_from_interval(piece: Estimate) -> tuple[float, Range]:
    """Standard error from a confidence interval that is symmetric on the analysis scale."""
    assert piece.interval is not None
    width = 2 * stats.norm.ppf(0.5 + piece.interval_percent / 200)
    low, high = (_natural_range(bound) for bound in piece.interval)
    error = (_to_log(piece, piece.interval[1]) - _to_log(piece, piece.interval[0])) / width
    shortest = (_to_log(piece, high.low) - _to_log(piece, low.high)) / width
    longest = (_to_log(piece, high.high) - _to_log(piece, low.low)) / width
    # Bounds printed alike but for the last digit may even have been equal.
    return error, Range(max(shortest, 0.0), longest)


def _error_from_p(piece: Estimate) -> tuple[float, Range]:
    """Standard error from an exact two-sided p value."""
    assert piece.p_value is not None
    value = _natural_range(piece.value)
    low, high = sorted(abs(_to_log(piece, v)) for v in (value.low, value.high))
    z = _z_from_p(piece.p_value)
    error = abs(_to_log(piece, piece.value)) / float(stats.norm.isf(piece.p_value / 2))
    return error, Range(low / z.high, high / z.low)


def _z_from_p(p_value: float) -> Range:
    """Absolute z that an exact two-sided p value leaves possible."""
    p = _natural_range(p_value)
    low, high = (float(stats.norm.isf(bound / 2)) for bound in (min(p.high, 1 - 1e-12), p.low))
    return Range(low, high)


def _possible_z(piece: Estimate, name: str, value: Range, error: Range) -> Range:
    """What the study's own z may be: from p itself, or from the value and its standard error."""
    bounds = [_to_log(piece, v) for v in (value.low, value.high)]
    if name == "p_value":
        assert piece.p_value is not None
        z = _z_from_p(piece.p_value)
        return z if bounds[0] > 0 else Range(-z.high, -z.low)
    corners = [
        bound / e if e > 0 else math.copysign(math.inf, bound)
        for bound in bounds
        for e in (error.low, error.high)
    ]
    return Range(min(corners), max(corners))


def _to_log_odds(measure: str, centre: float, p0: float) -> tuple[float, float, str]:
    """Log odds ratio, the factor for its standard error, and what had to be assumed.

    Parameters
    ----------
    measure : str
    centre : float
        Log of a ratio, or the SMD itself.
    p0 : float
        Control probability: a risk or hazard ratio says nothing of odds without one.
    """
    match measure:
        case "odds_ratio":
            return centre, 1.0, ""
        case "smd":
            return centre * SMD_TO_LOG_ODDS, SMD_TO_LOG_ODDS, "logistic distribution behind the SMD"
        case "risk_ratio":
            p1 = math.exp(centre) * p0
            # d log OR / d log RR = 1 / (1 - p1)
            factor = 1 / (1 - p1) if p1 < 1 else math.nan
        case _:
            # Proportional hazards: survival under treatment is S0 ** HR.
            p1 = 1 - (1 - p0) ** math.exp(centre)
            # d log OR / d log HR = -log(1 - p0) HR / p1
            factor = -math.log1p(-p0) * math.exp(centre) / p1
    assumption = f"a control probability of {p0:.3g}"
    if p1 >= 1:
        return math.nan, math.nan, assumption
    return math.log(p1 / (1 - p1)) - math.log(p0 / (1 - p0)), factor, assumption


def _natural_range(value: float) -> Range:
    """Values that are printed as `value` with the decimals that it shows.

    A trailing zero is not known any more (2.0 reads as 2), so it counts for nothing.
    """
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    half = 0.5 * 10.0 ** min(exponent, 0)
    return Range(value - half, value + half)


def z_interval(direction: str, significance: str) -> Range | None:
    """Interval for the study's z that a statement names; None when it names none.

    Examples
    --------
    >>> z_interval("increase", "not_significant")
    Range(low=0.0, high=1.96)
    """
    signed = {
        ("increase", "significant"): Range(SIGNIFICANT_Z, math.inf),
        ("decrease", "significant"): Range(-math.inf, -SIGNIFICANT_Z),
        ("increase", "not_significant"): Range(0.0, SIGNIFICANT_Z),
        ("decrease", "not_significant"): Range(-SIGNIFICANT_Z, 0.0),
        ("none", "not_significant"): Range(-SIGNIFICANT_Z, SIGNIFICANT_Z),
        ("unclear", "not_significant"): Range(-SIGNIFICANT_Z, SIGNIFICANT_Z),
        ("increase", "not_stated"): Range(0.0, math.inf),
        ("decrease", "not_stated"): Range(-math.inf, 0.0),
    }
    return signed.get((direction, significance))


def _findings(i: int, piece: Finding) -> list[Route]:
    """A statement: one route for each reported pair of group sizes."""
    z = z_interval(piece.direction, piece.significance)
    if z is None:
        reason = "the statement names no direction and no significance that bound z"
        return [Route(i, "finding", "as_reported", reason=reason)]
    if not piece.sizes:
        reason = "no group sizes, so the statement cannot be weighed"
        return [Route(i, "finding", "as_reported", reason=reason, z=z)]
    return [
        Route(
            piece=i,
            kind="finding",
            alternative=sizes.name,
            terms=(
                Term(
                    "interval",
                    z_low=z.low,
                    z_high=z.high,
                    n_treated=n_treated,
                    n_control=n_control,
                ),
            ),
            assumption=assumption,
            formula="finding",
            z=z,
            sizes=sizes,
        )
        for sizes in piece.sizes
        for n_treated, n_control, assumption in [split(sizes)]
    ]


def split(sizes: Sizes) -> tuple[float, float, str]:
    """Group sizes of both groups, and what had to be assumed for them."""
    assumed = [] if sizes.basis == "reported" else [f"group sizes are {sizes.basis}"]
    if sizes.groups is not None:
        return *sizes.groups, "; ".join(assumed)
    # ASSUME: a known total with an unknown split is shared equally between the two groups.
    assumed.append("an equal split of the total")
    return sizes.people / 2, sizes.people / 2, "; ".join(assumed)
