"""Prior distributions, parsed from text such as ``half_normal(0.5)`` and never evaluated.

Locations and scales are on the log odds ratio scale. A prior named for
``tau_squared`` is on the variance, all others on what their key says.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from livingreview.base.documents import EXACT_NUMBER, is_exact
from livingreview.base.slips import number_wanted

# Degrees of freedom of the horseshoe's local scales. Half-Cauchy ones (1) have tails that
# no gradient sampler explores (Piironen and Vehtari 2017, Electronic Journal of Statistics
# 11(2), section 4.1, on the same remedy).
LOCAL_DEGREES = 3

# Arguments of each family, the least and the most of each. No odds ratio, share or spread of
# studies lies beyond, and numbers on their way to the page would overflow (docs/methods.md).
_FAMILIES: dict[str, dict[str, tuple[float, float]]] = {
    "normal": {"location": (-20, 20), "scale": (1e-9, 100)},
    "student_t": {"degrees": (1, 1000), "location": (-20, 20), "scale": (1e-9, 20)},
    "half_normal": {"scale": (1e-9, 100)},
    "inverse_gamma": {"shape": (0.1, 1000), "scale": (1e-9, 1000)},
    "log_normal": {"location": (-10, 10), "scale": (1e-9, 5)},
    "beta": {"shape": (0.1, 1000), "other_shape": (0.1, 1000)},
}
_CALL = re.compile(r"^([a-z_]+)\(([^()]*)\)$")
# Numbers that a prior may contain. `float` accepts more: `1_0` (10), other scripts, infinity.
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
ALLOWED = ", ".join(f"{name}({', '.join(args)})" for name, args in _FAMILIES.items())


@dataclass(frozen=True)
class Prior:
    """A distribution family with its arguments, in the order of its signature (`ALLOWED`)."""

    family: str
    arguments: tuple[float, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a prior from text.

        Raises
        ------
        ValueError
            If the text is not one call of a known family with numbers.
        """
        match = _CALL.match(text.strip())
        if not match or match[1] not in _FAMILIES:
            raise ValueError(ALLOWED)
        names = _FAMILIES[match[1]]
        parts = match[2].split(",")
        odd = [part.strip() for part in parts if not _NUMBER.fullmatch(part.strip())]
        if odd:
            raise ValueError(
                f"numbers in {match[1]}({', '.join(names)}): each {number_wanted(odd[0])}"
            )
        arguments = tuple(map(float, parts))
        if len(arguments) != len(names):
            advice = "; decimals follow a point" if len(arguments) > len(names) else ""
            raise ValueError(f"{match[1]}({', '.join(names)}){advice}")
        for value, (name, (least, most)) in zip(arguments, names.items(), strict=True):
            if not least <= value <= most:
                limits = f"a {name} from {least:g} to {most:g}"
                raise ValueError(f"{limits} in {match[1]}({', '.join(names)})")
        if not all(is_exact(part.strip()) for part in parts):
            raise ValueError(f"in {match[1]}({', '.join(names)}) each {EXACT_NUMBER}")
        return cls(match[1], arguments)

    def __str__(self) -> str:
        return f"{self.family}({', '.join(repr(a).removesuffix('.0') for a in self.arguments)})"

    def divided(self, by: float) -> Prior:
        """Prior of a log-normal quantity divided by a number."""
        location, scale = self.arguments
        return Prior(self.family, (location - math.log(by), scale))

    @cached_property
    def distribution(self) -> Any:
        """Frozen scipy distribution."""
        from scipy import stats  # takes a second, and a protocol is read without it

        a = self.arguments
        match self.family:
            case "normal":
                return stats.norm(a[0], a[1])
            case "student_t":
                return stats.t(a[0], a[1], a[2])
            case "half_normal":
                return stats.halfnorm(0, a[0])
            case "inverse_gamma":
                return stats.invgamma(a[0], scale=a[1])
            case "beta":
                return stats.beta(a[0], a[1])
            case _:
                return stats.lognorm(s=a[1], scale=math.exp(a[0]))

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        """Let pydantic read a prior from text and write it back as text."""
        return core_schema.no_info_plain_validator_function(
            cls._from_input,
            json_schema_input_schema=core_schema.str_schema(pattern=_CALL.pattern),
            serialization=core_schema.to_string_ser_schema(),
        )

    @classmethod
    def _from_input(cls, value: object) -> Prior:
        if isinstance(value, Prior):
            return value
        try:
            return cls.parse(value if isinstance(value, str) else "")
        except ValueError as error:
            raise PydanticCustomError("prior", "{allowed}", {"allowed": str(error)}) from None
