"""Outcomes and moderators as `livingreview new-review` takes them, on one line each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

from livingreview.base.errors import Problem, ReviewError, one_of, value_text
from livingreview.base.patterns import near_identifier

if TYPE_CHECKING:
    from livingreview.protocol.blank_protocol import NewModerator, NewOutcome

_NUMBER = r"-?\d+(?:\.\d+)?"
_SLOPE = re.compile(rf"({_NUMBER})\s+per\s+({_NUMBER})(?:\s+(.+))?")
_OUTCOME = "`LABEL: BETTER, MEASURE`, and a unit behind another comma where the measure has one"
_MODERATOR = (
    "`LABEL: LEVEL, LEVEL` with two levels or more, or `LABEL: CENTRE per STEP ONE/SEVERAL`"
)
DESIGN = "design"
# Lower is better, of what is counted: `fewer arrests`, not `less arrests`.
FEWER = "fewer"


def outcome_of(text: str) -> NewOutcome:
    """An outcome, such as ``Blood pressure: lower, mean_difference, mmHg``.

    Raises
    ------
    ReviewError
        With the one mistake in it.
    """
    from livingreview.base.measures import MEASURES, Measure
    from livingreview.protocol.blank_protocol import NewOutcome
    from livingreview.protocol.outcomes import LIKENESS_OF_MEASURES, Better

    label, parts = _label_and_parts(text, "--outcome", _OUTCOME)
    if not 2 <= len(parts) <= 3:
        raise _misfit("--outcome", text, _OUTCOME)
    better, measure, unit = (*parts, "")[:3]
    directions = (*get_args(Better), FEWER)
    if better not in directions:
        allowed = f"{one_of(better, directions)}, as what is better of `{label}`"
        raise _misfit("--outcome", better, allowed)
    for name in MEASURES:
        if name == measure:
            usual = "less" if Measure(name).is_ratio else "lower"
            less = FEWER if better == FEWER else usual
            better = "lower" if better == FEWER else better
            return NewOutcome(_name(label, "--outcome"), label, better, name, unit, less)
    allowed = f"{one_of(measure, MEASURES, LIKENESS_OF_MEASURES)}, as the measure of `{label}`"
    raise _misfit("--outcome", measure, allowed)


def moderator_of(text: str) -> NewModerator:
    """A moderator, such as ``Allocation: random, alternate`` or ``Latitude: 33 per 10 degrees``.

    Raises
    ------
    ReviewError
        With the one mistake in it.
    """
    from livingreview.protocol.blank_protocol import NewModerator

    label, parts = _label_and_parts(text, "--moderator", _MODERATOR)
    name = _name(label, "--moderator")
    if name == DESIGN:
        allowed = "another moderator: `design` is in every review, as each record states it"
        raise _misfit("--moderator", label, allowed)
    slope = _SLOPE.fullmatch(", ".join(parts))
    if slope:
        centre, per, words = slope.groups(default="")
        one, _, several = (part.strip() for part in words.partition("/"))
        if one and not several and 1 in (float(centre), float(per)):
            allowed = f"both forms of the unit, such as `{centre} per {per} session/sessions`"
            raise _misfit("--moderator", text, allowed)
        one, several = (one, several) if several else ("", one)
        return NewModerator(name, label, {}, centre, per, several, one)
    levels = {_name(level, "--moderator"): level for level in parts}
    if len(levels) < 2 or len(levels) < len(parts):
        raise _misfit("--moderator", text, f"{_MODERATOR}, no two levels alike")
    return NewModerator(name, label, levels)


def _label_and_parts(text: str, option: str, allowed: str) -> tuple[str, list[str]]:
    """What stands before the colon, and the parts behind it between commas."""
    label, _, rest = (part.strip() for part in text.partition(":"))
    parts = [part.strip() for part in rest.split(",")]
    if not label or not all(parts):
        raise _misfit(option, text, allowed)
    return label, parts


def _name(label: str, option: str) -> str:
    """Name of what has this label in files."""
    name = near_identifier(label)
    if name is None:
        allowed = "words that begin with a letter from a to z, as its name in files is made of them"
        raise _misfit(option, label, allowed)
    return name


def _misfit(option: str, found: str, allowed: str) -> ReviewError:
    return ReviewError([Problem(option, 0, "", value_text(found), allowed)])
