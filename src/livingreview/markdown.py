"""Documents in Markdown, from templates."""

from __future__ import annotations

import html
from pathlib import Path

import jinja2


def markdown(template: Path, **values: object) -> str:
    """Fill in a template; what is filled in cannot be read as HTML, which Markdown lets through.

    Parameters
    ----------
    template : Path
    **values
        What the template may use.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(template.parent),
        finalize=lambda value: html.escape(str(value), quote=False),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template.name).render(values)
