"""Figures as files that are equal in every byte when the figure is."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from livingreview.base.saving import replacing
from livingreview.figures import style

DOTS_PER_INCH = 150


@style.applied
def write_figure(figure: Figure, svg: str | Path, png: str | Path) -> None:
    """Write a figure twice, each file whole or not at all; without date and version."""
    with replacing(svg) as aside:
        # The resolution is that of the clouds of points inside; the rest is drawn as lines.
        nameless = {"Date": None, "Creator": None}
        figure.savefig(aside, format="svg", dpi=DOTS_PER_INCH, metadata=nameless)
    with replacing(png) as aside:
        figure.savefig(aside, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
