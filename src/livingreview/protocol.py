"""The protocol: all analysis choices of one review, made before the data are seen.

`config/reviews/<review>.yaml` is read into `Protocol`; nothing else decides what
is analysed, with which priors, and when a posterior earns which words.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from livingreview.documents import Strict, read_document, validated
from livingreview.priors import Prior
from livingreview.records import Identifier, Source, Text

# Names the fits of several outcomes at once, so no outcome may have it.
JOINT = "joint"

Probability = Annotated[float, Field(ge=0, le=1)]


def _unknown(field: tuple[str | int, ...], found: str, known: list[str]) -> PydanticCustomError:
    context = {"field": field, "found": found, "allowed": "one of " + ", ".join(known)}
    return PydanticCustomError("unknown_name", "{allowed}", context)


class CitedBaseline(Strict):
    """Share of people with the outcome under the control condition, with its source."""

    probability: Annotated[float, Field(gt=0, lt=1)]
    months: Annotated[float, Field(gt=0)]
    source: Source
    note: Text


class BaselinePriors(Strict):
    """Priors of the outcome's frequency in the control arm, on the logit scale."""

    findings: Prior = Field(description="Prior of the control logit behind a finding.")
    counts: Prior = Field(description="Prior of the control logit where counts inform it.")

    @model_validator(mode="after")
    def _normal(self) -> Self:
        for field in ("findings", "counts"):
            if (prior := getattr(self, field)).family != "normal":
                context = {"field": (field,), "found": str(prior), "allowed": "normal(…)"}
                raise PydanticCustomError("family", "{allowed}", context)
        return self


class Baseline(BaselinePriors):
    """What is assumed of the outcome's frequency in the control arm, and why."""

    reason: Text
    settings: dict[Identifier, Prior] = Field(
        default={},
        description="Other priors of the control logit behind a finding, for the sensitivity"
        " analyses, by name.",
    )
    cited: CitedBaseline | None = Field(description="Null when no readable source gives one.")

    @property
    def probability(self) -> float:
        """Control probability at the centre of the prior behind a finding."""
        return 1 / (1 + math.exp(-self.findings.arguments[0]))


class Outcome(Strict):
    """An outcome of the review and how to speak of it."""

    label: Text = Field(description="Heading, such as `Repeat abuse recorded by the police`.")
    phrase: Text = Field(description="As it stands inside a sentence.")
    people: Text = Field(description="Whom the rate is counted over, such as `households`.")
    better: Literal["lower", "higher"]
    caution: Text = Field(description="What a reader must bear in mind about this outcome.")
    baseline: Baseline


class Coding(Strict):
    """How a moderator enters a model; no words, so that an edited label refits nothing."""

    kind: Literal["categorical", "numeric"]
    levels: list[Identifier] | None = None
    centre: float | None = None
    per: float | None = None
    unknown: Literal["leave_out", "own_level"] = "leave_out"


class Moderator(Strict):
    """A study characteristic that may change the effect."""

    label: Text
    kind: Literal["categorical", "numeric"]
    levels: dict[Identifier, Text] | None = Field(
        default=None, description="Level and its label; the first is the reference."
    )
    centre: float | None = Field(default=None, description="Value at which mu is reported.")
    per: Annotated[float, Field(gt=0)] | None = Field(default=None, description="Unit of beta.")
    unit: Text | None = None
    unknown: Literal["leave_out", "own_level"] = Field(
        default="leave_out",
        description="What a model does with a study whose value is not known: leave it out, or"
        " give it a level `not_known` of its own (categorical only).",
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind == "categorical" and len(self.levels or {}) < 2:
            context = {"field": ("levels",), "found": "fewer than 2", "allowed": "2 or more levels"}
            raise PydanticCustomError("levels", "{allowed}", context)
        if self.kind == "numeric" and (self.centre is None or self.per is None):
            context = {"field": (), "found": "no centre or per", "allowed": "both `centre`, `per`"}
            raise PydanticCustomError("scale", "{allowed}", context)
        if self.kind == "numeric" and self.unknown == "own_level":
            context = {"field": ("unknown",), "found": "own_level", "allowed": "leave_out"}
            raise PydanticCustomError("unknown", "{allowed}", context)
        return self

    @property
    def coding(self) -> Coding:
        """What a fit needs to know of it."""
        levels = list(self.levels) if self.levels is not None else None
        return Coding(
            kind=self.kind,
            levels=levels,
            centre=self.centre,
            per=self.per,
            unknown=self.unknown,
        )


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
            context = {"field": (), "found": found, "allowed": "one of `tau` and `tau_squared`"}
            raise PydanticCustomError("heterogeneity", "{allowed}", context)
        real, positive = ("normal", "student_t"), ("half_normal", "inverse_gamma", "log_normal")
        for field, families in (
            ("mu", real),
            ("beta", real),
            ("tau", positive),
            ("tau_squared", positive),
        ):
            prior = getattr(self, field)
            if prior is not None and prior.family not in families:
                allowed = " or ".join(f"{name}(…)" for name in families)
                context = {"field": (field,), "found": str(prior), "allowed": allowed}
                raise PydanticCustomError("family", "{allowed}", context)
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


Kind = Literal["hierarchical", "robust", "shrinkage", "selection", "joint"]


class _ModelOptions(Strict):
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
        }
        for field in needed.get(self.kind, ()):
            if getattr(self, field) is None:
                allowed = f"a value, as the kind is `{self.kind}`"
                context = {"field": (field,), "found": "nothing", "allowed": allowed}
                raise PydanticCustomError("option", "{allowed}", context)
        for kind, fields in needed.items():
            for field in fields:
                if kind != self.kind and getattr(self, field) is not None:
                    found = str(getattr(self, field))
                    allowed = f"nothing, as the kind is `{self.kind}` and not `{kind}`"
                    context = {"field": (field,), "found": found, "allowed": allowed}
                    raise PydanticCustomError("option", "{allowed}", context)
        if self.omega is not None and self.omega.family != "beta":
            context = {"field": ("omega",), "found": str(self.omega), "allowed": "beta(…)"}
            raise PydanticCustomError("family", "{allowed}", context)
        return self


class ModelSpecification(_ModelOptions):
    """What a fit needs to know of a model: its slice of the protocol, without words."""

    moderators: dict[Identifier, Coding]
    priors: Priors
    differences: dict[Identifier, list[Identifier]] = Field(
        default={}, description="Joint: contrast and the two outcomes, the first less the second."
    )


class Contrast(Strict):
    """A difference between two outcomes of a joint model."""

    plus: Identifier
    minus: Identifier
    label: Text
    question: Text
    above: Text = Field(description="What a difference above 0 would mean.")
    below: Text


class Model(_ModelOptions):
    """A named specification that is fitted to every outcome, or to all at once."""

    label: Text
    question: Text = Field(description="What this model is for, in a reader's words.")
    moderators: list[Identifier] = []
    priors: Identifier
    contrasts: dict[Identifier, Contrast] = {}


class Threshold(Strict):
    """A limit and why it is there."""

    value: float
    reason: Text


class CheckThresholds(Strict):
    """Limits of the sampling checks; beyond them the build stops."""

    r_hat_at_most: Threshold
    ess_bulk_at_least: Threshold
    ess_tail_at_least: Threshold
    divergences_at_most: Threshold
    e_bfmi_at_least: Threshold
    parity_errors_at_most: Threshold


class Sensitivity(Strict):
    """How far the sensitivity analyses go, and when a specification counts as pointing one way."""

    decisive_probability: Annotated[float, Field(gt=0.5, lt=1)]
    most_specifications: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        description="Of the multiverse; a larger product is sampled at random."
    )
    most_subsets: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        description="Of the studies; more are sampled at random."
    )
    reason: Text


class Verdict(Strict):
    """Words that a posterior earns."""

    id: Identifier
    probability: Probability = Field(description="Least posterior probability of the direction.")
    words: Text = Field(description="With {direction} for `more` or `less`.")


class Decisions(Strict):
    """Rules that turn posteriors into words."""

    practically_none_odds_ratio: Annotated[float, Field(gt=1)]
    practically_none_probability: Probability
    verdicts: Annotated[list[Verdict], Field(min_length=1)] = Field(
        description="From the most to the least demanding."
    )
    no_verdict: Text
    practically_none: Text
    fewest_studies_for_a_verdict: Annotated[int, Field(ge=1)]
    few_studies: Text = Field(description="Used when fewer studies than that carry the outcome.")
    reason: Text

    @model_validator(mode="after")
    def _falling(self) -> Self:
        steps = [verdict.probability for verdict in self.verdicts]
        if steps != sorted(steps, reverse=True):
            allowed = "falling probabilities"
            context = {"field": ("verdicts",), "found": str(steps), "allowed": allowed}
            raise PydanticCustomError("order", "{allowed}", context)
        return self


class Protocol(Strict):
    """Everything decided beforehand about one review."""

    review: Identifier
    title: Text
    question: Text
    treated: Text = Field(description="What the treated arm got, inside a sentence.")
    control: Text
    outcomes: Annotated[dict[Identifier, Outcome], Field(min_length=1)]
    moderators: dict[Identifier, Moderator]
    risk_of_bias_domains: dict[Identifier, Text]
    prior_sets: Annotated[dict[Identifier, PriorSet], Field(min_length=1)]
    models: Annotated[dict[Identifier, Model], Field(min_length=1)]
    checks: CheckThresholds
    sensitivity: Sensitivity
    decisions: Decisions
    sampling_correlation: Annotated[float, Field(ge=0, lt=1)] = Field(
        default=0.5,
        description="Of the errors of several estimates that one study gives on one outcome.",
    )

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        for name, model in self.models.items():
            if model.priors not in self.prior_sets:
                at = ("models", name, "priors")
                raise _unknown(at, model.priors, list(self.prior_sets))
            for i, moderator in enumerate(model.moderators):
                if moderator not in self.moderators:
                    at_moderator = ("models", name, "moderators", i)
                    raise _unknown(at_moderator, moderator, list(self.moderators))
            for key, contrast in model.contrasts.items():
                for side in ("plus", "minus"):
                    if (outcome := getattr(contrast, side)) not in self.outcomes:
                        raise _unknown(
                            ("models", name, "contrasts", key, side), outcome, list(self.outcomes)
                        )
        if JOINT in self.outcomes:
            raise _unknown(("outcomes", JOINT), JOINT, ["any other name"])
        if "overall" not in self.models:
            raise _unknown(("models",), "no `overall`", ["overall"])
        return self

    def specifications(self) -> dict[str, ModelSpecification]:
        """What each model's fits depend on."""
        return {
            name: ModelSpecification(
                moderators={m: self.moderators[m].coding for m in model.moderators},
                priors=Priors(**self.prior_sets[model.priors].model_dump(exclude={"reason"})),
                differences={key: [c.plus, c.minus] for key, c in model.contrasts.items()},
                **{field: getattr(model, field) for field in _ModelOptions.model_fields},
            )
            for name, model in self.models.items()
        }

    def prior_sets_planned_first(self) -> dict[str, Priors]:
        """All prior sets without their reasons, that of the model `overall` first."""
        planned = self.models["overall"].priors
        names = [planned, *(name for name in self.prior_sets if name != planned)]
        return {n: Priors(**self.prior_sets[n].model_dump(exclude={"reason"})) for n in names}

    def moderator_levels(self) -> dict[str, tuple[str, ...] | None]:
        """Levels of each moderator that a record must state; None for a numeric one.

        The study design is a field of its own in a record, so it is left out.
        """
        return {
            name: tuple(m.levels) if m.levels is not None else None
            for name, m in self.moderators.items()
            if name != "design"
        }


def read_protocol(path: Path) -> Protocol:
    """Read and check a protocol.

    Raises
    ------
    ReviewError
        With every problem of the file.
    """
    return validated(read_document(path), Protocol)
