"""Certainty proposed for each outcome, step by step.

Follows GRADE (Guyatt and others 2011, Journal of Clinical Epidemiology 64, 383-394), and where no
size is learnt its use without a single estimate (Murad and others 2017, BMJ Evidence-Based Medicine
22, 85-87). Nothing raises the certainty: what GRADE raises it for (a large effect, a gradient of
dose) asks for a size that is known to be free of bias.
"""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd

from livingreview.protocol.review import Protocol
from livingreview.synthesis.certainty.body import Body, Tables, body_of
from livingreview.synthesis.certainty.imprecision import Imprecision
from livingreview.synthesis.certainty.inconsistency import Inconsistency
from livingreview.synthesis.certainty.indirectness import Indirectness
from livingreview.synthesis.certainty.reporting_bias import ReportingBias
from livingreview.synthesis.certainty.risk_of_bias import RiskOfBias
from livingreview.synthesis.certainty.start import Start
from livingreview.synthesis.certainty.step import Domain
from livingreview.tables.report import LEVELS_OF_CERTAINTY, Certainties

DOMAINS: tuple[type[Domain], ...] = (
    Start,
    RiskOfBias,
    Inconsistency,
    Indirectness,
    Imprecision,
    ReportingBias,
)


def certainty_table(protocol: Protocol, tables: Tables) -> pd.DataFrame:
    """Table `Certainties`: each rule of each domain, for each outcome that has any evidence."""
    rows = []
    for outcome in protocol.outcomes:
        body = body_of(outcome, protocol, tables)
        if not body.studies.empty:
            rows += _rows(body, protocol)
    return Certainties.frame(rows)


def _rows(body: Body, protocol: Protocol) -> list[dict[str, object]]:
    rows = []
    for kind in DOMAINS:
        domain = kind(protocol)
        steps = list(domain.steps(body))
        lowered = domain.lowered(steps)
        rows += [
            {"outcome": body.outcome, "domain": domain.name, "domain_words": domain.label}
            | {"lowered": lowered, **asdict(step)}
            for step in steps
        ]
    return rows


def proposed_level(certainties: pd.DataFrame, outcome: str) -> str:
    """Level proposed for an outcome, from rows of `Certainties`."""
    own = certainties[certainties["outcome"] == outcome].drop_duplicates("domain")
    lowest = len(LEVELS_OF_CERTAINTY) - 1
    return LEVELS_OF_CERTAINTY[min(int(own["lowered"].sum()), lowest)]
