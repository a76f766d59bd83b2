"""A statement of direction and significance: one route for each reported pair of sizes."""

from __future__ import annotations

from livingreview.records.evidence.clusters import Clustering
from livingreview.records.evidence.reported import Finding
from livingreview.records.evidence.route import AS_REPORTED, Route, Term, join_assumptions
from livingreview.records.evidence.splits import splits
from livingreview.records.evidence.statements import z_interval


def routes_of_finding(i: int, piece: Finding, clusters: Clustering) -> list[Route]:
    """Routes by group sizes, the first of the record first."""
    stated = z_interval(piece.direction, piece.significance)
    if stated is None:
        reason = "the statement names no direction and no significance that bound z"
        return [Route(i, "finding", AS_REPORTED, reason=reason, scale="")]
    z = stated.times(1 / clusters.inflation)
    if not piece.sizes:
        reason = "no group sizes, so the statement cannot be weighed"
        return [Route(i, "finding", AS_REPORTED, reason=reason, z=z, scale="")]
    return [
        Route(
            piece=i,
            kind="finding",
            alternative=split.alternative,
            terms=(
                Term(
                    "interval",
                    z_low=z.low,
                    z_high=z.high,
                    n_treated=split.n_treated / clusters.design_effect,
                    n_control=split.n_control / clusters.design_effect,
                ),
            ),
            assumption=join_assumptions(split.assumption, clusters.assumption),
            formula="finding",
            z=z,
            scale="",
            clustering=clusters.state,
            sizes=split.sizes,
        )
        for split in splits(piece.sizes)
    ]
