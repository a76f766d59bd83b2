"""Read the state of a build from its files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import yaml

from livingreview.audit.updates.states import State, state_of
from livingreview.protocol.review import read_protocol
from livingreview.records.reading import read_studies
from livingreview.tables.registry import read_results


def read_state(
    protocol: str | Path,
    records: Iterable[str | Path],
    run: str | Path,
    results: Iterable[str | Path],
) -> State:
    """Read the state of a build from its run_config.yaml and the tables that `state_of` takes."""
    chosen = read_protocol(Path(protocol))
    levels, domains = chosen.moderator_levels(), chosen.risk_of_bias_domains
    return state_of(
        chosen,
        read_studies(map(Path, records), chosen.outcomes, levels, domains),
        read_results(results),
        yaml.safe_load(Path(run).read_text(encoding="utf-8")),
    )
