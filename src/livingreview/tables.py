"""Tables that cross a rule: columns typed, bounded and described.

A script validates its table as the last line before it is written, so that a
fault shows where it arises and not three stages later.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from livingreview.statuses import ALTERNATIVE, ANALYSED, NOT_USABLE, SET_ASIDE

PROBABILITY: dict[str, Any] = {"ge": 0, "le": 1}


class Table(pa.DataFrameModel):
    """Base of all tables between rules."""

    class Config:
        """No column comes or goes unnoticed; numbers read from CSV are coerced."""

        strict = True
        coerce = True

    @classmethod
    def frame(cls, rows: list[dict[str, Any]]) -> pd.DataFrame:
        """Rows as a frame with all columns of this table, even when there is no row."""
        return pd.DataFrame(rows, columns=list(cls.to_schema().columns))


class Studies(Table):
    """One row per record."""

    study_id: Series[str] = pa.Field(unique=True)
    label: Series[str]
    year: Series[int]
    citation: Series[str]
    identifier: Series[str] = pa.Field(nullable=True)
    status: Series[str] = pa.Field(isin=["extracted", "awaiting_data", "to_screen", "excluded"])
    reason: Series[str] = pa.Field(nullable=True, description="Required unless extracted.")
    eligibility: Series[str]
    design_detail: Series[str]
    moderators: Series[object] = pa.Field(
        alias="^moderator_", regex=True, nullable=True, description="Empty when not known."
    )
    risks: Series[str] = pa.Field(alias="^risk_", regex=True, nullable=True)


class Effects(Table):
    """One row per study, outcome and comparison, with what became of it."""

    effect_id: Series[str] = pa.Field(unique=True)
    study_id: Series[str]
    outcome: Series[str]
    measure: Series[str]
    follow_up_months: Series[float] = pa.Field(gt=0, nullable=True)
    treated: Series[str]
    control: Series[str]
    status: Series[str] = pa.Field(isin=[ANALYSED, SET_ASIDE, NOT_USABLE])
    reason: Series[str] = pa.Field(nullable=True, description="Required unless analysed.")
    kind: Series[str] = pa.Field(description="Kind of the evidence analysed.")
    piece: Series[int] = pa.Field(ge=0, description="Position of that evidence in the record.")
    alternative: Series[str] = pa.Field(description="Sizes or uncertainty measure taken.")
    direction: Series[str]
    significance: Series[str]
    assumption: Series[str] = pa.Field(nullable=True)
    kinds_reported: Series[str]
    alternatives: Series[str] = pa.Field(
        nullable=True, description="All usable routes, the one taken first."
    )


class Routes(Table):
    """One row per way from a piece of evidence to a log odds ratio."""

    effect_id: Series[str]
    piece: Series[int] = pa.Field(ge=0, description="Position of the evidence in the record.")
    kind: Series[str]
    alternative: Series[str] = pa.Field(description="Sizes, counts or uncertainty measure taken.")
    status: Series[str] = pa.Field(isin=[ANALYSED, ALTERNATIVE, SET_ASIDE, NOT_USABLE])
    reason: Series[str] = pa.Field(nullable=True, description="Why it is not used.")
    log_odds_ratio: Series[float] = pa.Field(
        nullable=True, description="Of the numbers as printed; empty for a statement."
    )
    standard_error: Series[float] = pa.Field(nullable=True, gt=0)
    assumption: Series[str] = pa.Field(nullable=True)
    formula: Series[str] = pa.Field(nullable=True)


class Ledger(Table):
    """One row per reported value."""

    study_id: Series[str]
    effect_id: Series[str]
    field: Series[str] = pa.Field(description="Path of the field in the record.")
    value: Series[str]
    source_url: Series[str]
    source_locator: Series[str]
    source_kind: Series[str]
    record_file: Series[str]
    record_line: Series[int] = pa.Field(ge=1)


class Conflicts(Table):
    """One row per pair of routes that cannot both be right."""

    effect_id: Series[str]
    what: Series[str] = pa.Field(
        isin=["log_odds_ratio", "standard_error", "statement", "group_sizes"]
    )
    first: Series[str]
    first_says: Series[str]
    second: Series[str]
    second_says: Series[str]
    analysed: Series[str]


class Flow(Table):
    """How many records and effects ended where."""

    level: Series[str] = pa.Field(isin=["record", "effect"])
    outcome: Series[str] = pa.Field(nullable=True)
    status: Series[str]
    reason: Series[str] = pa.Field(nullable=True)
    count: Series[int] = pa.Field(ge=1)
    names: Series[str]


class Terms(Table):
    """One row per likelihood term."""

    term_id: Series[str] = pa.Field(unique=True)
    effect_id: Series[str] = pa.Field(nullable=True, description="Empty for a control arm.")
    study_id: Series[str]
    outcome: Series[str]
    kind: Series[str]
    alternative: Series[str]
    likelihood: Series[str] = pa.Field(isin=["binomial", "normal", "interval"])
    baseline_id: Series[str] = pa.Field(nullable=True)
    arm: Series[str] = pa.Field(nullable=True)
    treated: Series[float] = pa.Field(nullable=True, isin=[0, 1])
    events: Series[float] = pa.Field(nullable=True, ge=0)
    total: Series[float] = pa.Field(
        nullable=True, gt=0, description="Effective people, where clusters were assigned."
    )
    log_odds_ratio: Series[float] = pa.Field(nullable=True)
    standard_error: Series[float] = pa.Field(nullable=True, gt=0)
    z_low: Series[float] = pa.Field(nullable=True)
    z_high: Series[float] = pa.Field(nullable=True)
    n_treated: Series[float] = pa.Field(nullable=True, gt=0)
    n_control: Series[float] = pa.Field(nullable=True, gt=0)
    assumption: Series[str] = pa.Field(nullable=True)
    formula: Series[str]


class AlternativeTerms(Terms):
    """One row per likelihood term of a route that is not the one analysed."""

    term_id: Series[str] = pa.Field(description="As in `Terms`; once per route.")
    of_effect: Series[str]
    piece: Series[int] = pa.Field(ge=0)
    choice: Series[str] = pa.Field(description="Alternative that names the route in its piece.")


class Models(Table):
    """One row per model and outcome: fitted to how many studies, or refused and why."""

    outcome: Series[str]
    model: Series[str]
    status: Series[str] = pa.Field(isin=["fitted", "refused"])
    reason: Series[str] = pa.Field(
        nullable=True, description="Why it was refused, or which moderators it goes without."
    )
    studies: Series[int] = pa.Field(ge=0)
    left_out: Series[str] = pa.Field(
        nullable=True, description="Studies whose moderators are not known, or without numbers."
    )


class Sampling(Table):
    """One row per fit and reported quantity, with its sampling diagnostics."""

    fit: Series[str]
    quantity: Series[str]
    r_hat: Series[float] = pa.Field(ge=0)
    ess_bulk: Series[float] = pa.Field(gt=0)
    ess_tail: Series[float] = pa.Field(gt=0)
    mcse_mean: Series[float] = pa.Field(ge=0)


class Checks(Table):
    """One row per check."""

    check: Series[str]
    fit: Series[str]
    quantity: Series[str] = pa.Field(description="The worst one.")
    value: Series[float] = pa.Field(nullable=True)
    threshold: Series[float]
    passed: Series[bool]
    file: Series[str] = pa.Field(description="Table that holds the figures behind the check.")


class Pooled(Table):
    """One row per fit, engine and quantity, on the log odds ratio scale."""

    fit: Series[str]
    outcome: Series[str]
    model: Series[str]
    engine: Series[str] = pa.Field(isin=["nuts", "quadrature"])
    quantity: Series[str]
    mean: Series[float]
    sd: Series[float] = pa.Field(ge=0)
    q2_5: Series[float]
    q5: Series[float]
    q50: Series[float]
    q95: Series[float]
    q97_5: Series[float]
    p_above_zero: Series[float] = pa.Field(**PROBABILITY)
    p_below_zero: Series[float] = pa.Field(**PROBABILITY)
    p_practically_none: Series[float] = pa.Field(**PROBABILITY)
    ess_bulk: Series[float] = pa.Field(nullable=True)
    ess_tail: Series[float] = pa.Field(nullable=True)
    r_hat: Series[float] = pa.Field(nullable=True)


class StudyEffects(Table):
    """One row per fit and effect: its posterior on the log odds ratio scale."""

    fit: Series[str]
    outcome: Series[str]
    model: Series[str]
    effect_id: Series[str]
    study_id: Series[str]
    mean: Series[float]
    sd: Series[float] = pa.Field(ge=0)
    q2_5: Series[float]
    q50: Series[float]
    q97_5: Series[float]
    p_above_zero: Series[float] = pa.Field(**PROBABILITY)


class Summary(Table):
    """One row per fit and setting, in the words and units of the report."""

    fit: Series[str]
    outcome: Series[str]
    model: Series[str]
    setting: Series[str]
    studies: Series[int] = pa.Field(ge=0, description="Studies in that setting.")
    odds_ratio: Series[float] = pa.Field(gt=0)
    odds_ratio_low: Series[float] = pa.Field(gt=0)
    odds_ratio_high: Series[float] = pa.Field(gt=0)
    new_setting_low: Series[float] = pa.Field(gt=0)
    new_setting_high: Series[float] = pa.Field(gt=0)
    tau: Series[float] = pa.Field(ge=0)
    tau_low: Series[float] = pa.Field(ge=0)
    tau_high: Series[float] = pa.Field(ge=0)
    p_more: Series[float] = pa.Field(**PROBABILITY)
    p_less: Series[float] = pa.Field(**PROBABILITY)
    p_practically_none: Series[float] = pa.Field(**PROBABILITY)
    p_new_setting_more: Series[float] = pa.Field(**PROBABILITY)
    baseline_per_1000: Series[float] = pa.Field(nullable=True)
    difference_per_1000: Series[float] = pa.Field(nullable=True)
    difference_per_1000_low: Series[float] = pa.Field(nullable=True)
    difference_per_1000_high: Series[float] = pa.Field(nullable=True)
    verdict: Series[str]
    verdict_words: Series[str]


class Parity(Table):
    """One row per statistic that both engines give."""

    fit: Series[str]
    quantity: Series[str]
    statistic: Series[str]
    nuts: Series[float]
    quadrature: Series[float]
    mcse: Series[float] = pa.Field(ge=0, description="Monte Carlo standard error of the sampler.")
    errors_apart: Series[float] = pa.Field(ge=0, description="Difference in such errors.")
    agrees: Series[bool]


class Integrated(Table):
    """One row per fit: whether numerical integration could answer it."""

    fit: Series[str]
    status: Series[str] = pa.Field(isin=["answered", "refused"])
    reason: Series[str] = pa.Field(nullable=True)
    movement: Series[float] = pa.Field(
        nullable=True, ge=0, description="Largest move of a quantile at the last refinement."
    )


class Contrasts(Table):
    """One row per contrast between two outcomes of a joint model."""

    fit: Series[str]
    contrast: Series[str]
    ratio: Series[float] = pa.Field(gt=0, description="Ratio of odds ratios, median.")
    ratio_low: Series[float] = pa.Field(gt=0)
    ratio_high: Series[float] = pa.Field(gt=0)
    p_above: Series[float] = pa.Field(**PROBABILITY)
    p_below: Series[float] = pa.Field(**PROBABILITY)
    fewest_studies: Series[int] = pa.Field(ge=1, description="Studies of the thinnest outcome.")
    settled: Series[bool]


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


class Ranks(Table):
    """One row per data set and quantity of a calibration."""

    case: Series[str]
    data_set: Series[int] = pa.Field(ge=0)
    quantity: Series[str]
    rank: Series[int] = pa.Field(ge=0, description="Posterior draws below the truth.")
    divergences: Series[int] = pa.Field(ge=0)


class Calibration(Table):
    """One row per case and quantity of a calibration."""

    case: Series[str]
    quantity: Series[str]
    data_sets: Series[int] = pa.Field(ge=1)
    mean_rank: Series[float] = pa.Field(**PROBABILITY)
    p_value: Series[float] = pa.Field(**PROBABILITY)
    calibrated: Series[bool]


class PlacedTruths(Table):
    """One row per data set and quantity of the quadrature engine's calibration."""

    case: Series[str]
    data_set: Series[int] = pa.Field(ge=0)
    quantity: Series[str]
    interval: Series[int] = pa.Field(ge=0, le=5, description="Reported quantiles below the truth.")


class QuadratureCalibration(Table):
    """One row per case and quantity of the quadrature engine's calibration."""

    case: Series[str]
    quantity: Series[str]
    data_sets: Series[int] = pa.Field(ge=1)
    within_95: Series[float] = pa.Field(
        description="Truths within the 95% interval.", **PROBABILITY
    )
    within_90: Series[float] = pa.Field(
        description="Truths within the 90% interval.", **PROBABILITY
    )
    p_value: Series[float] = pa.Field(**PROBABILITY)
    calibrated: Series[bool]


class ClaimsTable(Table):
    """One row per number or verdict printed in the report."""

    id: Series[str] = pa.Field(unique=True, description="Anchor on the page.")
    text: Series[str] = pa.Field(description="As printed.")
    value: Series[str] = pa.Field(description="As in the file, unrounded.")
    file: Series[str] = pa.Field(description="Result file below the review's results folder.")
    row: Series[str] = pa.Field(description="Key columns of the row, or the rows counted.")
    column: Series[str]
    style: Series[str] = pa.Field(description="Name of the rounding.")


def read_table(path: str, model: type[Table]) -> pd.DataFrame:
    """Read a table that an earlier rule wrote and check that it still fits.

    Raises
    ------
    pandera.errors.SchemaError
        If the file was changed or damaged since.
    """
    return model.validate(pd.read_csv(path, keep_default_na=False, na_values=[""]))
