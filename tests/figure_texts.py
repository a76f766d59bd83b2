"""What a figure shows: its words, whether they stay in the frame, and apart from one another."""

from itertools import combinations

from livingreview.report.page import FITS_TELEPHONE


def texts_of(figure):
    """Every text that is drawn."""
    found = [text for legend in figure.legends for text in legend.get_texts()]
    for axes in figure.axes:
        found += axes.texts
        if not axes.axison:
            continue
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            ticks = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True)
            found += [label for place, label in ticks if low <= place <= high]
            found.append(axis.label)
    return [text for text in found if text.get_visible() and text.get_text().strip()]


def words_of(figure):
    return " ".join(text.get_text() for text in texts_of(figure))


def assert_readable(figure):
    """No text leaves the frame, and none stands on another."""
    figure.draw_without_rendering()
    frame = figure.bbox
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts_of(figure)]
    for words, box in boxes:
        assert frame.x0 <= box.x0 and box.x1 <= frame.x1, words
        assert frame.y0 <= box.y0 and box.y1 <= frame.y1, words
    for (one, a), (other, b) in combinations(boxes, 2):
        # Boxes of lines close together share a hair's breadth.
        width = min(a.x1, b.x1) - max(a.x0, b.x0)
        height = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert width <= 1 or height <= 2, (one, other)


def assert_fits_telephone(figure):
    """It is read on a telephone without scrolling sideways."""
    assert figure.get_figwidth() * 72 <= FITS_TELEPHONE
    assert_readable(figure)


def marks_of(axes, marker):
    """Places of the marks of one shape, in the order drawn."""
    return [
        (float(x), float(y))
        for line in axes.lines
        if line.get_marker() == marker
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    ]
