"""Group sizes as a source gives them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from livingreview.base.types import Identifier, Source, Text
from livingreview.base.validation import Strict, field_error, refuse, repeated
from livingreview.records.evidence.amounts import Size


class Sizes(Strict):
    """Group sizes as one source gives them: both groups, or their total."""

    name: Identifier = Field(description="Name of this alternative, used in stage 6.")
    basis: Literal["reported", "planned", "derived"] = Field(
        description="Whether the source states the sizes, plans them, or they were worked out."
    )
    treated: Size | None = None
    control: Size | None = None
    total: Size | None = Field(default=None, validate_default=True)
    source: Source
    note: Text | None = None

    @field_validator("total")
    @classmethod
    def _agrees_with_groups(cls, total: int | None, info: ValidationInfo) -> int | None:
        groups = {role: info.data[role] for role in ("treated", "control") if role in info.data}
        if len(groups) < 2:
            return total
        known = [size for size in groups.values() if size is not None]
        if total is None and len(known) < 2:
            allowed = "`treated` and `control`, or `total`"
            raise field_error((), "neither", allowed, beside=True)
        if total is not None and len(known) == 2 and total != sum(known):
            raise field_error((), total, f"{sum(known)}, the sum of the two groups")
        if total is not None and len(known) == 1 and known[0] >= total:
            role = next(role for role, size in groups.items() if size is not None)
            raise field_error((role,), known[0], f"below the total, {total}", beside=True)
        return total

    @property
    def groups(self) -> tuple[int, int] | None:
        """Treated and control, one of them from the total where need be; None when not known."""
        treated, control = self.treated, self.control
        if self.total is not None and treated is not None:
            control = self.total - treated
        elif self.total is not None and control is not None:
            treated = self.total - control
        return None if treated is None or control is None else (treated, control)

    @property
    def people(self) -> int:
        """Both groups together."""
        if self.total is not None:
            return self.total
        assert self.groups is not None
        return sum(self.groups)


def _names_differ(alternatives: list[Sizes]) -> list[Sizes]:
    refuse(repeated(alternatives, "name"))
    return alternatives


Alternatives = Annotated[list[Sizes], AfterValidator(_names_differ)]
