"""The protocol: all analysis choices of one review.

`config/reviews/<review>.yaml` is read into `Protocol`; nothing else decides what
is analysed, with which priors, and when a posterior earns which words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import chain, pairwise
from pathlib import Path
from typing import Annotated, Any, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from livingreview.base.documents import Location, read_document, texts
from livingreview.base.errors import Problem, ReviewError, value_text
from livingreview.base.measures import Measure
from livingreview.base.placeholders import unfilled
from livingreview.base.types import DesignKind, Identifier, Text
from livingreview.base.validation import Strict, field_error, refuse, repeated_positions, validated
from livingreview.protocol.amendments import Amendment
from livingreview.protocol.certainty import Certainty
from livingreview.protocol.checks import CheckThresholds
from livingreview.protocol.conduct import Conduct
from livingreview.protocol.decisions import Decisions
from livingreview.protocol.models import (
    JOINT,
    OVERALL,
    Model,
    ModelOptions,
    ModelSpecification,
    Priors,
    PriorSet,
)
from livingreview.protocol.moderators import FOLLOW_UP, NOT_KNOWN, Coding, Moderator
from livingreview.protocol.names import repeated_labels, reserved_name, unknown_name
from livingreview.protocol.outcomes import Assumed, Outcome
from livingreview.protocol.plausibility import Plausibility
from livingreview.protocol.search import Search
from livingreview.protocol.sensitivity import Sensitivity
from livingreview.protocol.vocabulary import Vocabulary

FieldErrors = Iterator[PydanticCustomError]
# Designs that a record can state; "not known" is left out.
DESIGNS = [kind for kind in get_args(DesignKind) if kind != NOT_KNOWN]
# Names that a protocol may not use. An outcome with such a name would overwrite other result
# files; a moderator with such a name would clash with a filter of the page's records.
RESERVED = {"outcomes": (JOINT, "alternatives", "quadrature"), "moderators": ("outcome",)}


def _with_article(words: str) -> str:
    """Refuse a setting that cannot stand behind `in`."""
    if words.split(" ")[0] not in ARTICLES:
        allowed = f"words behind `in` that begin with {', '.join(ARTICLES)}: `a new school`"
        raise field_error((), value_text(words), allowed)
    return words


ARTICLES = ("a", "an", "another")
NewSetting = Annotated[Text, AfterValidator(_with_article)]


class SamplingCorrelation(Strict):
    """Correlation of the sampling errors of several effects of one study on one outcome."""

    value: Annotated[float, Field(ge=0, lt=1)] = 0.5
    reason: Text = (
        "No source gives it. In simulation a half serves the pooled effect at true correlations"
        " from 0 to 0.8 (docs/methods.md, `Several effects of one study`)."
    )


class Protocol(Strict):
    """All analysis choices of one review."""

    review: Identifier
    title: Text
    question: Text
    treated: Text = Field(
        description="What the treated arm got, inside a sentence, with an article where it needs"
        " one: `the visit`, `BCG vaccination`."
    )
    control: Text = Field(description="The same of the control arm.")
    new_setting: NewSetting = Field(
        default="a new setting",
        description="Where an effect is predicted for, as it stands behind `in`, with its article:"
        " `a new school`.",
    )
    problem: Text | None = Field(
        default=None,
        description="What the critical outcomes measure, inside a sentence; else their phrases.",
    )
    outcomes: Annotated[dict[Identifier, Outcome], Field(min_length=1)]
    moderators: dict[Identifier, Moderator]
    risk_of_bias_domains: dict[Identifier, Text]
    prior_sets: Annotated[dict[Identifier, PriorSet], Field(min_length=1)]
    models: Annotated[dict[Identifier, Model], Field(min_length=1)]
    checks: CheckThresholds
    sensitivity: Sensitivity
    decisions: Decisions
    certainty: Certainty
    search: Search = Search()
    conduct: Conduct = Conduct()
    amendments: list[Amendment] = Field(
        default=[], description="Changes of rules since the first records were read, oldest first."
    )
    sampling_correlation: SamplingCorrelation = SamplingCorrelation()
    plausibility: Plausibility = Field(
        default=Plausibility(), description="Limits beyond which a record is asked about."
    )

    @field_validator("outcomes")
    @classmethod
    def _one_measure(cls, outcomes: dict[str, Outcome]) -> dict[str, Outcome]:
        """Priors, limits and true effects to try are given once, for all outcomes."""
        first, *others = outcomes
        for field in ("measure", "unit"):
            one = getattr(outcomes[first], field)
            refuse(
                field_error(
                    (name, field),
                    found or "nothing",
                    f"`{one}`, as of `{first}`: priors and limits are for all outcomes",
                )
                for name in others
                if (found := getattr(outcomes[name], field)) != one
            )
        return outcomes

    @field_validator("amendments")
    @classmethod
    def _oldest_first(cls, amendments: list[Amendment]) -> list[Amendment]:
        refuse(
            field_error((i, "date"), str(later.date), f"{earlier.date} or later: oldest first")
            for i, (earlier, later) in enumerate(pairwise(amendments), start=1)
            if later.date < earlier.date
        )
        return amendments

    @field_validator("review")
    @classmethod
    def _review_names_the_file(cls, review: str, info: ValidationInfo) -> str:
        if isinstance(info.context, str) and review != info.context:
            raise field_error((), None, f"`{info.context}`, the name of the file")
        return review

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        refuse(
            chain(
                self._unknown_names(),
                self._ambiguous_names(),
                self._labels_alike(),
                self._unfit_overall(),
                self._unfit_design(),
                self._unfit_follow_up(),
                self._braces(),
                self._beyond_the_measure(),
            )
        )
        return self

    def _unknown_names(self) -> FieldErrors:
        for name, model in self.models.items():
            at: Location = ("models", name)
            if model.priors not in self.prior_sets:
                yield unknown_name((*at, "priors"), model.priors, self.prior_sets)
            for i, moderator in enumerate(model.moderators):
                if moderator not in self.moderators:
                    yield unknown_name((*at, "moderators", i), moderator, self.moderators)
            for key, contrast in model.contrasts.items():
                for side in ("plus", "minus"):
                    if (outcome := getattr(contrast, side)) not in self.outcomes:
                        yield unknown_name((*at, "contrasts", key, side), outcome, self.outcomes)
        for i, name in enumerate(self.decisions.size.prior_sets):
            if name not in self.prior_sets:
                yield unknown_name(("decisions", "size", "prior_sets", i), name, self.prior_sets)
        if OVERALL not in self.models:
            yield unknown_name(("models",), "no `overall`", [OVERALL])
        numeric = [name for name, levels in self.moderator_levels().items() if levels is None]
        for name in self.plausibility.moderators:
            if name not in numeric:
                yield unknown_name(("plausibility", "moderators", name), name, numeric)
        levels = {name: moderator.levels for name, moderator in self.moderators.items()}
        yield from self.certainty.unknown_names(self.outcomes, levels)

    def _ambiguous_names(self) -> FieldErrors:
        for section, reserved in RESERVED.items():
            for name in reserved:
                if name in getattr(self, section):
                    yield reserved_name((section, name), name)
        contrasts = [(name, key) for name, model in self.models.items() for key in model.contrasts]
        for i in repeated_positions(key for _, key in contrasts):
            name, key = contrasts[i]
            allowed = "a name that no contrast of another model has"
            yield field_error(("models", name, "contrasts", key), key, allowed)
        for name, key in contrasts:
            if key in self.models:
                allowed = "a name that no model has, as each has fits of its own"
                yield field_error(("models", name, "contrasts", key), key, allowed)

    def _labels_alike(self) -> FieldErrors:
        """Tables and figures for readers have labels instead of names."""
        for section in ("outcomes", "moderators", "models"):
            entries = getattr(self, section).items()
            yield from repeated_labels(
                {(section, name, "label"): entry.label for name, entry in entries}
            )
        domains = self.risk_of_bias_domains.items()
        yield from repeated_labels(
            {("risk_of_bias_domains", name): label for name, label in domains}
        )
        for name, moderator in self.moderators.items():
            levels = (moderator.levels or {}).items()
            yield from repeated_labels(
                {("moderators", name, "levels", key): label for key, label in levels}
            )

    def _unfit_overall(self) -> FieldErrors:
        overall = self.models.get(OVERALL)
        if overall is not None and overall.kind == JOINT:
            allowed = "a kind of one outcome, as each has its `overall`"
            yield field_error(("models", OVERALL, "kind"), overall.kind, allowed)
        if overall is not None and overall.moderators:
            allowed = "nothing, as `overall` is of all studies alike"
            yield field_error(
                ("models", OVERALL, "moderators"), ", ".join(overall.moderators), allowed
            )

    def _unfit_design(self) -> FieldErrors:
        """A record states its design in a field of its own, with levels of its own."""
        design = self.moderators.get("design")
        if design is not None and design.kind != "categorical":
            allowed = "categorical, as records name their `design`"
            yield field_error(("moderators", "design", "kind"), design.kind, allowed)
        for level in (design and design.levels) or ():
            if level not in DESIGNS:
                yield unknown_name(("moderators", "design", "levels", level), level, DESIGNS)

    def _unfit_follow_up(self) -> FieldErrors:
        """A record states the months of each effect in a field of its own."""
        follow_up = self.moderators.get(FOLLOW_UP)
        if follow_up is not None and follow_up.kind != "numeric":
            allowed = "numeric, as records have `follow_up_months`"
            yield field_error(("moderators", FOLLOW_UP, "kind"), follow_up.kind, allowed)

    def _braces(self) -> FieldErrors:
        """Sentences are filled in where braces stand, and the protocol's words are part of them."""
        for at, text in texts(self.model_dump(mode="json")):
            filled_in = at[:2] in (("decisions", "verdicts"), ("decisions", "few_studies"))
            rest = text.replace("{direction}", "") if filled_in else text
            if "{" in rest or "}" in rest:
                allowed = "no braces" + (", or those of `{direction}` alone" if filled_in else "")
                yield field_error(at, value_text(text), allowed)

    def _beyond_the_measure(self) -> FieldErrors:
        """Effects that the measure does not have."""
        ratio, above = self.measure.is_ratio, f"above {self.measure.null_text}"
        at: Location
        for at, limit, words in (
            (
                ("decisions", "practically_none_effect"),
                self.decisions.practically_none_effect,
                self.measure.one,
            ),
            (
                ("decisions", "published", "open_within_effect"),
                self.decisions.published.open_within_effect,
                self.measure.comparison,
            ),
            (
                ("checks", "prior_effect_at_most", "value"),
                self.checks.prior_effect_at_most.value,
                self.measure.one,
            ),
        ):
            if limit <= self.measure.null:
                yield field_error(at, f"{limit:g}", f"{words} {above}")
        reach = self.certainty.settings_reach_at_most.one_step
        if reach < self.measure.null:
            at = ("certainty", "settings_reach_at_most", "one_step")
            yield field_error(at, f"{reach:g}", "a ratio of at least 1")
        for i, effect in enumerate(self.sensitivity.next_trial.true_effects):
            if ratio and not 0.01 < effect < 100:
                at = ("sensitivity", "next_trial", "true_effects", i)
                yield field_error(at, f"{effect:g}", f"{self.measure.one} from 0.01 to 100")
        per = self.sensitivity.small_studies.standard_error_per
        if ratio and per > 1:
            at = ("sensitivity", "small_studies", "standard_error_per")
            yield field_error(at, f"{per:g}", f"at most 1, of a {self.measure.line}")

    @property
    def measure(self) -> Measure:
        """Of the effects on all outcomes, with what is practically no difference."""
        outcome = next(iter(self.outcomes.values()))
        limit = self.decisions.practically_none_effect
        return Measure(outcome.measure, limit, outcome.unit or "")

    def specifications(self) -> dict[str, ModelSpecification]:
        """What each model's fits depend on."""
        return {
            name: ModelSpecification(
                moderators={m: self.moderators[m].coding for m in model.moderators},
                priors=Priors(**self.prior_sets[model.priors].model_dump(exclude={"reason"})),
                differences={key: [c.plus, c.minus] for key, c in model.contrasts.items()},
                **{field: getattr(model, field) for field in ModelOptions.model_fields},
            )
            for name, model in self.models.items()
        }

    def prior_sets_planned_first(self) -> dict[str, Priors]:
        """All prior sets without their reasons, that of the model `overall` first."""
        planned = self.models[OVERALL].priors
        names = [planned, *(name for name in self.prior_sets if name != planned)]
        return {n: Priors(**self.prior_sets[n].model_dump(exclude={"reason"})) for n in names}

    def size_priors(self) -> dict[str, Priors]:
        """The two prior sets of the rule on sizes, in its order."""
        every = self.prior_sets_planned_first()
        return {name: every[name] for name in self.decisions.size.prior_sets}

    def result_names(self) -> list[str]:
        """Names of the results that a published conclusion can be compared with.

        They are written as in `ComparedWith`: a model without moderators; a setting of a model
        with moderators; a coefficient of a model (the first level of a moderator has none); and
        a contrast of two outcomes.
        """
        names = []
        for name, model in self.models.items():
            names += [f"{{contrast: {key}}}" for key in model.contrasts]
            if not model.moderators and model.kind != JOINT:
                names.append(f"{{model: {name}}}")
            for key in model.moderators:
                settings, coefficients = self.moderators[key].coding.names(key)
                names += [f"{{model: {name}, setting: {setting}}}" for setting in settings]
                names += [f"{{model: {name}, coefficient: {x}}}" for x in coefficients]
        return names

    def moderator_levels(self) -> dict[str, tuple[str, ...] | None]:
        """Levels of each moderator that a record must state; None for a numeric one.

        The study design and the follow-up are fields of their own in a record, so these are left
        out.
        """
        return {
            name: tuple(m.levels) if m.levels is not None else None
            for name, m in self.moderators.items()
            if name not in ("design", FOLLOW_UP)
        }

    def baselines(self) -> dict[str, float]:
        """Control probability assumed for each outcome."""
        return {name: o.control.probability for name, o in self.outcomes.items()}

    def assumed(self) -> dict[str, Assumed]:
        """What the routes of each outcome's effects need to know."""
        return {name: outcome.assumed for name, outcome in self.outcomes.items()}

    def codings(self) -> dict[str, Coding]:
        """How each moderator enters a model."""
        return {name: moderator.coding for name, moderator in self.moderators.items()}

    def by_importance(self) -> dict[str, Outcome]:
        """Outcomes, the most important for a decision first."""
        return dict(sorted(self.outcomes.items(), key=lambda item: -item[1].importance))

    def choices(self) -> dict[str, Any]:
        """The protocol as plain data, and slices of it for steps that depend on no more."""
        baselines = {name: outcome.control for name, outcome in self.outcomes.items()}
        specifications = self.specifications()
        joint = {name for name, s in specifications.items() if s.kind == JOINT}
        return self.model_dump(mode="json") | {
            "measure": asdict(self.measure),
            "sampling_correlation": self.sampling_correlation.value,
            "levels": self.moderator_levels(),
            "codings": _plain(self.codings()),
            "baselines": self.baselines(),
            "assumed": _plain(self.assumed()),
            "expected_baselines": {name: b.expected for name, b in baselines.items()},
            "baseline_priors": _plain({name: o.priors for name, o in self.outcomes.items()}),
            "baseline_settings": {
                name: part["settings"] for name, part in _plain(baselines, "settings").items()
            },
            "size_priors": _plain(self.size_priors()),
            "planned_first": _plain(self.prior_sets_planned_first()),
            "wording": {
                name: words | {"less": self.outcomes[name].word_for_less}
                for name, words in _plain(
                    self.outcomes, "label", "phrase", "better", "one_meaning"
                ).items()
            },
            "sides": {name: outcome.sides for name, outcome in self.outcomes.items()},
            # A list, as the order says which is the most important.
            "headings": [[name, outcome.heading] for name, outcome in self.by_importance().items()],
            "better": {name: outcome.better for name, outcome in self.outcomes.items()},
            "specifications": _plain({n: s for n, s in specifications.items() if n not in joint}),
            "joint_specifications": _plain({n: s for n, s in specifications.items() if n in joint}),
            "contrasts": [
                {"fit": f"{JOINT}/{name}", "name": name, **contrast}
                for options in self.models.values()
                for name, contrast in _plain(options.contrasts).items()
            ],
        }

    def vocabulary(self) -> Vocabulary:
        """Names that the files of this review may use."""
        return Vocabulary(
            tuple(self.outcomes),
            self.moderator_levels(),
            tuple(self.risk_of_bias_domains),
            tuple(self.result_names()),
            self.review,
        )


def read_protocol(path: Path) -> Protocol:
    """Read and check a protocol.

    Raises
    ------
    ReviewError
        With every problem of the file.
    """
    return validated(read_document(path), Protocol, path.stem)


def finished_protocol(path: Path) -> Protocol:
    """Read a protocol that a build may follow: no place of it waits for a person any more.

    Raises
    ------
    ReviewError
        With every problem of the file.
    """
    protocol, waiting = protocol_and_gaps(path)
    if waiting:
        raise ReviewError(waiting)
    return protocol


def protocol_and_gaps(path: Path) -> tuple[Protocol, list[Problem]]:
    """A protocol, and the places of it that still wait for a person."""
    document = read_document(path)
    wanted = "words of your own, before the review is built"
    return validated(document, Protocol, path.stem), list(unfilled(document, lambda _: wanted))


def _plain(models: Mapping[str, BaseModel], *fields: str) -> dict[str, Any]:
    """Models as plain data, by their names; with fields, only these."""
    return {n: m.model_dump(mode="json", include=set(fields) or None) for n, m in models.items()}
