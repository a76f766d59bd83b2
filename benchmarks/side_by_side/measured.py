"""What was measured of each peer: seconds, effective draws, and how far its answer is off."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from side_by_side.reference import Answer, difference
from side_by_side.software import CASES, Peer


@dataclass(frozen=True)
class Seconds:
    """Time by the clock, and of the processor."""

    wall: float
    cpu: float

    def __add__(self, other: "Seconds") -> "Seconds":
        return Seconds(self.wall + other.wall, self.cpu + other.cpu)

    def times(self, factor: float) -> "Seconds":
        """As many times as long."""
        return Seconds(factor * self.wall, factor * self.cpu)


NONE = Seconds(0.0, 0.0)


@dataclass(frozen=True)
class Row:
    """One case of one peer.

    Attributes
    ----------
    fits : int
        Done of those in the case; `fit` is for all of them, in proportion.
    passes : int
    compiling, fit, best : Seconds
        Of the passes, `fit` is the median and `best` the shortest.
    effective : float or None
        Fewest effective draws of a quantity, of one fit of a sampler.
    off_mu, off_all : float
        Largest difference of a mean, SD or quantile of mu, and of any quantity, from the exact
        answer; for an estimate that of the estimate from the posterior mean.
    """

    fits: int
    passes: int
    compiling: Seconds
    fit: Seconds
    best: Seconds
    effective: float | None
    off_mu: float
    off_all: float


@dataclass(frozen=True)
class Measured:
    """All of one peer, with the day, the machine, and the processes that wanted its cores."""

    version: str
    date: str
    machine: str
    load: float
    start: Seconds
    rows: dict[str, Row]

    def whole(self, case: str) -> Seconds:
        """A case from the start of the process on."""
        row = self.rows[case]
        return self.start + row.compiling + row.fit


def measured_of(
    peer: Peer,
    told: list[dict[str, Any]],
    exact: dict[str, list[Answer]],
    date: str,
    machine: str,
    load: float,
) -> Measured:
    """Rows as a peer's script prints them, held against the exact answers."""
    first, *others = told
    expected = CASES.keys() - peer.without.keys()
    if {row["case"] for row in others} != expected:
        raise SystemExit(f"{peer.label} tells of other cases than {', '.join(sorted(expected))}")
    rows = {}
    for row in others:
        answers, of = row["answers"], exact[row["case"]]
        fits = CASES[row["case"]][1]
        draws = [one["ess"] for answer in answers for one in answer.values() if "ess" in one]
        rows[row["case"]] = Row(
            fits=row["fits"],
            passes=row["passes"],
            compiling=Seconds(**row["compile"]) if "compile" in row else NONE,
            fit=Seconds(**row["fit"]).times(fits / row["fits"]),
            best=Seconds(**row["best"]).times(fits / row["fits"]),
            effective=min(draws) if draws and fits == 1 else None,
            off_mu=difference(answers, of, ("mu",)),
            off_all=difference(answers, of, ("mu", "tau", "omega", "slope")),
        )
    in_order = {case: rows[case] for case in CASES if case in rows}
    return Measured(first["version"], date, machine, load, Seconds(**first["start"]), in_order)


def as_text(found: dict[str, Measured]) -> str:
    """All peers as JSON."""
    return json.dumps({name: asdict(one) for name, one in found.items()}, indent=1) + "\n"


def read(path: Path) -> dict[str, Measured]:
    """What `as_text` wrote; nothing where there is no file."""
    if not path.exists():
        return {}
    found = {}
    for name, one in json.loads(path.read_text(encoding="utf-8")).items():
        rows = {
            case: Row(**row | {key: Seconds(**row[key]) for key in ("compiling", "fit", "best")})
            for case, row in one["rows"].items()
        }
        found[name] = Measured(**one | {"start": Seconds(**one["start"]), "rows": rows})
    return found
