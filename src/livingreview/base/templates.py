"""How every template of a report is read: nothing missing, and no blank line for a tag."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2


def environment(folder: Path, **more: Any) -> jinja2.Environment:
    """Environment for the templates of a folder.

    Parameters
    ----------
    folder : Path
    **more
        Further options of `jinja2.Environment`, such as how values are escaped.
    """
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        **more,
    )
