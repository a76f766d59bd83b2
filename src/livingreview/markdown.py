"""Documents in Markdown, from templates."""

from __future__ import annotations

import html
from pathlib import Path

from livingreview.templates import environment


def markdown(template: Path, **values: object) -> str:
    """Fill in a template; what is filled in cannot be read as HTML, which Markdown lets through.

    Parameters
    ----------
    template : Path
    **values
        What the template may use.
    """
    escaping = environment(
        template.parent, finalize=lambda value: html.escape(str(value), quote=False)
    )
    return escaping.get_template(template.name).render(values)
