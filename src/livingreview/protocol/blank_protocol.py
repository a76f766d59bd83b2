"""The protocol of a new review: `blank_protocol.yaml.j2` with its subject, or that of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from livingreview.base.documents import Document, Location, scalar
from livingreview.base.labels import in_sentence
from livingreview.base.measures import Measure, MeasureName
from livingreview.base.placeholders import TO_FILL_IN
from livingreview.base.templates import environment

# Of another review's protocol, what tells its own story and is no rule.
ITS_OWN_STORY = ("search", "conduct", "amendments")
_COPIED = """\
# The rules of `{}`, without its search and its amendments. Outcomes, moderators, priors,
# limits and reasons are that review's until you edit them."""


@dataclass(frozen=True)
class NewOutcome:
    """An outcome of a review that begins."""

    name: str
    label: str
    better: str
    measure: MeasureName
    unit: str = ""
    less: str = "less"


@dataclass(frozen=True)
class NewModerator:
    """A moderator of a review that begins: levels with labels, or a centre, `per` and units."""

    name: str
    label: str
    levels: dict[str, str] = field(default_factory=dict)
    centre: str = ""
    per: str = ""
    unit: str = ""
    unit_one: str = ""


@dataclass(frozen=True)
class Scale:
    """Numbers of a protocol that hang on the measure.

    For a ratio they are those of the reviews that ship. For a difference they are in units of the
    largest difference that is practically none, which is about 0.1 on the log of a ratio.
    """

    mu: str
    mu_wide: str
    tau: str
    tau_wide: str
    thought_possible: str
    practically_none: str
    another_answer: str
    beyond_belief: str
    largest_bias: str
    errors_differ: str
    learnable: str
    true_effects: list[float]

    @classmethod
    def of_ratio(cls, limit: float, lower_is_better: bool) -> Scale:
        """Of a ratio; no difference is 1."""
        return cls(
            *("1", "2", "0.5", "1", "between 1/7 and 7", f"{limit:g}"),
            *("2", "100", "10", "0.2", "1"),
            true_effects=[0.5, 0.67, 0.8, 1, 1.25] if lower_is_better else [0.8, 1, 1.25, 1.5, 2],
        )

    @classmethod
    def of_difference(cls, limit: float, lower_is_better: bool) -> Scale:
        """Of a difference, in its unit; no difference is 0."""
        mu, mu_wide, tau, tau_wide, reach, another, belief, bias, errors = (
            f"{times * limit:g}" for times in (10, 20, 5, 10, 20, 7, 50, 20, 2)
        )
        good = -limit if lower_is_better else limit
        return cls(
            *(mu, mu_wide, tau, tau_wide, f"between -{reach} and {reach}", f"{limit:g}"),
            *(another, belief, bias, errors, f"{min(10 * limit, 4.9):g}"),
            true_effects=sorted(times * good for times in (7, 4, 2, 0, -2)),
        )


@dataclass(frozen=True)
class Subject:
    """What a new review is about.

    Attributes
    ----------
    review : str
        Its name.
    title, question, treated, control : str
        As in the protocol.
    outcomes : tuple of NewOutcome
        At least one.
    moderators : tuple of NewModerator
    limit : float
        Largest effect that is practically no difference.
    """

    review: str
    title: str
    question: str
    treated: str
    control: str
    outcomes: tuple[NewOutcome, ...]
    moderators: tuple[NewModerator, ...]
    limit: float


def blank_protocol(subject: Subject) -> str:
    """Text of a protocol with that subject, the defaults of this project, and places to fill in."""
    first = subject.outcomes[0]
    measure = Measure(first.measure, subject.limit, first.unit)
    of_measure = Scale.of_ratio if measure.is_ratio else Scale.of_difference
    template = environment(Path(__file__).parent).get_template("blank_protocol.yaml.j2")
    text = template.render(
        subject=subject,
        measure=measure,
        scale=of_measure(subject.limit, first.better == "lower"),
        scalar=scalar,
        in_sentence=in_sentence,
        to_fill_in=TO_FILL_IN,
    )
    return text.rstrip("\n") + "\n"


def copied_protocol(other: Document, text: str, own: Mapping[str, str]) -> str:
    """Text of another review's protocol with fields of its own, and without the other's story.

    Parameters
    ----------
    other : Document
        That protocol, read.
    text : str
        Its text.
    own : mapping of str
        Fields of the top level to replace, as plain text.
    """
    words: dict[Location, str] = {(name,): scalar(text) for name, text in own.items()}
    words |= {("outcomes", name, "caution"): TO_FILL_IN for name in other.data["outcomes"]}
    dropped: list[Location] = [(name,) for name in ITS_OWN_STORY if name in other.data]
    lines = text.splitlines()
    for place in sorted([*words, *dropped], key=other.line, reverse=True):
        start = other.line(place) - 1
        end = _end(other, place, len(lines))
        while not lines[end - 1].strip():
            end -= 1
        if place in words:
            lines[start:end] = [f"{'  ' * (len(place) - 1)}{place[-1]}: {words[place]}"]
        else:
            del lines[start:end]
    return "\n".join([_COPIED.format(other.data["review"]), *lines]).rstrip("\n") + "\n"


def _end(document: Document, place: Location, last: int) -> int:
    """Line behind a field and what is below it, counted from 0."""
    own, depth = document.line(place), len(place)
    others = (line for at, line in document.lines.items() if at[:depth] != place and line > own)
    return min(others, default=last + 1) - 1
