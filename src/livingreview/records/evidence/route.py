"""One way from a piece of evidence to θ, and the rows that it brings to the likelihood."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from livingreview.base.types import Likelihood, NamedTest
from livingreview.records.evidence.ranges import Range
from livingreview.records.evidence.sizes import Sizes

if TYPE_CHECKING:
    from livingreview.records.evidence.groups import Groups

AS_REPORTED = "as_reported"
# Numbers of a term of which a bare statement of significance, without group sizes, has none.
OWN_NUMBERS = ("events", "value", "value_low", "n_treated", "n_control", "most_treated")


@dataclass(frozen=True)
class Term:
    """One row of the likelihood.

    A number is NaN, and a text empty, where the form of the likelihood has no use for it.

    Attributes
    ----------
    likelihood : str
        Form of the likelihood (`livingreview.effects.forms`).
    arm : str
        Arm of a row of events, else empty.
    events, total : float
        Events among people, or over person-time; effective ones, which need not be whole, where
        clusters were assigned.
    shape : float
        Of negative binomial events; NaN where they are Poisson.
    value, standard_error : float
        Effect, on the log scale where it is a ratio.
    measure : {"", "risk_ratio", "hazard_ratio"}
        Of a value that a control share turns into an odds ratio.
    share_logit, share_error : float
        Logit of the study's own control share, and its standard error.
    value_low, value_high : float
        What rounding leaves of a value.
    unit_error : float
        Standard error of a value, times the root of the size of an arm.
    z_low, z_high : float
        Bounds that a statement puts on the study's z.
    n_treated, n_control : float
        Effective people in each arm; NaN where not known.
    most_treated, most_control : float
        Upper bounds of these where they are not known.
    design_effect : float
        Of clusters, by which a size that is not known is divided; NaN where it is 1.
    z_significant : float
        The |z| that the source calls significant; NaN where it is 1.96.
    significance_test : {"", "pearson", "yates", "wald", "fisher"}
        Test behind a statement, where the source names it.
    """

    likelihood: Likelihood
    arm: str = ""
    events: float = math.nan
    total: float = math.nan
    shape: float = math.nan
    value: float = math.nan
    standard_error: float = math.nan
    measure: Literal["", "risk_ratio", "hazard_ratio"] = ""
    share_logit: float = math.nan
    share_error: float = math.nan
    value_low: float = math.nan
    value_high: float = math.nan
    unit_error: float = math.nan
    z_low: float = math.nan
    z_high: float = math.nan
    n_treated: float = math.nan
    n_control: float = math.nan
    most_treated: float = math.nan
    most_control: float = math.nan
    design_effect: float = math.nan
    z_significant: float = math.nan
    significance_test: NamedTest | Literal[""] = ""


@dataclass(frozen=True)
class Route:
    """One way from a piece of evidence to θ, of the outcome's measure.

    Attributes
    ----------
    piece : int
        Index of the evidence within its effect.
    kind : str
        Kind of that evidence.
    alternative : str
        Name of the sizes, counts or uncertainty measure that this route takes.
    terms : tuple of Term
        Rows of the likelihood; empty when the route cannot be used.
    reason : str
        Why it cannot be used; empty when it can.
    assumption : str
        What is assumed along this route; empty when nothing is.
    formula : str
        Name of the formula in docs/methods.md.
    value, error : float, optional
        θ and its standard error by the numbers as printed; None for a statement, and for a
        test whose z no odds ratio gives at the control probability.
    possible, standard_error, z : Range, optional
        What the report leaves possible of θ, of its standard error and of z, to compare routes
        with one another; z is that of the study's own test, on the scale on which it reported.
    z_printed : float, optional
        That z for the numbers as they are printed; None for a statement.
    scale : {"odds", "smd", "rate", "difference", ""}
        What was measured: probabilities, a score, events over time, a score in its own units, or
        (a statement) any of these.
    converted : bool
        Whether a control probability was needed to reach θ.
    clustering : {"", "ignored", "design_effect", "adjusted"}
        How clusters are allowed for; empty when people were assigned.
    adjusted : bool, optional
        Whether other characteristics of the groups are allowed for; None where it is not said.
    sizes : Sizes, optional
        Group sizes that this route takes, as their source gives them.
    groups : Groups, optional
        The same as numbers of a term, of a statement or of a value without a standard error.
    """

    piece: int
    kind: str
    alternative: str
    terms: tuple[Term, ...] = ()
    reason: str = ""
    assumption: str = ""
    formula: str = ""
    value: float | None = None
    error: float | None = None
    possible: Range | None = None
    standard_error: Range | None = None
    z: Range | None = None
    z_printed: float | None = None
    scale: Literal["odds", "smd", "rate", "difference", ""] = "odds"
    converted: bool = False
    clustering: str = ""
    adjusted: bool | None = None
    sizes: Sizes | None = None
    groups: Groups | None = None

    @property
    def usable(self) -> bool:
        """Whether it can enter the likelihood."""
        return bool(self.terms)


def join_assumptions(*assumptions: str) -> str:
    """Several assumptions as one text; empty ones are left out."""
    return "; ".join(text for text in assumptions if text)
