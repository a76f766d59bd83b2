"""How to run: which review, which seed, how many draws (config/config.yaml)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, field_validator

from livingreview.base.documents import Document
from livingreview.base.validation import Strict, validated

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
    checking_draws: Annotated[int, Field(ge=100, le=1_000_000)] | None = Field(
        default=None,
        description="Draws of models that integration answers; as of others by default.",
    )
    target_accept: Annotated[float, Field(gt=0.5, lt=1)]
    attempts: Annotated[int, Field(ge=1, le=5)] = Field(
        default=1, description="With smaller steps each time, while a fit diverges."
    )
    doublings: Annotated[int, Field(ge=0, le=6)] = Field(
        default=0,
        description="With twice the draws each time, while R-hat or an effective sample size"
        " misses its limit in the protocol.",
    )
    most_studies: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        default=2000, description="Models of an outcome with more are integrated, and not sampled."
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

    The configuration files are checked one by one before they are merged: Snakemake reads a
    value such as `1:30` as a number, our reader reads it as text and refuses it.

    Raises
    ------
    ReviewError
        With every field that does not fit.
    """
    return validated(Document(FILE, config, {(): 0}), RunConfig, strict=False)
