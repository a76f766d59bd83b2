"""The likelihood terms of one outcome, or of several at once, as arrays for either engine."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Dataset:
    """All terms of a model; as a key, one that was made once is itself only.

    Attributes
    ----------
    outcomes, studies, effects, baselines : tuple of str
        Names along the dimensions `outcome`, `study`, `effect` and `baseline`.
    effect_outcome : ndarray of int, shape (effect,)
        Outcome of each effect.
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
    normal_whitener : ndarray, shape (normal, normal)
        Inverse Cholesky factor of the errors' covariance, where a study gives
        several estimates on one outcome; empty otherwise.
    interval_effect, interval_baseline : ndarray of int, shape (interval,)
    z_low, z_high, n_treated, n_control : ndarray, shape (interval,)
        Bounds of z and group sizes: of a finding, or of a test without a control share.
    """

    outcomes: tuple[str, ...]
    studies: tuple[str, ...]
    effects: tuple[str, ...]
    baselines: tuple[str, ...]
    effect_outcome: Indices
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
    normal_whitener: Floats
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

    @property
    def arm_control(self) -> Indices:
        """Row of the control arm that each arm is compared with, shape (arm,)."""
        controls = np.flatnonzero(self.arm_treated == 0)
        row_of = {self.arm_baseline[row]: row for row in controls}
        return np.array([row_of[baseline] for baseline in self.arm_baseline], dtype=np.int64)

    def included_terms(self, included: NDArray[np.bool_]) -> dict[str, NDArray[np.bool_]]:
        """Terms of some of the effects, by kind of term; a control arm where one needs it."""
        treated = self.arm_treated == 1
        of_arms = treated & included[self.arm_effect]
        of_arms |= ~treated & np.isin(self.arm_baseline, self.arm_baseline[of_arms])
        by_kind = {
            "binomial_terms": of_arms,
            "interval_terms": included[self.interval_effect],
            "normal_terms": included[self.normal_effect],
        }
        return {name: used for name, used in by_kind.items() if used.size}

    def included_baselines(self, included: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Control arms that some of the effects need, shape (baseline,)."""
        terms = self.included_terms(included)
        needed = np.zeros(len(self.baselines), dtype=bool)
        for name, baselines in (
            ("binomial_terms", self.arm_baseline),
            ("interval_terms", self.interval_baseline),
        ):
            if name in terms:
                needed[baselines[terms[name]]] = True
        return needed

    @property
    def effect_studies(self) -> list[str]:
        """Name of each effect's study."""
        return [self.studies[i] for i in self.effect_study]

    def with_findings_prior(self, prior: Prior) -> Dataset:
        """The same with another prior of the control logits behind findings."""
        if not self.interval_effect.size:
            return self
        location, scale = self.baseline_location.copy(), self.baseline_scale.copy()
        location[self.interval_baseline], scale[self.interval_baseline] = prior.arguments
        return replace(self, baseline_location=location, baseline_scale=scale)

    @property
    def has_several_effects(self) -> bool:
        """Whether a study gives more than one effect on an outcome."""
        pairs = np.column_stack([self.effect_study, self.effect_outcome])
        return len(np.unique(pairs, axis=0)) < len(pairs)


def dataset(
    terms: pd.DataFrame, baseline: BaselinePriors, sampling_correlation: float = 0.0
) -> Dataset:
    """Arrays of one outcome.

    Parameters
    ----------
    terms : DataFrame
        Rows of `livingreview.tables.Terms` of one outcome, at least one.
    baseline : BaselinePriors
        Priors of the control logits, from the protocol.
    sampling_correlation : float
        Of the errors of several estimates of one study on one outcome, from the protocol.
    """
    outcome = str(terms["outcome"].iloc[0]) if "outcome" in terms else ""
    return joint_dataset(terms.assign(outcome=outcome), {outcome: baseline}, sampling_correlation)


def joint_dataset(
    terms: pd.DataFrame, baselines: dict[str, BaselinePriors], sampling_correlation: float = 0.0
) -> Dataset:
    """Arrays of several outcomes at once; parameters as in `dataset`, baselines by outcome."""
    terms = terms.sort_values(["likelihood", "treated", "study_id", "effect_id"], kind="stable")
    effects, studies = _names(terms["effect_id"]), _names(terms["study_id"])
    outcomes = tuple(name for name in baselines if (terms["outcome"] == name).any())
    arms, normal, interval = (
        terms[terms["likelihood"] == kind] for kind in ("binomial", "normal", "interval")
    )
    names, priors = _baseline_priors(terms, baselines)
    normal_effect = _positions(normal["effect_id"], effects)
    effect_outcome = _positions(_of(terms, "effect_id", effects, "outcome"), outcomes)
    effect_study = _positions(_of(terms, "effect_id", effects, "study_id"), studies)
    normal_error = normal["standard_error"].to_numpy(dtype=float)
    return Dataset(
        outcomes=outcomes,
        studies=studies,
        effects=effects,
        baselines=names,
        effect_outcome=effect_outcome,
        effect_study=effect_study,
        baseline_study=_positions(_of(terms, "baseline_id", names, "study_id"), studies),
        baseline_location=np.array([p.arguments[0] for p in priors]),
        baseline_scale=np.array([p.arguments[1] for p in priors]),
        arm_effect=_positions(arms["effect_id"].fillna(effects[0]), effects),
        arm_study=_positions(arms["study_id"], studies),
        arm_baseline=_positions(arms["baseline_id"], names),
        arm_treated=arms["treated"].to_numpy(dtype=float),
        arm_events=arms["events"].to_numpy(dtype=float),
        arm_total=arms["total"].to_numpy(dtype=float),
        normal_effect=normal_effect,
        normal_value=normal["log_odds_ratio"].to_numpy(dtype=float),
        normal_error=normal_error,
        normal_whitener=whitener(
            effect_study[normal_effect],
            effect_outcome[normal_effect],
            normal_error,
            sampling_correlation,
        ),
        interval_effect=_positions(interval["effect_id"], effects),
        interval_baseline=_positions(interval["baseline_id"], names),
        z_low=interval["z_low"].to_numpy(dtype=float),
        z_high=interval["z_high"].to_numpy(dtype=float),
        n_treated=interval["n_treated"].to_numpy(dtype=float),
        n_control=interval["n_control"].to_numpy(dtype=float),
    )


def whitener(study: Indices, outcome: Indices, error: Floats, correlation: float) -> Floats:
    """Inverse Cholesky factor of the covariance of estimates.

    Errors are correlated between estimates of one study on one outcome. Those on different
    outcomes are not: the protocol gives no correlation for them.

    Returns shape (normal, normal); empty when no study gives two estimates on an outcome, or their
    errors are independent.
    """
    pairs = np.column_stack([study, outcome])
    if correlation == 0.0 or len(np.unique(pairs, axis=0)) == len(pairs):
        return np.zeros((0, 0))
    same = (study[:, None] == study) & (outcome[:, None] == outcome)
    correlations = np.where(same, correlation, 0.0)
    np.fill_diagonal(correlations, 1.0)
    covariance = correlations * np.outer(error, error)
    return np.linalg.inv(np.linalg.cholesky(covariance))


def _baseline_priors(
    terms: pd.DataFrame, baselines: dict[str, BaselinePriors]
) -> tuple[tuple[str, ...], list[Prior]]:
    """Names of the control logits, and the prior of each."""
    names = _names(terms["baseline_id"])
    first = terms.dropna(subset="baseline_id").drop_duplicates("baseline_id")
    by_name = first.set_index("baseline_id").reindex(list(names))
    return names, [
        baselines[outcome].findings if likelihood == "interval" else baselines[outcome].counts
        for outcome, likelihood in zip(by_name["outcome"], by_name["likelihood"], strict=True)
    ]


def _names(column: pd.Series) -> tuple[str, ...]:
    """Names in order of appearance: terms of a kind are neighbours along every dimension."""
    return tuple(column.dropna().unique())


def _of(terms: pd.DataFrame, key: str, names: tuple[str, ...], column: str) -> pd.Series:
    """Study or outcome that each named effect or baseline belongs to."""
    first = terms.dropna(subset=key).drop_duplicates(key).set_index(key)
    return first[column].reindex(list(names))


def _positions(column: pd.Series, names: tuple[str, ...]) -> Indices:
    return pd.Index(names).get_indexer(column).astype(np.int64)
