"""A record to fill in: `blank_record.yaml.j2` with the names of a protocol in it."""

from __future__ import annotations

from pathlib import Path

from livingreview.base.documents import scalar
from livingreview.base.templates import environment
from livingreview.protocol.review import Protocol
from livingreview.records.evidence.kinds import KINDS


def blank_record(study_id: str, label: str, year: int, protocol: Protocol) -> str:
    """Text of a record file to fill in; it is valid as it stands, with status `to_screen`.

    `label` names the study in figures.
    """
    outcomes = ", ".join(f"{name} ({o.label})" for name, o in protocol.outcomes.items())
    template = environment(Path(__file__).parent).get_template("blank_record.yaml.j2")
    return template.render(
        study_id=study_id,
        label=scalar(label),
        year=year,
        treated=scalar(protocol.treated),
        control=scalar(protocol.control),
        moderators={name: _values_of(name, protocol) for name in protocol.moderator_levels()},
        disputed=_disputed(protocol),
        domains=protocol.risk_of_bias_domains,
        outcomes=f"One of {outcomes}.",
        first_outcome=next(iter(protocol.outcomes)),
        kinds=KINDS,
    )


def _values_of(name: str, protocol: Protocol) -> str:
    """What a moderator may be, in words."""
    moderator = protocol.moderators[name]
    if moderator.levels is None:
        values = "a number" + (f" ({moderator.unit})" if moderator.unit else "")
    else:
        levels = moderator.levels.items()
        values = "one of " + ", ".join(f"{level} ({label})" for level, label in levels)
    return f"{moderator.label}: {values}, or null when it could not be read."


def _disputed(protocol: Protocol) -> dict[str, str] | None:
    """A moderator with one of its values, as an example; none where records give no moderators."""
    for name, levels in protocol.moderator_levels().items():
        value = f"{protocol.moderators[name].centre:g}" if levels is None else scalar(levels[0])
        return {"moderator": name, "value": value}
    return None
