"""How to run: which review, which seed, how many draws (config/config.yaml)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from livingreview.documents import fields_at, plainly, spelled
from livingreview.errors import Problem, ReviewError, one_of, shown

FILE = "config/config.yaml or --config"


class _Lax(BaseModel):
    """Numbers given on the command line arrive as text, so they are converted here."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Sampler(_Lax):
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


class CalibrationSize(_Lax):
    """How much to calibrate; the number of parts changes no result."""

    data_sets: Annotated[int, Field(ge=20, le=100_000)]
    quadrature_data_sets: Annotated[int, Field(ge=20, le=1_000_000)]
    parts: Annotated[int, Field(ge=1, le=1000)]


class RunConfig(_Lax):
    """The content of `config/config.yaml`, command line merged in."""

    review: str
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    sampler: Sampler
    calibration: CalibrationSize


def checked_config(config: dict[str, Any]) -> RunConfig:
    """Check the merged configuration.

    Raises
    ------
    ReviewError
        With every field that does not fit.
    """
    try:
        return RunConfig.model_validate(config)
    except ValidationError as error:
        problems = [
            Problem(FILE, 0, spelled(e["loc"]), shown(e["input"]), _allowed(e))
            for e in error.errors()
        ]
        raise ReviewError(problems) from None


def _allowed(error: ErrorDetails) -> str:
    if error["type"] != "extra_forbidden":
        return plainly(error["msg"])
    *section, key = error["loc"]
    return one_of(key, fields_at(RunConfig, tuple(section)))
