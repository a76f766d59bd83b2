"""Ways to damage a result of the tiny review, and what the next build says."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Damage:
    """What is done to which result, and words of the line that tells of it."""

    name: str
    file: str
    damage: Callable[[Path], None]

    @property
    def words(self) -> str:
        """The file and where it is kept."""
        return f"{self.file} -> results/tiny.set_aside/"


def edit(path: Path) -> None:
    """Make the pooled effect rest on 400 studies."""
    text = path.read_text()
    assert ",all_studies,quadrature,4," in text
    path.write_text(text.replace(",all_studies,quadrature,4,", ",all_studies,quadrature,400,", 1))


def truncate(path: Path) -> None:
    """Lose the last of two halves, at the end of a row: the rest is a good table."""
    lines = path.read_text().splitlines(keepends=True)
    assert len(lines) > 3
    path.write_text("".join(lines[: len(lines) // 2]))


def corrupt(path: Path) -> None:
    """Change bytes in the middle of a file: of draws, which no format guards."""
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = (255 - byte for byte in data[middle : middle + 64])
    path.write_bytes(data)


def append(path: Path) -> None:
    """Add a sentence."""
    path.write_text(path.read_text() + "<p>It surely works.</p>")


DAMAGES = [
    Damage("result edited by hand", "results/tiny/5_synthesis/summary.csv", edit),
    Damage("page edited by hand", "results/tiny/8_report/page.html", append),
    Damage("truncated CSV", "results/tiny/1_records/ledger.csv", truncate),
    Damage("corrupted netCDF", "results/tiny/3_models/relapse.nc", corrupt),
]
