"""Captions of figures, written once as reStructuredText for the page and Snakemake's report."""

from __future__ import annotations

from dataclasses import dataclass

from docutils.core import publish_parts
from docutils.utils import Reporter
from markupsafe import Markup

READING = "How to read it:"

# Settings of docutils: a caption may not include files or raw markup.
SETTINGS = {
    "_disable_config": True,
    "raw_enabled": False,
    "file_insertion_enabled": False,
    "halt_level": Reporter.WARNING_LEVEL,
    "report_level": Reporter.SEVERE_LEVEL,
}


@dataclass(frozen=True)
class Caption:
    """A caption as HTML: paragraphs on how to read a figure, and those before on what it shows."""

    reading: Markup
    shown: Markup


def caption(text: str) -> Caption:
    """Read a caption.

    Raises
    ------
    docutils.utils.SystemMessage
        If the text is not plain reStructuredText.
    ValueError
        If no paragraph says how to read the figure.
    """
    shown, separator, reading = text.partition(f"\n\n{READING}")
    if not separator:
        raise ValueError(f"no paragraph of the caption begins with {READING!r}: {text[:60]!r}")
    return Caption(reading=_html(READING + reading), shown=_html(shown))


def caption_of(figure: str, captions: dict[str, str]) -> Caption:
    """Caption of a figure; one of several figures of a kind has the caption of its kind.

    `forest_relapse` has the caption `forest`.

    Raises
    ------
    LookupError
        If there is none.
    """
    names = [name for name in captions if figure == name or figure.startswith(f"{name}_")]
    if not names:
        raise LookupError(f"no caption for the figure {figure}")
    return caption(captions[max(names, key=len)])


def _html(text: str) -> Markup:
    parts = publish_parts(text, writer="html5", settings_overrides=SETTINGS)
    return Markup(parts["fragment"])
