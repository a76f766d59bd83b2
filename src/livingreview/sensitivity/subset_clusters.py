"""Clusters among the subsets of the studies (GOSH): whether one study divides the answers.

Olkin, Dahabreh and Trikalinos 2012, Research Synthesis Methods 3, 214-223.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2

from livingreview.models.quadrature.marginals import Floats

# Share of its variance that the best split of one cloud explains: 2/pi if it is normal, 3/4 if
# it is flat (Engelman and Hartigan 1969, Journal of the American Statistical Association 64,
# 1647-1648). Two clusters are claimed beyond the flattest.
FLAT_CLOUD = 0.75
_ITERATIONS = 200


@dataclass(frozen=True)
class TwoClusters:
    """Subsets divided in two by k-means.

    Attributes
    ----------
    second : ndarray of bool, shape (subset,)
        Whether a subset is in the cluster with the higher pooled effect.
    separation : float
        Share of the variance along the line through both centres that the split explains.
    """

    second: NDArray[np.bool_]
    separation: float

    @property
    def verdict(self) -> str:
        """Whether these are two clusters, or two halves of one cloud."""
        return "two_clusters" if self.separation > FLAT_CLOUD else "one_cloud"


def split(effect: Floats, tau: Floats) -> TwoClusters:
    """Divide subsets in two by pooled effect and heterogeneity.

    `effect`, `tau`, shape (subset,): both on the scale of θ, so neither is rescaled.
    """
    points = np.column_stack([effect, tau])
    # Fixed starting centres: the means of the lower and of the upper half.
    upper = effect > np.median(effect)
    start = np.array([points[~upper].mean(axis=0), points[upper].mean(axis=0)])
    _, label = kmeans2(points, start, iter=_ITERATIONS, minit="matrix", missing="raise")
    second = label == 1
    if effect[second].mean() < effect[~second].mean():
        second = ~second
    line = points[second].mean(axis=0) - points[~second].mean(axis=0)
    along = points @ line
    between = sum(
        part.mean() * (along[part].mean() - along.mean()) ** 2 for part in (second, ~second)
    )
    return TwoClusters(second, float(between / along.var()))


def clusters(members: pd.DataFrame, effect: Floats, tau: Floats) -> pd.DataFrame:
    """Two clusters of subsets, and the study whose presence best tells them apart.

    Parameters
    ----------
    members : DataFrame of bool
        One row per subset, one column per study.
    effect, tau : ndarray, shape (subset,)
        Pooled log odds ratio and heterogeneity of each.

    Returns
    -------
    DataFrame
        Columns of `livingreview.tables.sensitivity.SubsetClusters` but the outcome and the pooling.
    """
    halves = split(effect, tau)
    present = members.to_numpy()
    differences = present[halves.second].mean(axis=0) - present[~halves.second].mean(axis=0)
    study = int(np.abs(differences).argmax())
    rows = [
        {
            "cluster": number,
            "subsets": int(part.sum()),
            "share": float(part.mean()),
            "centre": float(effect[part].mean()),
            "centre_tau": float(tau[part].mean()),
            "separation": halves.separation,
            "verdict": halves.verdict,
            "study_id": str(members.columns[study]),
            "share_with_study": float(present[part, study].mean()),
        }
        for number, part in ((1, ~halves.second), (2, halves.second))
    ]
    return pd.DataFrame(rows)
