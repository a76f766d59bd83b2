"""Write `licences.csv`: the licence of each package that the lock pins, as it names it itself."""

import csv
from importlib.metadata import PackageNotFoundError, metadata

from conda_from_lock import HERE, pinned_versions

HEADINGS = ("package", "version", "licence")
NOT_HERE = "not installed on the system where this list was made"
# Some put the whole text of a licence where its name belongs.
LONGEST_NAME = 60


def licence_of(package: str) -> str:
    """Expression, name or classifiers by which a package states its licence."""
    try:
        stated = metadata(package)
    except PackageNotFoundError:
        return NOT_HERE
    name = stated.get("License-Expression") or stated.get("License") or ""
    classes = [c.rsplit(" :: ", 1)[1] for c in stated.get_all("Classifier", []) if "License" in c]
    first = name.strip().partition("\n")[0]
    if 0 < len(first) <= LONGEST_NAME and first == name.strip():
        return first
    return "; ".join(classes) or first[:LONGEST_NAME] or "not stated in its metadata"


def main() -> None:
    """Write the list, in the order of the lock."""
    versions = pinned_versions((HERE / "requirements.lock").read_text())
    rows = [(name, version, licence_of(name)) for name, version in versions.items()]
    with (HERE / "licences.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([HEADINGS, *rows])


if __name__ == "__main__":
    main()
