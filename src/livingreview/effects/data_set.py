"""The likelihood terms of one outcome, or of several at once, as arrays for either engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from livingreview.effects.forms.form import (
    Baselines,
    Dimensions,
    Floats,
    Form,
    Indices,
    SharedErrors,
    StatementLaw,
)
from livingreview.effects.forms.registry import FORMS
from livingreview.effects.shares import ControlShares, control_shares
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior

__all__ = ["Dataset", "Floats", "Indices", "dataset", "joint_dataset"]


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
    effect_baseline : ndarray of int, shape (2, comparison)
        Effects that have a control arm, and the control arm of each.
    baseline_prior : Baselines
        Normal prior of each control logit.
    forms : dict of Form
        Rows of each form that any term has, by its name.
    shares : ControlShares, optional
        Where the control logit of a ratio is not known, and so is around a location.
    correlation : float
        Of the sampling errors of several effects of one study on one outcome.
    """

    outcomes: tuple[str, ...]
    studies: tuple[str, ...]
    effects: tuple[str, ...]
    baselines: tuple[str, ...]
    effect_outcome: Indices
    effect_study: Indices
    baseline_study: Indices
    effect_baseline: Indices
    baseline_prior: Baselines
    forms: dict[str, Form]
    shares: ControlShares | None = None
    correlation: float = 0.0

    @property
    def numbers(self) -> dict[str, Floats]:
        """The arrays that hold reported numbers and priors; all others are structure."""
        arrays = {
            "baseline_location": self.baseline_prior.location,
            "baseline_scale": self.baseline_prior.scale,
        }
        for form in self.forms.values():
            arrays |= form.numbers
        if self.shares is not None:
            arrays |= self.shares.numbers
        return {name: array for name, array in arrays.items() if array.size}

    def with_forms(self, forms: dict[str, Form]) -> Dataset:
        """The same structure with other reports."""
        return replace(self, forms=forms)

    def with_statement_law(self, law: StatementLaw) -> Dataset:
        """The same with another law of statements from small groups in integration."""
        forms = {name: form.with_statement_law(law) for name, form in self.forms.items()}
        return self.with_forms(forms)

    @property
    def exact_statements(self) -> Indices:
        """Effects whose statements have an exact law beside the normal one."""
        none = np.zeros(0, dtype=np.int64)
        return np.concatenate([none, *(form.exact_statements for form in self.forms.values())])

    def included_terms(self, included: NDArray[np.bool_]) -> dict[str, NDArray[np.bool_]]:
        """Terms of some of the effects, by form; a control arm where one needs it."""
        terms = {f"{name}_terms": form.rows_for(included) for name, form in self.forms.items()}
        if self.shares is not None:
            terms["share_terms"] = included[self.shares.effect]
        return terms

    def reporting_all(self, outcomes: Iterable[str]) -> NDArray[np.bool_]:
        """Effects on some outcomes, of the studies that report every one of them, (effect,)."""
        places = [self.outcomes.index(name) for name in outcomes]
        with_it = [set(self.effect_study[self.effect_outcome == place]) for place in places]
        reporting = np.isin(self.effect_study, list(set.intersection(*with_it)))
        return reporting & np.isin(self.effect_outcome, places)

    def included_baselines(self, included: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Control levels that some of the effects need, shape (baseline,)."""
        needed = np.zeros(len(self.baselines), dtype=bool)
        effect, baseline = self.effect_baseline
        needed[baseline[included[effect]]] = True
        return needed

    @property
    def effect_studies(self) -> list[str]:
        """Name of each effect's study."""
        return [self.studies[i] for i in self.effect_study]

    def at_location(self, m: float) -> Dataset:
        """The same with a known location of the control logits of ratios, of a single outcome."""
        assert self.shares is not None
        location = self.baseline_prior.location.copy()
        location[self.shares.baselines] = m
        return replace(self, baseline_prior=Baselines(location, self.baseline_prior.scale))

    def with_control_shares(self, prior: Prior) -> Dataset:
        """The same with a normal prior of each control logit of a ratio, and no location.

        Data sets without such a ratio are as they were.
        """
        if self.shares is None:
            return self
        location, scale = self.baseline_prior.location.copy(), self.baseline_prior.scale.copy()
        location[self.shares.baselines], scale[self.shares.baselines] = prior.arguments
        return replace(self, baseline_prior=Baselines(location, scale), shares=None)

    @property
    def needs_size_prior(self) -> bool:
        """Whether any group size is not known."""
        return any(form.has_unknown_sizes for form in self.forms.values())

    def share_constants(self, locations: Floats) -> Floats:
        """Log density of each effect's control shares at locations, shape (location, effect)."""
        constants = np.zeros((locations.size, len(self.effects)))
        if self.shares is not None:
            for of_location, m in zip(constants, locations, strict=True):
                np.add.at(of_location, self.shares.effect, self.shares.log_densities(float(m)))
        return constants

    def share_constants_of_studies(self, locations: Floats) -> Floats:
        """The same summed by study, shape (location, study)."""
        constants = np.zeros((locations.size, len(self.studies)))
        np.add.at(constants.T, self.effect_study, self.share_constants(locations).T)
        return constants

    @property
    def needs_findings_prior(self) -> bool:
        """Whether any control logit has the prior of those behind findings."""
        return any(form.findings_baselines.size for form in self.forms.values())

    @property
    def people(self) -> Floats:
        """People in both groups of each effect, expected ones where not known, (effect,)."""
        people = np.full(len(self.effects), np.nan)
        for form in self.forms.values():
            form.set_people(people)
        return people

    @property
    def has_number(self) -> NDArray[np.bool_]:
        """Whether each effect says how large it is, and not only which way it goes, (effect,)."""
        has_number = np.zeros(len(self.effects), dtype=bool)
        for form in self.forms.values():
            has_number[form.effect[form.has_number]] = True
        return has_number

    @property
    def estimates(self) -> tuple[Floats, Floats]:
        """Value and standard error of each effect with a normal law; NaN for others, (effect,)."""
        value, error = np.full((2, len(self.effects)), np.nan)
        for form in self.forms.values():
            form.set_estimates(value, error)
        return value, error

    @property
    def has_several_effects(self) -> bool:
        """Whether a study gives more than one effect on an outcome."""
        return bool((self.study_group >= 0).any())

    @property
    def study_group(self) -> Indices:
        """Number of the study and outcome that each effect shares with others, -1 if none."""
        pairs = np.column_stack([self.effect_study, self.effect_outcome])
        _, group, count = np.unique(pairs, axis=0, return_inverse=True, return_counts=True)
        group = group.ravel()
        several = np.flatnonzero(count > 1)
        number = np.full(count.size, -1)
        number[several] = np.arange(several.size)
        return number[group].astype(np.int64)

    @property
    def correlated_group(self) -> Indices:
        """As `study_group`, of effects whose sampling errors are correlated, -1 for the others.

        Effects that are compared with the same counts of a control arm are of different people:
        what they have in common is those counts, and the likelihood has it already.
        """
        if self.correlation == 0.0:
            return np.full(len(self.effects), -1)
        group = self.study_group
        for form in self.forms.values():
            group[form.effects_with_shared_control] = -1
        return group

    def sampling_covariance(self, effects: Indices, errors: Floats) -> Floats:
        """Covariance of the sampling errors of effects as numbers, shape (effect, effect).

        `effects`: in their order. `errors`: their standard errors.
        """
        group = self.correlated_group
        same = (group >= 0) & (group == group[:, None])
        correlation = np.where(same, self.correlation, 0.0)[np.ix_(effects, effects)]
        covariance = correlation * np.outer(errors, errors)
        of_controls = np.zeros((len(self.effects), len(self.effects)))
        for form in self.forms.values():
            form.add_shared_covariance(of_controls)
        covariance += of_controls[np.ix_(effects, effects)]
        np.fill_diagonal(covariance, errors**2)
        return covariance

    def shared_errors(self, g: Floats) -> SharedErrors:
        """What errors have in common, from one g for each correlated group, shape (..., group)."""
        group = self.correlated_group
        # Products, as g may be a tensor.
        size = np.sqrt(self.correlation) * (group >= 0)
        return SharedErrors(size * g[..., np.maximum(group, 0)], self.kept_errors)

    @property
    def kept_errors(self) -> Floats:
        """Share of each effect's error that is its own, shape (effect,)."""
        return np.where(self.correlated_group < 0, 1.0, np.sqrt(1 - self.correlation))


def dataset(
    terms: pd.DataFrame,
    baseline: BaselinePriors,
    sampling_correlation: float = 0.0,
    with_shares: bool = False,
) -> Dataset:
    """Arrays of one outcome.

    Parameters
    ----------
    terms : DataFrame
        Rows of `livingreview.tables.Terms` of one outcome, at least one.
    baseline : BaselinePriors
        What the protocol assumes of the studies' arms.
    sampling_correlation : float
        Of the errors of several effects of one study on one outcome, from the protocol.
    with_shares : bool
        Whether control shares are kept although no control logit of these terms hangs on their
        location: those of other terms of the outcome do.
    """
    outcome = str(terms["outcome"].iloc[0]) if "outcome" in terms else ""
    terms, baselines = terms.assign(outcome=outcome), {outcome: baseline}
    return joint_dataset(terms, baselines, sampling_correlation, with_shares)


def joint_dataset(
    terms: pd.DataFrame,
    baselines: dict[str, BaselinePriors],
    sampling_correlation: float = 0.0,
    with_shares: bool = False,
) -> Dataset:
    """Arrays of several outcomes at once; parameters as in `dataset`, baselines by outcome."""
    terms = terms.sort_values(["likelihood", "treated", "study_id", "effect_id"], kind="stable")
    effects, studies = _names(terms["effect_id"]), _names(terms["study_id"])
    outcomes = tuple(name for name in baselines if (terms["outcome"] == name).any())
    names, priors = _baseline_priors(terms, baselines)
    dimensions = Dimensions(effects, studies, names, baselines)
    positions = dimensions.positions
    forms = dict(_forms(terms, dimensions))
    baseline_outcome = positions(_of(terms, "baseline_id", names, "outcome"), outcomes)
    effect_outcome = positions(_of(terms, "effect_id", effects, "outcome"), outcomes)
    effect_study = positions(_of(terms, "effect_id", effects, "study_id"), studies)
    compared = terms.dropna(subset=["effect_id", "baseline_id"])
    return Dataset(
        outcomes=outcomes,
        studies=studies,
        effects=effects,
        baselines=names,
        effect_outcome=effect_outcome,
        effect_study=effect_study,
        baseline_study=positions(_of(terms, "baseline_id", names, "study_id"), studies),
        effect_baseline=np.stack(
            [
                positions(compared["effect_id"], effects),
                positions(compared["baseline_id"], names),
            ]
        ),
        baseline_prior=Baselines(
            np.array([p.arguments[0] for p in priors]), np.array([p.arguments[1] for p in priors])
        ),
        forms=forms,
        shares=control_shares(
            forms,
            [baselines[name] for name in outcomes],
            baseline_outcome,
            effect_outcome,
            with_shares,
        ),
        correlation=sampling_correlation,
    )


def _forms(terms: pd.DataFrame, dimensions: Dimensions) -> Iterator[tuple[str, Form]]:
    """Forms that any term has."""
    for name, form in FORMS.items():
        if len(rows := terms[terms["likelihood"] == name]):
            yield name, form.from_terms(rows, dimensions)


def _baseline_priors(
    terms: pd.DataFrame, baselines: dict[str, BaselinePriors]
) -> tuple[tuple[str, ...], list[Prior]]:
    """Names of the control logits, and the prior of each."""
    names = _names(terms["baseline_id"])
    with_baseline = terms[terms["baseline_id"].notna()].to_dict("records")
    first = {term["baseline_id"]: term for term in reversed(with_baseline)}
    return names, [
        FORMS[first[name]["likelihood"]].control_prior(
            baselines[first[name]["outcome"]], first[name]
        )
        for name in names
    ]


def _names(column: pd.Series) -> tuple[str, ...]:
    """Names in order of appearance: terms of a form are neighbours along every dimension."""
    return tuple(column.dropna().unique())


def _of(terms: pd.DataFrame, key: str, names: tuple[str, ...], column: str) -> list[str]:
    """Study or outcome that each named effect or baseline belongs to, by its first term."""
    belongs = dict(zip(reversed([*terms[key]]), reversed([*terms[column]]), strict=True))
    return [belongs[name] for name in names]
