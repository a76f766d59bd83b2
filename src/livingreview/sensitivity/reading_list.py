r"""What to read next: what a study's table of counts would do to the pooled effects.

Of an effect of which a summary says little more than "a significant increase", tables of counts
are drawn from the posterior given all evidence: :math:`(\mu, \tau)` given the other studies, a
true effect, control logit and sizes of the study, events of both groups; kept are the tables that
bear out what is on record. Each in turn takes the place of the record, and the studies are pooled
again (docs/methods.md, "What to read next").
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from livingreview.base.measures import ODDS_RATIO, Measure
from livingreview.base.seeds import seed_of
from livingreview.effects.data_set import Dataset, dataset
from livingreview.effects.forms.registry import FORMS
from livingreview.effects.refusal import Refusal
from livingreview.effects.simulation import drawn_numbers, numbers_of_new_study
from livingreview.effects.specification import refuse_unless_plain
from livingreview.models.quadrature.locations import Likelihoods, likelihoods_of, with_estimates
from livingreview.models.quadrature.marginals import Floats
from livingreview.models.quadrature.new_trial import CurrentPosterior, VerdictProbabilities
from livingreview.models.quadrature.pooled_effect import PooledEffects, pooled_effects
from livingreview.protocol.decisions import Decisions
from livingreview.protocol.models import ModelSpecification
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.sensitivity import ReadingList as Plan
from livingreview.sensitivity.moves import moved, verdict_of
from livingreview.synthesis.size import LearntSizes, enough_numbers_with
from livingreview.tables.sensitivity import ReadingList
from livingreview.tables.statuses import ANALYSED, NOT_USABLE

FINDING, AWAITING = "finding", "awaiting_data"
# Tables drawn at a time, until enough of them agree with what is on record: of a test's z, which
# its rounding leaves in a narrow interval, one in some hundred does.
BATCHES = (8_192, 32_768, 131_072, 524_288)
# Share of the ratios below and above the ends that are told.
TAIL = 0.05


@dataclass(frozen=True)
class UnreadEffect:
    """An effect of which a full text would give counts.

    Attributes
    ----------
    on_record : str
        As `ReadingList.on_record`.
    effect : str or None
        Name of the effect that is analysed; None where nothing on the outcome is.
    p_given : float
        Probability that the full text gives the outcome.
    """

    study: str
    outcome: str
    on_record: str
    effect: str | None = None
    p_given: float = 1.0


def unread_effects(
    terms: dict[str, pd.DataFrame], effects: pd.DataFrame, studies: pd.DataFrame
) -> list[UnreadEffect]:
    """Effects of which a full text would give counts, by outcome.

    Parameters
    ----------
    terms : dict of DataFrame
        Rows of `livingreview.tables.effects.Terms`, by outcome.
    effects, studies : DataFrame
        Tables of stage 1: `Effects` and `Studies`.
    """
    analysed = effects[effects["status"] == ANALYSED]
    waiting = studies.loc[studies["status"] == AWAITING, "study_id"]
    unread = []
    for outcome, of_outcome in terms.items():
        for row in of_outcome.to_dict("records"):
            if FORMS[row["likelihood"]].numeric:
                continue
            kind = FINDING if row["kind"] == FINDING else "number"
            if pd.isna(row["n_treated"]) or pd.isna(row["n_control"]):
                kind += "_without_sizes"
            if kind != "number":
                unread.append(UnreadEffect(row["study_id"], outcome, kind, row["effect_id"]))
        of_records = effects[effects["outcome"] == outcome]
        not_usable = of_records.loc[of_records["status"] == NOT_USABLE, "study_id"]
        unread += [
            UnreadEffect(study, outcome, NOT_USABLE)
            for study in not_usable.unique()
            if not of_outcome["study_id"].eq(study).any()
        ]
        share = of_outcome["study_id"].nunique() / max(analysed["study_id"].nunique(), 1)
        unread += [UnreadEffect(study, outcome, AWAITING, p_given=share) for study in waiting]
    return unread


@dataclass(frozen=True)
class PooledOutcome:
    """The studies of one outcome, pooled.

    Attributes
    ----------
    data : Dataset
    likelihoods : Likelihoods
        A row for each study.
    limit : float
        Log odds ratio below which an effect is practically none.
    size_learnt : bool
        Whether the size of the pooled effect is learnt now.
    """

    name: str
    data: Dataset
    likelihoods: Likelihoods
    baseline: BaselinePriors
    model: ModelSpecification
    rules: Decisions
    limit: float
    size_learnt: bool

    @classmethod
    def of(
        cls,
        name: str,
        terms: pd.DataFrame,
        baseline: BaselinePriors,
        model: ModelSpecification,
        rules: Decisions,
        measure: Measure,
        sampling_correlation: float,
        size_learnt: bool,
    ) -> PooledOutcome:
        """Pool the terms of an outcome with the model `overall`, or refuse to."""
        if measure.name != ODDS_RATIO.name:
            raise Refusal(f"tables of counts give odds ratios, and the measure is {measure.one}")
        refuse_unless_plain(model, terms)
        data = dataset(terms, baseline, sampling_correlation)
        if data.has_several_effects:
            raise Refusal("a study gives several effects on the outcome")
        likelihoods, limit = likelihoods_of([data]), measure.limit_on_line
        return cls(name, data, likelihoods, baseline, model, rules, limit, size_learnt)

    def numbers_in_full(
        self, unread: UnreadEffect, simulations: int, rng: np.random.Generator
    ) -> tuple[Floats, Floats]:
        """Log odds ratios and standard errors of a full text's tables, each shape (simulation,).

        Raises
        ------
        Refusal
            If tables that agree with what is on record are too rare to be drawn.
        """
        others = self.likelihoods.only(np.array(self.likelihoods.names) != unread.study)
        posterior = CurrentPosterior(others, self.model.priors, self.limit)
        kept: list[Floats] = []
        for size in BATCHES:
            effects, spreads = posterior.draws(size, rng)
            theta = effects + spreads * rng.standard_normal(size)
            if unread.effect is None:
                numbers = np.stack(numbers_of_new_study(theta, self.baseline, rng))
            else:
                *drawn, agrees = drawn_numbers(self.data, unread.effect, theta, rng)
                numbers = np.stack(drawn)[:, agrees]
            kept.append(numbers)
            if sum(numbers.shape[1] for numbers in kept) >= simulations:
                value, error = np.concatenate(kept, axis=1)[:, :simulations]
                return value, error
        raise Refusal("hardly any table of counts would bear out what is on record")

    def pooled_with(self, unread: UnreadEffect, value: Floats, error: Floats) -> PooledEffects:
        """Pooled effects now, and with each of several tables in the place of a study's record."""
        likelihoods = with_estimates(self.likelihoods, value, error)
        studies = len(self.likelihoods.names)
        membership = np.zeros((1 + value.size, studies + value.size), dtype=bool)
        membership[:, :studies] = True
        membership[1:, :studies] = np.array(self.likelihoods.names) != unread.study
        np.fill_diagonal(membership[1:, studies:], True)
        return pooled_effects(likelihoods, membership, self.model.priors, self.limit)

    def read(self, unread: UnreadEffect, simulations: int, seed: int) -> dict[str, Any]:
        """What the counts of a full text would do: columns of `ReadingList`."""
        rng = np.random.default_rng(seed_of(seed, f"reading_list/{unread.study}/{self.name}"))
        value, error = self.numbers_in_full(unread, simulations, rng)
        mu = self.pooled_with(unread, value, error).mu
        width = mu.quantiles[:, -1] - mu.quantiles[:, 0]
        ratio = width[1:] / width[0]
        studies = len(self.likelihoods.names)
        # As many people as the rule on sizes takes to be behind such an error.
        people = 16 / error**2
        learnt = enough_numbers_with(self.data, people, self.rules.size, unread.effect)
        near = np.where([self.size_learnt, *learnt], np.clip(mu.near, 0, 1), np.nan)
        now = verdict_of(mu.above[0], near[0], studies, self.rules)
        after = VerdictProbabilities(np.clip(mu.above[1:], 0, 1), near[1:])
        changed = moved(after, now, studies + (unread.effect is None), self.rules)
        low, high = np.quantile(ratio, [TAIL, 1 - TAIL])
        return {
            "width_now": width[0],
            "width_ratio": ratio.mean(),
            "width_ratio_mcse": ratio.std(ddof=1) / math.sqrt(simulations),
            "width_ratio_low": low,
            "width_ratio_high": high,
            **_share("p_widens", ratio > 1),
            **_share("p_verdict_changes", changed),
            "simulations": simulations,
            "reason": None,
        }


def _share(name: str, happens: Any) -> dict[str, float]:
    """Share of simulations, and its Monte Carlo standard error."""
    p = float(np.mean(happens))
    return {name: p, f"{name}_mcse": math.sqrt(p * (1 - p) / len(happens))}


def reading_list(
    terms: dict[str, pd.DataFrame],
    effects: pd.DataFrame,
    studies: pd.DataFrame,
    baselines: dict[str, BaselinePriors],
    model: ModelSpecification,
    rules: Decisions,
    measure: Measure,
    sampling_correlation: float,
    plan: Plan,
    seed: int,
    learnt: LearntSizes,
) -> pd.DataFrame:
    """What the counts of each full text would do, or why that cannot be said, by rank.

    Parameters
    ----------
    terms, effects, studies
        As for `unread_effects`.
    baselines : dict of BaselinePriors
        By outcome.
    model : ModelSpecification
        `overall` of the protocol, on which the verdicts rest.
    """
    every = unread_effects(terms, effects, studies)
    rows: list[dict[str, Any]] = []
    for outcome, of_outcome in terms.items():
        unread = [effect for effect in every if effect.outcome == outcome]
        pooled: PooledOutcome | Refusal
        try:
            if len(unread) > plan.most_effects:
                raise Refusal(
                    f"{len(unread)} effects wait for a full text, more than {plan.most_effects}"
                )
            pooled = PooledOutcome.of(
                outcome,
                of_outcome,
                baselines[outcome],
                model,
                rules,
                measure,
                sampling_correlation,
                learnt.of_all_studies(outcome),
            )
        except Refusal as refusal:
            pooled = refusal
        for effect in unread:
            row: dict[str, Any] = {"study_id": effect.study, "outcome": outcome}
            row["effect_id"] = effect.effect or f"{effect.study}/{outcome}"
            row |= {"on_record": effect.on_record, "p_given": effect.p_given, "simulations": 0}
            row["size_learnt"] = learnt.of_all_studies(outcome)
            try:
                if isinstance(pooled, Refusal):
                    raise pooled
                rows.append(row | pooled.read(effect, plan.simulations, seed))
            except Refusal as refusal:
                rows.append(row | {"reason": str(refusal)})
    return ranked(rows)


def ranked(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows of `ReadingList`, with a rank of each study over all of its outcomes."""
    table = ReadingList.frame(rows)
    given = table["p_given"].astype(float)
    # An effect of which nothing can be said moves nothing.
    narrows = given * (1 - table["width_ratio"].astype(float).fillna(1.0))
    changes = given * table["p_verdict_changes"].astype(float).fillna(0.0)
    of_study = pd.DataFrame({"width": 1 - narrows, "stays": 1 - changes})
    of_study = of_study.groupby(table["study_id"]).prod().sort_values("width", kind="stable")
    table["rank"] = table["study_id"].map({s: i + 1 for i, s in enumerate(of_study.index)})
    table["study_width_ratio"] = table["study_id"].map(of_study["width"])
    table["study_p_verdict_changes"] = 1 - table["study_id"].map(of_study["stays"])
    return table.sort_values("rank", kind="stable")
