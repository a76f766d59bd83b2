r"""What every form of the likelihood brings: its rows, its law for either engine, and its reports.

A form holds all rows of a data set that have it, as arrays. :math:`\theta` is the true effect
of a row's comparison, :math:`\alpha` the logit (of rates, the log) of the control arm's level,
its *baseline*.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from livingreview.effects.forms.printing import Printing
from livingreview.effects.forms.shared_control import SharedControl
from livingreview.effects.forms.shared_errors import SharedNodes
from livingreview.effects.forms.shown import Shown
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Tensor = Any
Row = Mapping[Any, Any]
# Law of statements from small groups in integration: the exact one of the test that the source
# names, else of this one; or the normal one.
StatementLaw = Literal["pearson", "wald", "normal"]


@dataclass(frozen=True, eq=False)
class Dimensions:
    """Names along the dimensions of a data set, and what the protocol assumes of each outcome.

    Attributes
    ----------
    effects, studies, baselines : tuple of str
    priors : mapping of str to BaselinePriors
        By outcome.
    """

    effects: tuple[str, ...]
    studies: tuple[str, ...]
    baselines: tuple[str, ...]
    priors: Mapping[str, BaselinePriors]

    def effects_of(self, terms: pd.DataFrame) -> Indices:
        """Place of each term's effect; of a control arm's, which has none, the first."""
        return self.positions(terms["effect_id"].fillna(self.effects[0]), self.effects)

    @staticmethod
    def positions(column: Iterable[str], names: tuple[str, ...]) -> Indices:
        """Place of each name."""
        return pd.Index(names).get_indexer(column).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Baselines:
    """Normal priors of the control logits, each shape (baseline,)."""

    location: Floats
    scale: Floats


@dataclass(frozen=True, eq=False)
class SharedErrors:
    """What the sampling errors of several effects of one study have in common.

    With g ~ Normal(0, 1) of a study and correlation rho, an effect's error in units of its
    standard error is sqrt(rho) g + sqrt(1 - rho) e, e ~ Normal(0, 1).

    Attributes
    ----------
    common : ndarray or tensor, shape (..., effect)
        sqrt(rho) g; 0 of an effect that is alone.
    kept : ndarray, shape (effect,)
        sqrt(1 - rho); 1 of an effect that is alone.
    """

    common: Tensor
    kept: Floats


@dataclass(frozen=True, eq=False)
class Truth:
    """What reports are drawn from.

    Attributes
    ----------
    theta : ndarray, shape (..., effect)
    logit : ndarray, shape (..., baseline)
    treated, control : SharedErrors, optional
        Of the treated and of the control arms of a study that gives several effects.
    """

    theta: Floats
    logit: Floats
    treated: SharedErrors | None = None
    control: SharedErrors | None = None

    def errors(self, effect: Indices, noise: Floats) -> Floats:
        """Errors of effects in units of their standard error, from independent ones."""
        if self.treated is None or self.control is None:
            return noise
        # Both arms weigh as much, as in groups of equal size.
        common = (self.treated.common - self.control.common) / np.sqrt(2)
        return common[..., effect] + self.treated.kept[effect] * noise


@dataclass(frozen=True)
class Reported:
    """What rows report, in numbers that a replication has as well.

    Attributes
    ----------
    effect : ndarray of int, shape (row,)
    value, error : ndarray, shape (..., row)
        Effect and standard error; NaN where only a statement is given.
    verdict : ndarray, shape (..., row)
        1 for a significant increase, -1 for a significant decrease, 0 for neither; NaN where the
        report leaves it open.
    """

    effect: Indices
    value: Floats
    error: Floats
    verdict: Floats

    @classmethod
    def of_numbers(cls, effect: Indices, value: Floats, error: Floats, bound: Floats) -> Self:
        """Reports of numbers: significant where abs(value / error) is beyond a bound."""
        z = value / error
        verdict = np.where(np.abs(z) > bound, np.sign(z), 0.0)
        return cls(effect, value, np.broadcast_to(error, value.shape), verdict)


def is_number(array: Any) -> bool:
    """Whether it is an array of floats."""
    return isinstance(array, np.ndarray) and array.dtype.kind == "f"


def numbers_of(terms: pd.DataFrame, column: str, empty: float = np.nan) -> Floats:
    """Numbers of a column of terms; those that are empty, or not there, as `empty`."""
    if column not in terms:
        return np.full(len(terms), empty)
    return terms[column].astype(float).fillna(empty).to_numpy()


def known_shares(terms: pd.DataFrame) -> dict[str, Any]:
    """Rows with a control share of their own, its logit and its standard error."""
    logit = numbers_of(terms, "share_logit")
    row = np.flatnonzero(~np.isnan(logit))
    error = numbers_of(terms, "share_error")[row]
    return {"share_row": row, "share_logit": logit[row], "share_error": error}


@dataclass(frozen=True, eq=False)
class Form(ABC):
    """Rows of one form.

    Attributes
    ----------
    effect, study : ndarray of int, shape (row,)
        Of each row; a row that belongs to no effect (a control arm) has any of its study.
    significant_z : ndarray, shape (row,)
        The |z| from which the source called a result significant.
    """

    effect: Indices
    study: Indices
    significant_z: Floats
    # As the column `likelihood` has it, and in words for a trace, filled from a row's columns.
    name: ClassVar[str]
    law: ClassVar[str]
    # Whether a row needs a control level; whether it is a number, and not only bounds of one.
    has_baseline: ClassVar[bool] = True
    numeric: ClassVar[bool] = True
    # Whether a row's error is a number once theta and alpha are known: `residual`.
    has_residual: ClassVar[bool] = False

    @classmethod
    @abstractmethod
    def from_terms(cls, terms: pd.DataFrame, dimensions: Dimensions) -> Self:
        """Rows from those of `livingreview.tables.effects.Terms` that have this form."""

    @property
    def findings_baselines(self) -> Indices:
        """Control logits whose prior is that behind a finding."""
        return np.zeros(0, dtype=np.int64)

    @property
    def has_unknown_sizes(self) -> bool:
        """Whether a group size of any row is not known."""
        return False

    @property
    def effects_of_unknown_sizes(self) -> Indices:
        """Effects of which a group size is not known."""
        return np.zeros(0, dtype=np.int64)

    @property
    def effects_with_shared_control(self) -> Indices:
        """Effects that are compared with the same counts of a control arm as another effect."""
        return np.zeros(0, dtype=np.int64)

    @property
    def located_baselines(self) -> Indices:
        """Control logits around one location for the outcome, which is not known."""
        return np.zeros(0, dtype=np.int64)

    @property
    def control_shares(self) -> tuple[Indices, Floats, Floats]:
        """Effect, logit and standard error of each control share that rows report, (share,)."""
        return np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0)

    @property
    def control_levels(self) -> tuple[Indices, Floats, Floats]:
        """Control logit, level and its standard error of each control arm with counts, (arm,)."""
        return np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0)

    @property
    def exact_statements(self) -> Indices:
        """Effects whose statements have an exact law beside the normal one."""
        return np.zeros(0, dtype=np.int64)

    def with_statement_law(self, law: StatementLaw) -> Self:
        """The same with another law of statements from small groups in integration."""
        return self

    @staticmethod
    def control_prior(priors: BaselinePriors, term: Row) -> Prior:
        """Prior of the control logit of a row of `livingreview.tables.effects.Terms`."""
        return priors.counts

    @property
    def numbers(self) -> dict[str, Floats]:
        """Arrays of reported numbers, by name; all others are structure."""
        return {
            f"{self.name}_{field.name}": array
            for field in fields(self)
            if is_number(array := getattr(self, field.name))
        } | ({f"{self.name}_weighs": self.weighs} if self.numeric else {})

    def _tensor_of(self, numbers: dict[str, Tensor], field: str) -> Tensor:
        """One of the form's own numbers, as a tensor."""
        return numbers[f"{self.name}_{field}"]

    @staticmethod
    def estimate(term: Row, control: Row | None) -> tuple[float, float] | None:
        """One normal number for a row: value and standard error; None where it has none.

        Parameters
        ----------
        term, control : mapping
            A row of `livingreview.tables.effects.Terms`, and that of its control arm, if any.
        """
        return None

    @classmethod
    def traced(cls, term: Row) -> str:
        """Law of a row of `livingreview.tables.effects.Terms`, in words."""
        return cls.law.format(**term)

    @classmethod
    @abstractmethod
    def shown(cls, term: Row, control: Row | None, share: float) -> Shown:
        """What a row reports by itself; `share` is the control share to assume where needed."""

    @abstractmethod
    def tensor(
        self,
        numbers: dict[str, Tensor],
        theta: Tensor,
        logit: Tensor | None,
        shared: SharedErrors | None = None,
    ) -> Tensor:
        """Log likelihood of each row in PyTensor, shape (row,).

        Parameters
        ----------
        numbers : dict of tensor
            As `numbers`, so that they can be swapped in a compiled graph.
        theta : tensor, shape (effect,)
        logit : tensor, shape (baseline,), optional
        shared : SharedErrors, optional
            If a study gives several effects.
        """

    def residual(self, numbers: dict[str, Tensor], theta: Tensor, logit: Tensor | None) -> Tensor:
        """Error of each row of `rows_of_effects` in units of its standard deviation, in PyTensor.

        Only of forms that have one; parameters as of `tensor`.
        """
        raise NotImplementedError(self.name)

    def printed_share(
        self, numbers: dict[str, Tensor], theta: Tensor, logit: Tensor | None, weight: Tensor
    ) -> Tensor:
        """Log of the relative probability that a row was printed as it is, shape (row,).

        Results that are not significant are printed with relative probability `weight`. A control
        arm is printed with its effect: 0.
        """
        import pytensor.tensor as pt  # takes a second, and integration works without it

        weighs = self._tensor_of(numbers, "weighs")
        return pt.where(pt.gt(weighs, 0.0), pt.log(weight), 0.0)

    @property
    def weighs(self) -> Floats:
        """Whether each row is a number that is not significant, shape (row,)."""
        reported, weighs = self.reported(), np.zeros(self.effect.size)
        weighs[self.rows_of_effects] = reported.verdict == 0
        return weighs

    def add_printed_share(
        self, table: Floats, theta: Floats, baselines: Baselines, printing: Printing
    ) -> None:
        """Add the log relative probability that each effect's report was printed as it is.

        Parameters
        ----------
        table : ndarray, shape (effect, point)
        theta : ndarray, shape (point,)
        """
        reported = self.reported()
        verdict = reported.verdict
        always = (verdict == printing.favoured) if printing.favoured else (verdict != 0)
        table[reported.effect] += np.where(always, 0.0, np.log(printing.weight))[:, None]

    @property
    def effect_of_row(self) -> Indices:
        """Effect of each row; of a control arm, the first that is compared with it."""
        return self.effect

    def rows_for(self, effects: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Rows that some of the effects need, shape (row,)."""
        return effects[self.effect]

    @property
    def rows_of_effects(self) -> Indices:
        """Rows that stand for an effect: all but control arms."""
        return np.arange(self.effect.size)

    @abstractmethod
    def set_printing_errors(self, errors: Floats, baselines: Baselines) -> None:
        """Set the standard error that decided whether each effect was significant, (effect,)."""

    @abstractmethod
    def add_to_table(self, table: Floats, theta: Floats, baselines: Baselines) -> None:
        """Add the rows' log likelihoods, control logits integrated out, to those of their effects.

        Parameters
        ----------
        table : ndarray, shape (effect, point)
        theta : ndarray, shape (point,)
        """

    @abstractmethod
    def tables_given(
        self, row: int, theta: Floats, baselines: Baselines, shared: SharedNodes
    ) -> Floats:
        """Log likelihood of one row's effect, given what errors share, shape (node, point)."""

    def add_located(
        self, tables: Floats, theta: Floats, baselines: Baselines, locations: Floats
    ) -> None:
        """As `add_to_table`, at each location of control logits, (location, effect, point)."""
        table = np.zeros(tables.shape[1:])
        self.add_to_table(table, theta, baselines)
        tables += table

    def located_given(
        self,
        row: int,
        theta: Floats,
        baselines: Baselines,
        shared: SharedNodes,
        locations: Floats,
    ) -> Floats:
        """As `tables_given`, at each location of control logits, (location, node, point)."""
        tables = self.tables_given(row, theta, baselines, shared)
        return np.broadcast_to(tables, (locations.size, *tables.shape))

    def add_shared_covariance(self, covariance: Floats) -> None:  # noqa: B027
        """Add what effects have in common that are compared with one control arm.

        `covariance`, shape (effect, effect), is that of the effects as numbers.
        """

    def shared_controls(self, study: int, baselines: Baselines) -> list[SharedControl]:
        """Control arms of a study that several of its effects are compared with."""
        return []

    @abstractmethod
    def add_tails(self, below: Floats, upto: Floats, theta: Floats, baselines: Baselines) -> None:
        """Set the log probabilities of a report below each effect's, and of one not above it.

        Parameters
        ----------
        below, upto : ndarray, shape (effect, point)
        theta : ndarray, shape (point,)
        """

    @abstractmethod
    def set_widths(self, widths: Floats) -> None:
        """Set the rough standard error of each effect, shape (effect,)."""

    @property
    def has_number(self) -> NDArray[np.bool_]:
        """Whether each row says how large an effect is, and not only which way it goes, (row,)."""
        return np.ones(self.effect.size, dtype=bool)

    def set_people(self, people: Floats) -> None:
        """Set the people in both groups of each effect, shape (effect,).

        Where a form does not keep them, those of two equal groups with a control share of a half
        that are as precise, 16 / s^2: of rarer outcomes fewer than there were.
        """
        widths = np.full(people.size, np.nan)
        self.set_widths(widths)
        effects = self.effect[self.rows_of_effects]
        people[effects] = 16 / widths[effects] ** 2

    def set_estimates(self, value: Floats, error: Floats) -> None:  # noqa: B027
        """Set value and standard error of effects with a normal law around theta.

        Both have shape (effect,) and are NaN for other effects.
        """

    @abstractmethod
    def drawn(
        self, truth: Truth, rng: np.random.Generator, by_law: bool = False
    ) -> tuple[Self, Floats]:
        """Reports drawn when the truth is known, and the z behind each effect's.

        Parameters
        ----------
        by_law : bool
            Whether the form's own law is followed, and not the process that it approximates.

        Returns
        -------
        form : the same rows with reports drawn anew, shape (..., row)
        z : ndarray, shape (..., row)
            NaN for control arms.
        """

    def drawn_numbers(
        self, row: int, theta: Floats, baselines: Baselines, rng: np.random.Generator
    ) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Numbers that the study's own table of counts would give, drawn for each true effect.

        Only of forms that are not `numeric`.

        Parameters
        ----------
        theta : ndarray, shape (draw,)

        Returns
        -------
        value, error : ndarray, shape (draw,)
            Log odds ratio and its standard error.
        agrees : ndarray, shape (draw,)
            Whether the table bears out what is known of the row.
        """
        raise NotImplementedError(self.name)

    def as_printed(self, rng: np.random.Generator) -> Self:
        """The same as its authors would print it."""
        return self

    @abstractmethod
    def reported(self) -> Reported:
        """What the rows report, control arms left out."""

    def where(self, rows: NDArray[np.bool_], other: Self) -> Self:
        """The same with the reports of some rows from another draw."""
        changed = {}
        for field in fields(self):
            own, others = getattr(self, field.name), getattr(other, field.name)
            if own is not others and is_number(own):
                mask = rows.reshape(rows.shape + (1,) * (others.ndim - rows.ndim))
                changed[field.name] = np.where(mask, others, own)
        return replace(self, **changed)
