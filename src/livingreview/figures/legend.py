"""Entries of a legend: a sample of a mark, and what it stands for."""

from __future__ import annotations

from typing import Any

from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from livingreview.base.measures import Measure
from livingreview.figures import style


def line(label: str, color: str = style.BLUE, **look: Any) -> Line2D:
    """Sample of a line, a mark, or both."""
    return Line2D([], [], color=color, label=label, **look)


def patch(label: str, face: str = style.PALE, **look: Any) -> Patch:
    """Sample of a surface."""
    return Patch(facecolor=face, label=label, **look)


def practically_none(measure: Measure, named: bool = False) -> Patch:
    """Sample of the strip around no difference; its ends, with the measure's name or without."""
    name = f"{measure.phrase} " if named else ""
    unit = f" {measure.unit}" if measure.unit else ""
    return patch(f"practically no difference ({name}{measure.practically_none_span}{unit})")
