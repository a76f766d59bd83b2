"""Which modules of the package a script uses, directly or not, read from its import lines."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from livingreview.base.saving import known_checksum

PACKAGE = __name__.partition(".")[0]
_IMPORTED = re.compile(rf"^\s*from ({PACKAGE}[\w.]*) import (\([^)]*\)|.*)", re.MULTILINE)


def modules_of(script: Path, source: Path) -> list[Path]:
    """Files of the package below `source` that a script uses, in the order of their paths."""
    used: set[Path] = set()
    waiting = [script]
    while waiting:
        new = _imported(waiting.pop(), source) - used
        used |= new
        waiting += new
    return sorted(used)


def code_of(script: Path, source: Path) -> dict[str, str]:
    """Checksums of a script and of the modules that it uses, by their names."""
    files = {script.name: script}
    files |= {p.relative_to(source).as_posix(): p for p in modules_of(script, source)}
    return {name: known_checksum(path) for name, path in files.items()}


@cache
def _imported(file: Path, source: Path) -> frozenset[Path]:
    """Files of the package that one file imports."""
    files = set()
    for module, names in _IMPORTED.findall(file.read_text(encoding="utf-8")):
        for name in re.findall(r"\w+", names):
            places = (f"{module}.{name}", module)
            paths = [source / f"{place.replace('.', '/')}.py" for place in places]
            files |= {path for path in paths if path.is_file()}
    return frozenset(files)
