"""Made-up studies of the forms that `livingreview.calibration.cases.made_up_studies` has not."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import numpy as np

from livingreview.effects.data_set import Dataset, dataset
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.tables.effects import Terms

# Standard error of an estimate from two groups of one person each, at common control shares.
UNIT_ERROR = 3.3
# Odds ratios, and percentages, to about two digits.
ROUNDING = 0.1
SHAPE = 20.0
SHARE_ERROR = 0.15

Rows = Iterator[dict[str, Any]]


def unknown_sizes(sizes: list[int], baseline: BaselinePriors) -> Dataset:
    """Statements, odds ratios and percentages of as many studies, whose sizes no source gives."""
    value = {"value_low": 0.0, "value_high": ROUNDING}
    kinds: list[dict[str, Any]] = [
        {"likelihood": "interval", "z_low": 0.0, "z_high": np.inf},
        {"likelihood": "interval"} | value,
        {"likelihood": "rounded", "unit_error": UNIT_ERROR} | value,
    ]

    def rows() -> Rows:
        for i, kind in zip(range(len(sizes)), cycle(kinds), strict=False):
            has_baseline = kind["likelihood"] == "interval"
            yield _of_study(i) | kind | {"baseline_id": f"study_{i}" if has_baseline else None}

    return dataset(Terms.frame(list(rows())), baseline)


def rates(sizes: list[int], baseline: BaselinePriors) -> Dataset:
    """Events over person-time, those of every second study with a spread of their own."""

    def rows() -> Rows:
        for i, (time, shape) in enumerate(zip(sizes, cycle([None, SHAPE]), strict=False)):
            counts = {"likelihood": "poisson", "events": 1, "total": time, "shape": shape}
            arm = _of_study(i) | counts | {"baseline_id": f"study_{i}"}
            yield arm | {"effect_id": None, "treated": 0}
            yield arm | {"treated": 1}

    return dataset(Terms.frame(list(rows())), baseline)


def ratios(sizes: list[int], baseline: BaselinePriors) -> Dataset:
    """Ratios of risks and of hazards; every third with a control share of its own."""

    def rows() -> Rows:
        measures = cycle(["risk_ratio", "hazard_ratio"])
        shares = cycle([{"share_logit": 0.0, "share_error": SHARE_ERROR}, {}, {}])
        for i, (n, measure, share) in enumerate(zip(sizes, measures, shares, strict=False)):
            error = UNIT_ERROR / np.sqrt(n)
            ratio = {"likelihood": "ratio", "measure": measure, "value": 0.0}
            ratio |= {"standard_error": error, "baseline_id": f"study_{i}"}
            yield _of_study(i) | ratio | share

    return dataset(Terms.frame(list(rows())), baseline)


def _of_study(i: int) -> dict[str, Any]:
    return {"study_id": f"study_{i}", "effect_id": f"study_{i}"}
