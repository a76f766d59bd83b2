"""Marks of the evidence map: direction by shape, significance by fill, kind by frame."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Circle, Patch, Polygon, Rectangle

from livingreview.figures import style

MARK = 0.17
DIRECTIONS = {
    "increase": "more",
    "decrease": "less",
    "none": "no difference",
    "unclear": "direction unclear",
}
SIGNIFICANCES = {
    "significant": "significant",
    "not_significant": "not significant",
    "not_stated": "significance not stated",
}


@dataclass(frozen=True)
class Mark:
    """What one study reported about one outcome.

    `direction` and `significance` are those of `livingreview.tables.records.Effects`;
    `numbers` says whether numbers were reported and not only a statement; `lower_is_better`
    is None for a mark that stands for no outcome in particular.
    """

    direction: str = "increase"
    significance: str = "significant"
    numbers: bool = False
    analysed: bool = True
    lower_is_better: bool | None = None

    @property
    def words(self) -> list[str]:
        """Direction, then significance, or that the effect is not analysed."""
        known = SIGNIFICANCES[self.significance] if self.analysed else "not analysed"
        return [DIRECTIONS[self.direction], known]

    @property
    def colours(self) -> tuple[str, str]:
        """Full and light colour: blue for the better side, orange for the worse."""
        if not self.analysed:
            return style.GREY, style.PALE
        if self.lower_is_better is None or self.direction not in ("increase", "decrease"):
            return style.INK, style.PALE
        better = (self.direction == "decrease") == self.lower_is_better
        return (style.BLUE, style.LIGHT_BLUE) if better else (style.ORANGE, style.LIGHT_ORANGE)


def draw_mark(page: Axes, x: float, y: float, mark: Mark) -> None:
    """Draw a mark centred at (x, y), in inches, y downwards."""
    full, light = mark.colours
    fill = {"significant": full, "not_stated": light, "not_significant": "white"}[mark.significance]
    half = MARK / 2
    if not mark.analysed:
        reach = half + 0.04
        page.plot(
            [x - reach, x + reach],
            [y + reach, y - reach],
            color=style.GREY,
            linewidth=1.5,
            zorder=0.5,
        )
    shape: Patch
    match mark.direction:
        case "increase" | "decrease":
            tip = -half if mark.direction == "increase" else half
            shape = Polygon([(x - half, y - tip), (x + half, y - tip), (x, y + tip)], closed=True)
        case "none":
            shape = Rectangle((x - half, y - half / 2.5), MARK, MARK / 2.5)
        case _:
            shape = Circle((x, y), half)
    shape.set(facecolor=fill, edgecolor=full, linewidth=1.5)
    page.add_patch(shape)
    if mark.direction == "unclear":
        ink = "white" if mark.significance == "significant" else full
        page.text(
            x, y, "?", fontsize=8, weight="bold", color=ink, ha="center", va="center_baseline"
        )
    if mark.numbers:
        side = MARK + 0.1
        page.add_patch(
            Rectangle((x - side / 2, y - side / 2), side, side, fill=False, edgecolor=style.INK)
        )


def legend_entries(treated: str) -> list[tuple[list[Mark], str]]:
    """Marks of the legend with what they mean; `treated` is what the treated arm got."""
    more, less, white = Mark("increase"), Mark("decrease"), "not_significant"
    return [
        ([more, less], f"Up: more with {treated}. Down: less."),
        ([Mark("none"), Mark("unclear", white)], "No difference. Direction unclear."),
        ([more, Mark("increase", white)], "Filled: significant. White: not."),
        ([Mark("increase", "not_stated")], "Pale: significance not stated."),
        ([Mark(numbers=True), more], "Framed: numbers reported. Unframed: a statement only."),
        (
            [Mark("increase", "not_stated", analysed=False)],
            "Struck out: reported, but not analysed.",
        ),
        (
            [Mark("decrease", lower_is_better=True), Mark("increase", lower_is_better=True)],
            "Blue: the better direction. Orange: the worse one.",
        ),
    ]
