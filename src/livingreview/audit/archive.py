"""One archive of a folder, the same in every byte when its files are."""

from __future__ import annotations

import zipfile
from pathlib import Path

# Date of every file in an archive, the earliest that a zip file can hold: an archive then depends
# on its content alone, not on the clock.
DATE = (1980, 1, 1, 0, 0, 0)
MODE = 0o100644


def write_archive(path: Path, folder: Path) -> None:
    """Write every file of a folder into a zip file, below the folder's name.

    Hidden files are left out: they are marks of Snakemake's or of an editor's.
    """
    files = sorted(
        file
        for file in folder.rglob("*")
        if file.is_file()
        and not any(part.startswith(".") for part in file.relative_to(folder).parts)
    )
    with zipfile.ZipFile(path, "w") as archive:
        for file in files:
            name = file.relative_to(folder.parent).as_posix()
            entry = zipfile.ZipInfo(name, date_time=DATE)
            entry.external_attr = MODE << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())
