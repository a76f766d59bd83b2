"""Copies of this tree with the tiny review in them, and builds of them."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
TINY = Path("tests/tiny_review")
PARTS = ("workflow", "src", "envs", "profiles")
# Few draws in reviews made for tests: the workflow is under test, not the sampler.
FEW_DRAWS = {"tune": 500, "draws": 500}
SMALL = ("tiny", "rates", "means", "begun")


def tiny_tree(folder: Path) -> Path:
    """Copy the workflow into a folder, with only the tiny review in it."""
    add_tiny_review(bare_tree(folder))
    return folder


def bare_tree(folder: Path) -> Path:
    """Copy the workflow into a folder, without a review."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in ("Snakefile", "CITATION.cff", "LICENSE"):
        shutil.copy(ROOT / file, folder)
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "config/reviews").mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "config/config.yaml", folder / "config")
    return folder


def add_tiny_review(folder: Path, origin: Path = ROOT) -> None:
    """Put the tiny review, as it is in one tree, beside the reviews of another."""
    (folder / "config/reviews").mkdir(parents=True, exist_ok=True)
    shutil.copy(origin / TINY / "protocol.yaml", folder / "config/reviews/tiny.yaml")
    ignored = shutil.ignore_patterns("protocol.yaml")
    shutil.copytree(origin / TINY, folder / "data/raw/tiny", ignore=ignored)


def command(*more: str, review: str = "tiny", cores: int = 2) -> list[str]:
    """Command line of a build as a user would type it; reviews made for tests with few draws."""
    few = [f"sampler={FEW_DRAWS}"] if review in SMALL else []
    start = [sys.executable, "-m", "snakemake", "--cores", str(cores)]
    return [*start, *more, "--config", f"review={review}", *few]


def environment() -> dict[str, str]:
    """Environment of a build: warnings are its own matter, not those of the tests."""
    return os.environ | {"PYTHONWARNINGS": "default"}


def snakemake(
    folder: Path, *more: str, review: str = "tiny", cores: int = 2, within: Iterable[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Build in a folder, to the end; `within` is a command that runs the build in its own way."""
    return subprocess.run(
        [*within, *command(*more, review=review, cores=cores)],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=3600,
    )


@contextmanager
def edited(path: Path, text: str) -> Iterator[None]:
    """Give a file another text for a while; then it is as it was, its time of change as well."""
    before, stat = path.read_text(), path.stat()
    path.write_text(text)
    try:
        yield
    finally:
        path.write_text(before)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def checksums(folder: Path) -> dict[Path, str]:
    """Checksum of every file below a folder, by its path in there."""
    return {
        path.relative_to(folder): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
