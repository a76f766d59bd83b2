"""Build one commit twice, in two folders, with 1 and with 4 cores, and compare every byte.

The first build compiles everything, as on a machine that never built before; the second finds
what the first compiled. `make reproduce`, or `python tests/reproduce/compare_builds.py`.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tiny_trees import ROOT, add_tiny_review, snakemake

# Folders of different depth and length, as a path could slip into a result.
PLACES = {"one": 1, "another/place/further/down": 4}


def clone(folder: Path, review: str) -> None:
    """Clone the commit into a folder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    if review == "tiny":
        add_tiny_review(folder, folder)


def build(folder: Path, review: str, cores: int, compiled: Path) -> Path:
    """Build the review and its archive, compiled code kept in a folder; give the results."""
    run = snakemake(
        folder,
        *("all", "write_archive"),
        review=review,
        cores=cores,
        within=["env", f"PYTENSOR_FLAGS=base_compiledir={compiled}"],
    )
    if run.returncode != 0:
        sys.exit(f"The build in {folder} failed:\n{run.stderr[-3000:]}")
    return folder / "results"


def files(folder: Path) -> dict[str, Path]:
    return {str(p.relative_to(folder)): p for p in sorted(folder.rglob("*")) if p.is_file()}


def differences(first: Path, second: Path) -> list[str]:
    """Every file that only one folder has, or that differs, with the first place that does."""
    one, other = files(first), files(second)
    lines = [f"{name}: only in one of them" for name in sorted(set(one) ^ set(other))]
    for name in sorted(set(one) & set(other)):
        a, b = one[name].read_bytes(), other[name].read_bytes()
        if a != b:
            lines.append(f"{name}: {first_difference(a, b)}")
    return lines


def first_difference(a: bytes, b: bytes) -> str:
    """Line and text where two files part, or the byte when they are no text."""
    try:
        lines = zip(a.decode().splitlines(), b.decode().splitlines(), strict=False)
    except UnicodeDecodeError:
        pairs = enumerate(zip(a, b, strict=False))
        at = next((i for i, (x, y) in pairs if x != y), min(len(a), len(b)))
        return f"byte {at} of {len(a)} and {len(b)}"
    for number, (x, y) in enumerate(lines, 1):
        if x != y:
            return f"line {number}: {x[:200]!r} against {y[:200]!r}"
    return f"one ends after {min(len(a), len(b))} bytes"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--review", default="second_responder")
    review = parser.parse_args().review
    with tempfile.TemporaryDirectory() as room:
        for place in PLACES:
            clone(Path(room) / place, review)
        compiled = Path(room) / "compiled"
        built = [
            build(Path(room) / place, review, cores, compiled) for place, cores in PLACES.items()
        ]
        lines = differences(*built)
        count = len(set(files(built[0])) | set(files(built[1])))
    print(f"{count} files compared, of builds with 1 and with 4 cores; {len(lines)} differ.")
    if lines:
        sys.exit("First difference: " + lines[0])


if __name__ == "__main__":
    main()
