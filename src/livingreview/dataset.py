"""The likelihood terms of one outcome as arrays, ready for either engine."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from livingreview.protocol import BaselinePriors

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Dataset:
    """All terms of one outcome.

    Attributes
    ----------
    studies, effects, baselines : tuple of str
        Names along the dimensions `study`, `effect` and `baseline`.
    effect_study : ndarray of int, shape (effect,)
        Study of each effect.
    baseline_study : ndarray of int, shape (baseline,)
        Study of each control arm.
    baseline_location, baseline_scale : ndarray, shape (baseline,)
        Normal prior of each control logit.
    arm_effect, arm_study, arm_baseline : ndarray of int, shape (arm,)
        Binomial rows; the effect of a control row is any (its `arm_treated` is 0).
    arm_treated, arm_events, arm_total : ndarray, shape (arm,)
    normal_effect : ndarray of int, shape (normal,)
    normal_value, normal_error : ndarray, shape (normal,)
        Log odds ratio and its standard error.
    interval_effect, interval_baseline : ndarray of int, shape (interval,)
    z_low, z_high, n_treated, n_control : ndarray, shape (interval,)
        Statement and group sizes of each finding.
    """

    studies: tuple[str, ...]
    effects: tuple[str, ...]
    baselines: tuple[str, ...]
    effect_study: Indices
    baseline_study: Indices
    baseline_location: Floats
    baseline_scale: Floats
    arm_effect: Indices
    arm_study: Indices
    arm_baseline: Indices
    arm_treated: Floats
    arm_events: Floats
    arm_total: Floats
    normal_effect: Indices
    normal_value: Floats
    normal_error: Floats
    interval_effect: Indices
    interval_baseline: Indices
    z_low: Floats
    z_high: Floats
    n_treated: Floats
    n_control: Floats

    @property
    def numbers(self) -> dict[str, Floats]:
        """The arrays that hold reported numbers; all others are structure."""
        arrays = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: array
            for name, array in arrays.items()
            if isinstance(array, np.ndarray) and array.dtype.kind == "f" and array.size
        }

    @property
    def term_study(self) -> dict[str, Indices]:
        """Study of each term, by kind of term."""
        by_kind = {
            "binomial_terms": self.arm_study,
            "interval_terms": self.effect_study[self.interval_effect],
            "normal_terms": self.effect_study[self.normal_effect],
        }
        return {name: study for name, study in by_kind.items() if study.size}


def dataset(terms: pd.DataFrame, baseline: BaselinePriors) -> Dataset:
    """Arrays of one outcome.

    Parameters
    ----------
    terms : DataFrame
        Rows of `livingreview.tables.Terms` of one outcome, at least one.
    baseline : BaselinePriors
        Priors of the control logits, from the protocol.
    """
    terms = terms.sort_values(["likelihood", "treated", "study_id", "effect_id"], kind="stable")
    effects = _names(terms["effect_id"])
    studies = _names(terms["study_id"])
    baselines = _names(terms["baseline_id"])
    of_findings = set(terms.loc[terms["likelihood"] == "interval", "baseline_id"])
    priors = [baseline.findings if b in of_findings else baseline.counts for b in baselines]
    arms, normal, interval = (
        terms[terms["likelihood"] == kind] for kind in ("binomial", "normal", "interval")
    )
    return Dataset(
        studies=studies,
        effects=effects,
        baselines=baselines,
        effect_study=_studies_of(terms, "effect_id", effects, studies),
        baseline_study=_studies_of(terms, "baseline_id", baselines, studies),
        baseline_location=np.array([p.arguments[0] for p in priors]),
        baseline_scale=np.array([p.arguments[1] for p in priors]),
        arm_effect=_positions(arms["effect_id"].fillna(effects[0]), effects),
        arm_study=_positions(arms["study_id"], studies),
        arm_baseline=_positions(arms["baseline_id"], baselines),
        arm_treated=arms["treated"].to_numpy(dtype=float),
        arm_events=arms["events"].to_numpy(dtype=float),
        arm_total=arms["total"].to_numpy(dtype=float),
        normal_effect=_positions(normal["effect_id"], effects),
        normal_value=normal["log_odds_ratio"].to_numpy(dtype=float),
        normal_error=normal["standard_error"].to_numpy(dtype=float),
        interval_effect=_positions(interval["effect_id"], effects),
        interval_baseline=_positions(interval["baseline_id"], baselines),
        z_low=interval["z_low"].to_numpy(dtype=float),
        z_high=interval["z_high"].to_numpy(dtype=float),
        n_treated=interval["n_treated"].to_numpy(dtype=float),
        n_control=interval["n_control"].to_numpy(dtype=float),
    )


def _names(column: pd.Series) -> tuple[str, ...]:
    """Names in order of appearance: terms of a kind are neighbours along every dimension."""
    return tuple(column.dropna().unique())


def _studies_of(
    terms: pd.DataFrame, column: str, names: tuple[str, ...], studies: tuple[str, ...]
) -> Indices:
    """Position of the study that each named effect or baseline belongs to."""
    study = terms.dropna(subset=column).drop_duplicates(column).set_index(column)["study_id"]
    return _positions(study.reindex(list(names)), studies)


def _positions(column: pd.Series, names: tuple[str, ...]) -> Indices:
    return pd.Index(names).get_indexer(column).astype(np.int64)
