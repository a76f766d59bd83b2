"""Widths of marks: the root of the people behind them.

The precision of a study grows with that root, so a mark is as much wider as it tells more.
"""

from __future__ import annotations

import pandas as pd


def root_widths(people: pd.Series, widest: float) -> pd.Series:
    """Inches of the mark of each effect; `widest` is that of the largest."""
    return widest * (people / people.max()) ** 0.5
