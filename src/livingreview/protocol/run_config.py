"""How to run: which review, which seed, how many draws (config/config.yaml)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from livingreview.base.documents import field_path
from livingreview.base.errors import Problem, ReviewError, one_of, shown
from livingreview.base.validation import Strict, field_names, requirement

FILE = "config/config.yaml or --config"


class _Settings(Strict):
    """None of them is a flag, which would count as 0 or 1."""

    @field_validator("*", mode="before")
    @classmethod
    def _no_flag(cls, value: object) -> object:
        if isinstance(value, bool):
            raise ValueError("a number or a name")
        return value


class Sampler(_Settings):
    """How to sample."""

    chains: Annotated[int, Field(ge=2, le=64)]
    tune: Annotated[int, Field(ge=100, le=1_000_000)]
    draws: Annotated[int, Field(ge=100, le=1_000_000)]
    target_accept: Annotated[float, Field(gt=0.5, lt=1)]
    attempts: Annotated[int, Field(ge=1, le=5)] = Field(
        default=1, description="With smaller steps each time, while a fit diverges."
    )
    most_studies: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        default=2000, description="Models of an outcome with more are integrated only."
    )


class CalibrationSize(_Settings):
    """How much to calibrate; the number of parts changes no result."""

    data_sets: Annotated[int, Field(ge=20, le=100_000)]
    quadrature_data_sets: Annotated[int, Field(ge=20, le=1_000_000)]
    parts: Annotated[int, Field(ge=1, le=1000)]


class RunConfig(_Settings):
    """The content of `config/config.yaml`, command line merged in."""

    review: str
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    sampler: Sampler
    calibration: CalibrationSize


def checked_config(config: dict[str, Any]) -> RunConfig:
    """Check the merged configuration, where numbers of the command line may be text.

    The files in it are checked by themselves: `1:30` is a number here, and a text there.

    Raises
    ------
    ReviewError
        With every field that does not fit.
    """
    try:
        return RunConfig.model_validate(config, strict=False)
    except ValidationError as error:
        problems = [
            Problem(FILE, 0, field_path(e["loc"]), shown(e["input"]), _allowed(e))
            for e in error.errors()
        ]
        raise ReviewError(problems) from None


def _allowed(error: ErrorDetails) -> str:
    if error["type"] != "extra_forbidden":
        return requirement(error["msg"])
    *section, key = error["loc"]
    return one_of(key, field_names(RunConfig, tuple(section)))
