"""Narrative and published conclusions of a new review, to fill in."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill
from typing import get_args

from livingreview.base.placeholders import ADDRESS_TO_FILL_IN, TO_FILL_IN
from livingreview.base.templates import environment
from livingreview.base.types import SourceKind
from livingreview.protocol.review import Protocol
from livingreview.records.narrative import Narrative
from livingreview.records.sections import Section


def blank_narrative(review: str) -> str:
    """Text of a narrative in which every section waits for a person's words."""
    sections = [
        {
            "name": name,
            "about": fill(field.description or "", 96, subsequent_indent="# "),
            "required": field.is_required(),
        }
        for name, field in Narrative.model_fields.items()
        if _is_section(field.annotation)
    ]
    kinds = fill(", ".join(get_args(SourceKind)), 96, subsequent_indent="# ")
    return _rendered(
        "blank_narrative.yaml.j2",
        review=review,
        sections=sections,
        kinds=kinds,
        to_fill_in=TO_FILL_IN,
        address=ADDRESS_TO_FILL_IN,
    )


def blank_published(protocol: Protocol) -> str:
    """Text of published conclusions with none in it, and an example."""
    return _rendered(
        "blank_published.yaml.j2",
        outcome=next(iter(protocol.outcomes)),
        treated=protocol.treated,
        control=protocol.control,
    )


def _is_section(annotation: object) -> bool:
    """Whether a field of the narrative is a section of the page, needed or not."""
    kinds = get_args(annotation) or (annotation,)
    return any(isinstance(kind, type) and issubclass(kind, Section) for kind in kinds)


def _rendered(template: str, **values: object) -> str:
    return environment(Path(__file__).parent).get_template(template).render(**values)
