"""Which of two engines' answers is printed, and how."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd


def printed(pooled: pd.DataFrame) -> pd.DataFrame:
    """The answer that is printed of every fit and quantity: the integrated one where there is one.

    It has no Monte Carlo error, so that one quantity has one value everywhere.

    `pooled`: columns of `livingreview.tables.models.Pooled`.
    """
    by_engine = pooled.sort_values("engine", key=lambda engine: engine == "nuts", kind="stable")
    return by_engine.drop_duplicates(["fit", "quantity"]).set_index(["fit", "quantity"])


def interval(
    name: str, answer: pd.Series, scale: Callable[[float], float] = float
) -> dict[str, float]:
    """Median and 95% interval of a row of `Pooled`, on a scale that keeps their order.

    As columns `name`, `name_low` and `name_high`.
    """
    ends = {"": "q50", "_low": "q2_5", "_high": "q97_5"}
    return {f"{name}{end}": float(scale(answer[level])) for end, level in ends.items()}
