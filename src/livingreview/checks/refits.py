r"""A fit made again without one study, by numerical integration, and so without error of sampling.

With p(y) the marginal likelihood of all studies, :math:`p(y) / p(y_{-i})` is the predictive
density of study i given the others; and with the study's likelihood replaced by the
probability of a report below its own, the same ratio is that tail probability.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from livingreview.checks.assembled_fits import Fit
from livingreview.checks.nested_averages import NestedEvidence
from livingreview.effects.data_set import Floats
from livingreview.effects.likelihood_tables import FLOOR, log_tails
from livingreview.effects.refusal import Refusal
from livingreview.models.quadrature.engine import NO_LIMIT, Answer, answer_from_tables
from livingreview.models.quadrature.locations import Unlocated
from livingreview.models.quadrature.study_tables import StudyLikelihoods

STATISTICS = ("mean", "sd", "q50", "p_above_zero")


@dataclass(frozen=True)
class Refit:
    """What the other studies say of one, and of everything else.

    Attributes
    ----------
    elpd : float
        Log predictive density of the study's report.
    below, upto : float
        Predictive probability of a report below it, and of one not above it.
    statistics : dict of dict
        Mean, standard deviation, median and probability above 0, by quantity.
    """

    elpd: float
    below: float
    upto: float
    statistics: dict[str, dict[str, float]]


@dataclass
class Refits:
    """Exact leave-one-out of one fit; tables are made when first needed."""

    fit: Fit
    nested: NestedEvidence | None = None

    def without(self, study: int) -> Refit | None:
        """Leave one study out; None where integration cannot answer, or not well enough."""
        if self.fit.model.kind != "hierarchical":
            return None
        try:
            rest = self._answer(self.fit.data.studies[study], None)
            if not rest.converged:
                raise Refusal("quantiles still move on refinement")
            elpd = self._of_all - rest.log_evidence
            below, upto = (
                self._probability(study, tail[study], rest.log_evidence) for tail in self._tails
            )
        except Refusal:
            return None
        return Refit(
            elpd=elpd,
            below=below,
            upto=upto,
            statistics={
                name: {statistic: figures[statistic] for statistic in STATISTICS}
                for name, figures in rest.quantities.items()
                if not name.startswith("theta_new")
            },
        )

    @cached_property
    def _likelihoods(self) -> Unlocated:
        if self.nested is not None:
            return self.nested.likelihoods
        return StudyLikelihoods.from_readings([self.fit.data], closed=False)

    @cached_property
    def _tails(self) -> tuple[Floats, Floats]:
        if self.nested is not None:
            return self.nested.tails
        data = self.fit.data
        below, upto = log_tails(data, self._likelihoods.theta)
        order = np.argsort(data.effect_study)
        return below[order], upto[order]

    @cached_property
    def _of_all(self) -> float:
        return self._answer(None, None).log_evidence

    def _probability(self, study: int, log_tail: Floats, without: float) -> float:
        """Predictive probability whose log, as a function of the study's effect, is given."""
        if (log_tail == 0.0).all() or (log_tail <= -FLOOR).all():
            return float(log_tail[0] == 0.0)
        likelihoods = self._likelihoods
        if isinstance(likelihoods, StudyLikelihoods) and np.array_equal(
            log_tail, likelihoods.log_likelihood[study]
        ):
            return float(np.exp(self._of_all - without))
        return float(np.exp(self._answer(None, (study, log_tail)).log_evidence - without))

    def _answer(self, left_out: str | None, replaced: tuple[int, Floats] | None) -> Answer:
        """Integrate the fit without a study, or with another function in a study's place."""
        likelihoods, design = self._likelihoods, self.fit.design_of_studies
        if left_out is not None:
            included = design.included & (np.array(design.studies) != left_out)
            design = replace(design, included=included)
        if replaced is not None:
            study, of_effect = replaced
            if isinstance(likelihoods, StudyLikelihoods):
                rows = likelihoods.log_likelihood.copy()
                rows[study] = of_effect
                likelihoods = replace(likelihoods, log_likelihood=rows)
            else:
                likelihoods = likelihoods.with_function(study, of_effect)
        return answer_from_tables(likelihoods, design, self.fit.model.priors, NO_LIMIT)
