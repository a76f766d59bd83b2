"""Read the state of a build from its files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import yaml

from livingreview.audit.updates.states import Results, State, state_of
from livingreview.protocol.review import read_protocol
from livingreview.records.reading import read_studies
from livingreview.tables.effects import Terms
from livingreview.tables.models import Pooled
from livingreview.tables.records import Studies
from livingreview.tables.synthesis import Summary


def read_state(
    *,
    protocol: str | Path,
    records: Iterable[str | Path],
    run: str | Path,
    studies: str | Path,
    terms: Iterable[str | Path],
    pooled: str | Path,
    summary: str | Path,
) -> State:
    """Read the state of a build, the terms of each outcome from a file named after it."""
    chosen = read_protocol(Path(protocol))
    levels, domains = chosen.moderator_levels(), chosen.risk_of_bias_domains
    results = Results(
        studies=Studies.read(studies),
        terms=Terms.read_by_outcome(terms),
        pooled=Pooled.read(pooled),
        summary=Summary.read(summary),
    )
    return state_of(
        chosen,
        read_studies(map(Path, records), chosen.outcomes, levels, domains),
        results,
        yaml.safe_load(Path(run).read_text(encoding="utf-8")),
    )
