"""Documents in Markdown, from templates."""

from __future__ import annotations

import html
import re
from pathlib import Path

from livingreview.base.templates import environment

# What has a meaning anywhere (https://spec.commonmark.org, and tables as GitHub reads them), and
# what begins a heading, a line across or a list.
_ANYWHERE = re.compile(r"[\\`*\[\]|~]|(?<!\w)_|_(?!\w)|\A[-+=#](?=[-+=#]*(\s|\Z))")
_NUMBERED = re.compile(r"\A(\d+)([.)])(?=\s|\Z)")


def markdown(template: Path, **values: object) -> str:
    """Fill in a template; what is filled in is text on one line, and no markup.

    Parameters
    ----------
    template : Path
    **values
        What the template may use.
    """
    filling = environment(template.parent, finalize=_as_text)
    return filling.get_template(template.name).render(values)


def _as_text(value: object) -> str:
    """What reads as the value; HTML is escaped too, as Markdown lets it through."""
    text = html.escape(" ".join(str(value).splitlines()), quote=False)
    return _NUMBERED.sub(r"\1\\\2", _ANYWHERE.sub(r"\\\g<0>", text))
