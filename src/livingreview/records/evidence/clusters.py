"""Clusters assigned as a whole: by how much each person counts for less.

Donner and Klar 2000, Design and Analysis of Cluster Randomization Trials;
Cochrane Handbook for Systematic Reviews of Interventions, section 23.1.4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from livingreview.records.evidence.reported import Reported


@dataclass(frozen=True)
class Clustering:
    """How a piece of evidence allows for clusters.

    Attributes
    ----------
    state : {"", "ignored", "design_effect", "adjusted"}
    design_effect : float
        Group sizes are divided by it.
    inflation : float
        Standard errors are multiplied by it and z divided; 1 where the source did so.
    assumption : str
    """

    state: str = ""
    design_effect: float = 1.0
    inflation: float = 1.0
    assumption: str = ""


def design_effect(icc: float, average_size: float) -> float:
    """Factor by which clusters of that many people raise the variance of an estimate.

    Examples
    --------
    >>> design_effect(0.05, 21)
    2.0
    """
    return 1 + (average_size - 1) * icc


def clustering(piece: Reported, clustered: bool) -> Clustering:
    """How a piece of evidence allows for clusters, in a study that assigned some or not."""
    adjusted = getattr(piece, "adjusted_for_clusters", False)
    clusters = piece.clusters
    if clusters is None:
        if adjusted:
            assumed = "group sizes not reduced for clustering" if piece.weighs_sizes else ""
            return Clustering("adjusted", assumption=assumed)
        # ASSUME: evidence of a clustered study that does not mention clusters is analysed as if
        # people had been assigned one by one.
        return Clustering("ignored", assumption="clustering ignored") if clustered else Clustering()
    factor = design_effect(clusters.icc, clusters.average_size)
    assumed = "" if clusters.source else f"an intracluster correlation of {clusters.icc:g}"
    if adjusted:
        return Clustering("adjusted", factor, 1.0, assumed)
    return Clustering("design_effect", factor, math.sqrt(factor), assumed)
