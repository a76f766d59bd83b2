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
from livingreview.tables.table import read_table


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
    """Read the state of a build.

    Parameters
    ----------
    protocol : path
    records : iterable of path
        Record files.
    run, studies, pooled, summary : path
        run_config.yaml, studies.csv, pooled.csv and summary.csv of the build.
    terms : iterable of path
        Terms of each outcome, in a file named after it.

    Raises
    ------
    ReviewError
        If the protocol or a record cannot be used.
    """
    chosen = read_protocol(Path(protocol))
    levels, domains = chosen.moderator_levels(), chosen.risk_of_bias_domains
    results = Results(
        studies=read_table(str(studies), Studies),
        terms={Path(path).stem: read_table(str(path), Terms) for path in terms},
        pooled=read_table(str(pooled), Pooled),
        summary=read_table(str(summary), Summary),
    )
    return state_of(
        chosen,
        read_studies(map(Path, records), chosen.outcomes, levels, domains),
        results,
        yaml.safe_load(Path(run).read_text(encoding="utf-8")),
    )
