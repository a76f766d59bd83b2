"""Prior sets and models."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from livingreview.base.types import Identifier, Text
from livingreview.base.validation import Strict, field_error, refuse, repeated_positions
from livingreview.protocol.moderators import Coding
from livingreview.protocol.priors import Prior

# Name of the fits of several outcomes at once; no outcome may have it.
JOINT = "joint"
OVERALL = "overall"
# Families of priors of a standard deviation, or of a variance.
POSITIVE = ("half_normal", "inverse_gamma", "log_normal")


class Priors(Strict):
    """Priors of one analysis: pooled effect, coefficients, and heterogeneity."""

    mu: Prior
    beta: Prior
    tau: Prior | None = Field(default=None, description="Prior on the standard deviation.")
    tau_squared: Prior | None = Field(default=None, description="Prior on the variance.")

    @model_validator(mode="after")
    def _fitting_families(self) -> Self:
        if (self.tau is None) == (self.tau_squared is None):
            found = "neither" if self.tau is None else "both"
            raise field_error((), found, "one of `tau` and `tau_squared`")
        real = ("normal", "student_t")
        families = {"mu": real, "beta": real, "tau": POSITIVE, "tau_squared": POSITIVE}
        refuse(
            field_error((field,), prior, " or ".join(f"{name}(…)" for name in allowed))
            for field, allowed in families.items()
            if (prior := getattr(self, field)) is not None and prior.family not in allowed
        )
        # The degrees of freedom tell whether the variance is finite. scipy would tell it as well,
        # but takes a second to import.
        if self.beta.family == "student_t" and self.beta.arguments[0] <= 2:
            allowed = "a finite variance, as contraction is told against it (degrees above 2)"
            raise field_error(("beta",), self.beta, allowed)
        return self

    @property
    def spread(self) -> Prior:
        """Prior of the heterogeneity, on whichever scale it was given."""
        spread = self.tau or self.tau_squared
        assert spread is not None
        return spread


class PriorSet(Priors):
    """Priors with the reason for them."""

    reason: Text


Kind = Literal["hierarchical", "robust", "shrinkage", "selection", "bias_adjusted", "joint"]

INTEGRATED: tuple[Kind, ...] = ("hierarchical", "bias_adjusted")


class ModelOptions(Strict):
    """What a model may set beyond its moderators and priors."""

    kind: Kind = "hierarchical"
    only_numeric: bool = Field(default=False, description="Leave out studies with only findings.")
    degrees: Annotated[float, Field(gt=1, le=100)] | None = Field(
        default=None, description="Robust: degrees of freedom of the study effects."
    )
    global_scale: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="Shrinkage: scale of the horseshoe's global parameter."
    )
    lkj: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="Joint: shape of the prior on the correlations."
    )
    omega: Prior | None = Field(
        default=None, description="Selection: prior of the relative probability of printing."
    )
    fewest_effects: Annotated[int, Field(ge=2)] | None = Field(
        default=None, description="Selection: with fewer effects the model is refused."
    )
    kappa: Prior | None = Field(
        default=None,
        description="Bias-adjusted: prior of the standard deviation of the bias of studies at high"
        " risk of bias.",
    )

    target_accept: Annotated[float, Field(gt=0.5, lt=1)] | None = Field(
        default=None, description="For a posterior that needs smaller steps than the run's."
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = {
            "robust": ("degrees",),
            "shrinkage": ("global_scale",),
            "joint": ("lkj",),
            "selection": ("omega", "fewest_effects"),
            "bias_adjusted": ("kappa",),
        }
        refuse(
            field_error((field,), "nothing", f"a value, as the kind is `{self.kind}`")
            for field in needed.get(self.kind, ())
            if getattr(self, field) is None
        )
        refuse(
            field_error((field,), value, f"nothing, as the kind is `{self.kind}` and not `{kind}`")
            for kind, fields in needed.items()
            for field in fields
            if kind != self.kind and (value := getattr(self, field)) is not None
        )
        if self.omega is not None and self.omega.family != "beta":
            raise field_error(("omega",), self.omega, "beta(…)")
        if self.kappa is not None and self.kappa.family not in POSITIVE:
            allowed = " or ".join(f"{name}(…)" for name in POSITIVE)
            raise field_error(("kappa",), self.kappa, allowed)
        return self


class ModelSpecification(ModelOptions):
    """What a fit needs to know of a model: its slice of the protocol, without words."""

    moderators: dict[Identifier, Coding]
    priors: Priors
    differences: dict[Identifier, list[Identifier]] = Field(
        default={}, description="Joint: contrast and the two outcomes, the first less the second."
    )

    @property
    def is_integrated(self) -> bool:
        """Whether numerical integration answers models of this kind."""
        return self.kind in INTEGRATED


class Contrast(Strict):
    """A difference between two outcomes of a joint model."""

    plus: Identifier
    minus: Identifier
    label: Text
    question: Text
    above: Text = Field(description="What a difference above 0 would mean.")
    alike: Text = Field(description="What no difference would mean.")
    below: Text = Field(description="What a difference below 0 would mean.")

    @model_validator(mode="after")
    def _of_two_outcomes(self) -> Self:
        if self.plus == self.minus:
            raise field_error(("minus",), self.minus, "an outcome other than `plus`")
        return self


class Model(ModelOptions):
    """A named specification that is fitted to every outcome, or to all at once."""

    label: Text
    question: Text = Field(description="What this model is for, in a reader's words.")
    moderators: list[Identifier] = []
    priors: Identifier
    kappa_reason: Text | None = Field(default=None, description="Why this; with `kappa`.")
    contrasts: dict[Identifier, Contrast] = {}

    @model_validator(mode="after")
    def _nothing_unused(self) -> Self:
        unused = {
            JOINT: ("moderators", "only_numeric"),
            "bias_adjusted": ("moderators", "contrasts"),
        }
        for field in unused.get(self.kind, ("contrasts",)):
            if value := getattr(self, field):
                found = "true" if value is True else ", ".join(value)
                raise field_error((field,), found, f"nothing, as the kind is `{self.kind}`")
        if (self.kappa is None) != (self.kappa_reason is None):
            found = "nothing" if self.kappa_reason is None else self.kappa_reason
            needed = "a reason, as there is" if self.kappa_reason is None else "nothing without"
            raise field_error(("kappa_reason",), found, f"{needed} `kappa`")
        allowed = "a moderator not named before"
        names = self.moderators
        refuse(field_error(("moderators", i), names[i], allowed) for i in repeated_positions(names))
        return self
