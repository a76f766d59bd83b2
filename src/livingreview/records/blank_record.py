"""A record to fill in: every field with what is allowed there, as the models and protocol say."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from livingreview.protocol.review import Protocol
from livingreview.records.contradictions import TO_FILL_IN
from livingreview.records.field_words import Schema, allowed
from livingreview.records.study import Study

WIDTH = 99
KINDS = ("counts", "percentages", "estimate", "means", "test", "finding")


@dataclass(frozen=True)
class Optional:
    """An example of a field that is shown, but left out until its line is uncommented."""

    value: Any


SOURCE = {
    "url": "https://example.org/to-fill-in",
    "locator": "table 2, page 7",
    "kind": "full text",
}
CLUSTERS = Optional(
    {
        "icc": 0.02,
        "average_size": 30,
        "source": Optional(SOURCE),
        "note": "Assumed: the paper gives no intracluster correlation.",
    }
)
SIZES = {
    "name": "reported",
    "basis": "reported",
    "treated": 120,
    "control": 118,
    "total": Optional(238),
    "source": SOURCE,
    "note": Optional("What is special about these sizes."),
}


def _both(**numbers: tuple[Any, Any]) -> list[dict[str, Any]]:
    """Entries of the arms `treated` and `control`."""
    return [
        {"arm": arm, **{field: pair[i] for field, pair in numbers.items()}}
        for i, arm in enumerate(("treated", "control"))
    ]


def _piece(kind: str, clustering: bool = False, **fields: Any) -> dict[str, Any]:
    """Example of one kind of evidence, with what all kinds share."""
    shared = {
        "source": SOURCE,
        "note": Optional("What a reader of this value must know."),
        "clusters": CLUSTERS,
    }
    if clustering:
        shared["adjusted_for_clusters"] = Optional(True)
    return {"kind": kind, **fields, **shared}


EVIDENCE = {
    "counts": _piece("counts", arms=_both(events=(12, 15), total=(120, 118))),
    "percentages": _piece(
        "percentages", arms=_both(percent=(10.0, 12.7), decimals=(1, 1), total=(120, 118))
    ),
    "estimate": _piece(
        "estimate",
        clustering=True,
        measure="odds_ratio",
        value=0.76,
        interval=[0.34, 1.71],
        interval_percent=95,
        standard_error=Optional(0.41),
        p_value=Optional(0.51),
        adjusted=False,
        approximate=Optional(True),
    ),
    "means": _piece("means", arms=_both(mean=(3.1, 3.6), sd=(1.9, 2.0), total=(120, 118))),
    "test": _piece(
        "test",
        clustering=True,
        statistic="chi_squared",
        value=0.43,
        direction="decrease",
        sizes=[SIZES],
    ),
    "finding": _piece(
        "finding",
        clustering=True,
        direction="decrease",
        significance="not_significant",
        sizes=[SIZES],
    ),
}

HEADER = f"""\
A record of one study. Every value is what a source says, with the place where it says so.
The record can be built as it stands: the study is listed as still to be screened.
1. Replace every `{TO_FILL_IN}`, and give moderators their values where the source tells them.
2. When results were read, set `status: extracted` and delete the line `reason`.
3. Uncomment the lines from `effects:` to `evidence:` below, and one block or several of the
   kinds of evidence; in an editor, uncomment a whole block at once. Replace its examples.
   A line that still starts with # is a hint or an optional field.
4. `livingreview check` tells every mistake, and what the record will contribute.
"""


def blank_record(study_id: str, label: str, year: int, protocol: Protocol) -> str:
    """Text of a record file to fill in; it is valid as it stands, with status `to_screen`.

    Parameters
    ----------
    study_id, label : str
        Identity of the study, and its name in figures.
    year : int
    protocol : Protocol
        Its outcomes, moderators and risk-of-bias domains are named in the record.
    """
    study = {
        "study_id": study_id,
        "citation": {
            "label": label,
            "text": TO_FILL_IN,
            "year": year,
            "identifier": Optional("doi:10.1000/example"),
        },
        "status": "to_screen",
        "reason": "Not read yet.",
        "eligibility": TO_FILL_IN,
        "design": {"kind": "not_known", "detail": TO_FILL_IN, "clustered": False},
        "moderators": dict.fromkeys(protocol.moderator_levels()),
        "arms": [
            {"id": "treated", "label": protocol.treated, "assigned": Optional(125)},
            {"id": "control", "label": protocol.control, "assigned": Optional(124)},
        ],
        "risk_of_bias": {
            domain: {"judgement": "not_readable", "reason": TO_FILL_IN}
            for domain in protocol.risk_of_bias_domains
        },
        "sources": [
            {"url": SOURCE["url"], "locator": TO_FILL_IN, "kind": "identifier only"},
        ],
        "notes": Optional(["Anything about the study as a whole."]),
    }
    first = next(iter(protocol.outcomes))
    effect = {
        "id": first,
        "outcome": first,
        "measure": "What was counted, in your words",
        "follow_up_months": 12,
        "treated": "treated",
        "control": "control",
        "set_aside": Optional("Reason not to analyse this effect."),
        "evidence": [],
    }
    page = _Page(Study.model_json_schema(), _hints(protocol))
    lines = [*_comment(HEADER.splitlines()), "", *page.fields("Study", study, 0)]
    blocks = [page.block("effects", page.head("effects", "Effect", effect))]
    for kind in KINDS:
        about = page.definitions[kind.capitalize()]["description"]
        item = page.item(kind.capitalize(), EVIDENCE[kind], 6)
        blocks.append(page.block(f"{kind}: {about}", item))
    return "\n".join([*lines, *(line for block in blocks for line in ("", *block)), ""])


def _hints(protocol: Protocol) -> dict[tuple[str, str], str]:
    """What to say of a field where its model alone says too little, by model and field."""
    outcomes = ", ".join(f"{name} ({o.label})" for name, o in protocol.outcomes.items())
    hints = {
        ("Study", "study_id"): "Name of the study, and of this file.",
        ("Citation", "text"): "The full reference. Text.",
        ("Citation", "identifier"): "Such as a DOI. Text, may be left out.",
        ("Study", "reason"): "Why it is not `extracted`. Text; delete it once it is.",
        ("Study", "eligibility"): "Why the study belongs in the review, or may not. Text.",
        ("Design", "detail"): "How the groups were formed. Text.",
        ("Study", "arms"): "The groups of people and what they got.",
        ("Study", "risk_of_bias"): "One judgement for each domain. A domain may be left out.",
        ("Study", "sources"): "What was read. A list of 1 or more.",
        ("Effect", "outcome"): f"One of {outcomes}.",
        ("Effect", "measure"): "What was counted or scored. Text.",
        ("Effect", "treated"): "The id of one of the arms.",
        ("Effect", "control"): "The id of another.",
        ("Effect", "evidence"): "One piece or several, from the kinds below.",
        ("Study", "effects"): "One item for each outcome and comparison.",
    }
    for name, levels in protocol.moderator_levels().items():
        moderator = protocol.moderators[name]
        may_be = "a number" + (f" ({moderator.unit})" if moderator.unit else "")
        if levels is not None:
            labels = (moderator.levels or {}).items()
            may_be = "one of " + ", ".join(f"{level} ({label})" for level, label in labels)
        words = f"{moderator.label}: {may_be}, or null when it could not be read."
        hints["moderators", name] = words
    for name, label in protocol.risk_of_bias_domains.items():
        hints["risk_of_bias", name] = f"{label}."
    return hints


def _comment(lines: list[str]) -> list[str]:
    return [f"# {line}".rstrip() for line in lines]


class _Page:
    """Lines of the record; each field is explained where it first appears."""

    def __init__(self, schema: Schema, hints: dict[tuple[str, str], str]):
        self.definitions = {**schema["$defs"], "Study": schema}
        self.hints = hints
        self.explained: set[tuple[str, str]] = set()

    def block(self, title: str, lines: list[str]) -> list[str]:
        """Commented lines below a title; the title stays a comment when they are uncommented."""
        return _comment([f"# === {title}", *lines])

    def head(self, field: str, model: str, example: dict[str, Any]) -> list[str]:
        """The field and its first item, down to the list that ends it."""
        lines = [*self.hint("Study", field, 0), f"{field}:", *self.item(model, example, 2)]
        assert lines[-1].endswith("evidence: []")
        return [*lines[:-1], lines[-1].removesuffix(" []")]

    def fields(self, model: str, example: dict[str, Any], indent: int) -> list[str]:
        """All fields of a model, in the order of the example, which must have each."""
        assert set(example) == set(self.definitions[model]["properties"]) - {"effects"}, model
        return [
            line
            for name, value in example.items()
            for line in self.field(model, name, value, indent)
        ]

    def field(self, model: str, name: str, value: Any, indent: int) -> Iterator[str]:
        """One field, its hint above it."""
        yield from self.hint(model, name, indent)
        if isinstance(value, Optional):
            pad = " " * indent
            for line in self.field(model, name, value.value, 0):
                yield f"{pad}# {line}"
            return
        yield from self.value(model, name, value, indent)

    def value(self, model: str, name: str, value: Any, indent: int) -> Iterator[str]:
        """The field with its value, which may be a list or a mapping of models."""
        pad = " " * indent
        below = self.below(model, name) or ""
        if not below and not isinstance(value, dict):
            yield f"{pad}{name}: {_scalar(value)}"
        elif isinstance(value, list) and value:
            yield f"{pad}{name}:"
            for item in value:
                yield from self.item(below, item, indent + 2)
        elif value and (model, name) in _BY_NAME:
            yield f"{pad}{name}:"
            for key, of_key in value.items():
                yield from self.hint(name, key, indent + 2)
                if isinstance(of_key, dict):
                    yield f"{pad}  {key}:"
                    yield from self.fields(below, of_key, indent + 4)
                else:
                    yield f"{pad}  {key}: {_scalar(of_key)}"
        elif value and isinstance(value, dict):
            yield f"{pad}{name}:"
            yield from self.fields(below, value, indent + 2)
        else:
            yield f"{pad}{name}: {_scalar(value)}"

    def item(self, model: str, example: dict[str, Any], indent: int) -> list[str]:
        """One item of a list; the hint of its first field stands above the dash."""
        lines = self.fields(model, example, indent + 2)
        first = next(i for i, line in enumerate(lines) if not line.lstrip().startswith("#"))
        above = [line[2:] for line in lines[:first]]
        return [*above, f"{' ' * indent}- {lines[first].lstrip()}", *lines[first + 1 :]]

    def below(self, model: str, name: str) -> str | None:
        """Model of a field's value or of its items, where it has one."""
        schema = self.definitions[model]["properties"][name]
        for member in (schema, *schema.get("anyOf", ())):
            for place in (member, member.get("items", {}), member.get("additionalProperties", {})):
                if isinstance(place, dict) and "$ref" in place:
                    return str(place["$ref"]).rsplit("/", 1)[1]
        return None

    def hint(self, model: str, name: str, indent: int) -> list[str]:
        """Comment on a field where it first appears, else nothing."""
        if (model, name) in self.explained:
            return []
        self.explained.add((model, name))
        if (model, name) in self.hints:
            return _wrapped(self.hints[model, name], indent)
        schema = self.definitions[model]["properties"][name]
        may_be = allowed(schema)
        if "const" in schema:
            return []  # the value says it
        left_out = "" if name in self.definitions[model]["required"] else "may be left out"
        null = any(m.get("type") == "null" for m in schema.get("anyOf", ())) and not left_out
        said = ", ".join(part for part in (may_be, "or null" if null else "", left_out) if part)
        words = " ".join(part for part in (schema.get("description", ""), _sentence(said)) if part)
        return _wrapped(words, indent)


# Mappings whose keys are names of the protocol.
_BY_NAME = (("Study", "moderators"), ("Study", "risk_of_bias"))


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}." if words else ""


def _wrapped(words: str, indent: int) -> list[str]:
    pad = " " * indent
    return [f"{pad}# {line}" for line in textwrap.wrap(words, WIDTH - indent - 4)]


def _scalar(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000, allow_unicode=True)
    return text.removesuffix("\n").removesuffix("\n...")
