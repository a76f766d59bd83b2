"""Tables of stage 6: the pooled effect under other choices."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from livingreview.tables.base import PROBABILITY, Table


class _PooledByIntegration(Table):
    """Posterior of a pooled effect by integration, as in `Pooled`."""

    outcome: Series[str]
    studies: Series[int] = pa.Field(ge=1)
    q2_5: Series[float]
    q5: Series[float]
    q50: Series[float]
    q95: Series[float]
    q97_5: Series[float]
    p_above_zero: Series[float] = pa.Field(**PROBABILITY)
    p_below_zero: Series[float] = pa.Field(**PROBABILITY)
    tau: Series[float] = pa.Field(ge=0, description="Median.")
    movement: Series[float] = pa.Field(ge=0, description="Of a quantile, on halving the grid.")
    stands_still: Series[bool] = pa.Field(description="Whether that is less than 1e-4.")


class Variations(_PooledByIntegration):
    """One row per analysis that differs from the planned one in one choice."""

    analysis: Series[str] = pa.Field(
        isin=[
            "planned",
            "leave_one_out",
            "priors",
            "baseline",
            "design",
            "evidence",
            "route",
            "cumulative",
        ]
    )
    variant: Series[str] = pa.Field(
        description="Study left out, or last added; else name of the choice."
    )


class Multiverse(_PooledByIntegration):
    """One row per specification: a combination of choices."""

    priors: Series[str]
    baseline: Series[str] = pa.Field(description="Assumption on the control arm.")
    design: Series[str]
    evidence: Series[str]
    left_out: Series[str]
    routes: Series[str] = pa.Field(description="Effects analysed by another route.")


class MultiverseSummary(Table):
    """One row per outcome: how far the choices move the pooled effect.

    The last columns are shares of the variance of the pooled effect over specifications
    that each choice explains alone.
    """

    outcome: Series[str]
    specifications: Series[int] = pa.Field(ge=1)
    lowest: Series[float] = pa.Field(description="Median of the pooled log odds ratio.")
    middle: Series[float]
    highest: Series[float]
    above_zero: Series[float] = pa.Field(**PROBABILITY)
    decisively_above: Series[float] = pa.Field(
        description="Share of specifications that point up decisively.", **PROBABILITY
    )
    decisively_below: Series[float] = pa.Field(**PROBABILITY)
    choice_that_matters_most: Series[str]
    explained_by_priors: Series[float] = pa.Field(**PROBABILITY)
    explained_by_baseline: Series[float] = pa.Field(**PROBABILITY)
    explained_by_design: Series[float] = pa.Field(**PROBABILITY)
    explained_by_evidence: Series[float] = pa.Field(**PROBABILITY)
    explained_by_left_out: Series[float] = pa.Field(**PROBABILITY)
    explained_by_routes: Series[float] = pa.Field(**PROBABILITY)


class Subsets(_PooledByIntegration):
    """One row per subset of the studies."""

    included: Series[str]


class ToldSensitivity(Table):
    """One row per outcome: varied, or why not."""

    outcome: Series[str]
    status: Series[str] = pa.Field(isin=["varied", "refused"])
    reason: Series[str] = pa.Field(nullable=True)
    possible: Series[int] = pa.Field(ge=0, description="Specifications in the whole product.")
