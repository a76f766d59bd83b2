"""What the studies can say about each moderator, and the verdict that this earns.

A coefficient's *contraction* is 1 - var(posterior) / var(prior) (Betancourt 2018, "Towards a
principled Bayesian workflow"; Schad, Betancourt and Vasishth 2021, Psychological Methods 26,
103-126): 0 when the studies say nothing about it, 1 when they settle it. Where all is normal
the studies weigh contraction / (1 - contraction) times as much as the prior.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from livingreview.effects.design_matrix import DesignMatrix
from livingreview.effects.specification import specify
from livingreview.models import horseshoe
from livingreview.protocol.decisions import ModeratorDecisions, ModeratorStep
from livingreview.protocol.models import ModelSpecification
from livingreview.protocol.moderators import NOT_KNOWN, Coding
from livingreview.synthesis.aliasing import Aliasing, aliasing
from livingreview.tables.synthesis import Moderators

VerdictName = Literal["supported", "suggested", "no_clear_difference", "not_learnable"]


@dataclass(frozen=True)
class Learned:
    """What bears on the verdict about one coefficient.

    Attributes
    ----------
    p_direction : float
        Posterior probability of the more probable sign.
    fewest_studies : int
        On the thinner side of the contrast.
    level_known : bool
        False for the level of studies that do not tell.
    sign_changes : tuple of str or None
        Studies without which the median has the other sign; None when not assessed.
    """

    p_direction: float
    contraction: float
    fewest_studies: int
    level_known: bool
    aliasing: Aliasing
    sign_changes: tuple[str, ...] | None


def moderator_verdict(learned: Learned, rules: ModeratorDecisions) -> tuple[VerdictName, str]:
    """Apply the protocol's rule to one coefficient.

    Returns
    -------
    verdict : str
        ``not_learnable`` when a side is too thin or the prior is hardly moved; else the
        strongest that nothing forbids. What may be confused with another moderator, or has not been
        seen with each study left out, is never ``supported``; what turns its
        sign without one study is not even ``suggested``.
    reason : str
        What stood in the way of a stronger verdict.
    """
    unlearnable = []
    if not learned.level_known:
        unlearnable.append("the level is that of studies which do not tell")
    if learned.fewest_studies < rules.learnable_studies:
        unlearnable.append(f"{_studies(learned.fewest_studies)} on one side")
    if learned.contraction < rules.learnable_contraction:
        unlearnable.append(
            f"contraction {learned.contraction:.2f}, {rules.learnable_contraction:g} needed"
        )
    if unlearnable:
        return "not_learnable", "; ".join(unlearnable)
    turning = ["another sign without one of the studies"] if learned.sign_changes else []
    in_the_way = [*_short_of(rules.suggested, learned), *turning]
    if in_the_way:
        return "no_clear_difference", "; ".join(in_the_way)
    confusable = []
    if learned.aliasing.aliased_with:
        confusable.append("cannot be told apart from another moderator")
    elif learned.aliasing.condition_index > rules.condition_index_at_most:
        confusable.append("cannot be told apart from the others together")
    unseen = ["not seen with each study left out"] if learned.sign_changes is None else []
    in_the_way = [*_short_of(rules.supported, learned), *confusable, *unseen]
    if in_the_way:
        return "suggested", "; ".join(in_the_way)
    return "supported", "nothing stands in the way"


def _short_of(step: ModeratorStep, learned: Learned) -> list[str]:
    """What a step asks for that is not there."""
    missing = []
    if learned.p_direction < step.probability:
        missing.append(
            f"probability of one direction {learned.p_direction:.2f}, {step.probability:g} needed"
        )
    if learned.contraction < step.contraction:
        missing.append(f"contraction {learned.contraction:.2f}, {step.contraction:g} needed")
    if learned.fewest_studies < step.fewest_studies:
        missing.append(
            f"{_studies(learned.fewest_studies)} on one side, {step.fewest_studies} needed"
        )
    return missing


def _studies(count: int) -> str:
    return f"{count} {'study' if count == 1 else 'studies'}"


def moderators_table(
    pooled: pd.DataFrame,
    models: dict[str, ModelSpecification],
    codings: dict[str, Coding],
    studies: pd.DataFrame,
    terms: dict[str, pd.DataFrame],
    left_out: pd.DataFrame,
    rules: ModeratorDecisions,
) -> pd.DataFrame:
    """One row per coefficient of every fitted model with moderators.

    Parameters
    ----------
    pooled : DataFrame
        Rows of `livingreview.tables.Pooled`; those of the sampler are used.
    models : dict of ModelSpecification
        Those fitted to one outcome at a time.
    codings : dict of Coding
        All moderators of the protocol, also those of no model.
    studies : DataFrame
        Rows of `livingreview.tables.Studies`.
    terms : dict of DataFrame
        Rows of `livingreview.tables.Terms` by outcome.
    left_out : DataFrame
        Rows of `livingreview.tables.LeftOut`.
    """
    rows = []
    sampled = pooled[pooled["engine"] == "nuts"].set_index(["fit", "quantity"])
    # Too many studies may have kept a model from being sampled.
    fits = set(sampled.index.get_level_values("fit"))
    with_moderators = {name: model for name, model in models.items() if model.moderators}
    for outcome, of_outcome in terms.items():
        carrying = studies[studies["study_id"].isin(of_outcome["study_id"])]
        # Most models see the same studies, and so the same moderators beside each other.
        seen: dict[bytes, dict[str, Aliasing]] = {}
        for specification in specify(with_moderators, carrying, of_outcome)[0]:
            design = specification.design
            fit = f"{outcome}/{specification.name}"
            if fit not in fits:
                continue
            included = design.included.tobytes()
            if included not in seen:
                limits = rules.condition_index_at_most, rules.told_apart_by
                seen[included] = aliasing(carrying[design.included], codings, *limits)
            apart = seen[included]
            prior_sd = coefficient_prior_sd(specification.model)
            for i, coefficient in enumerate(design.coefficients):
                name, _, level = coefficient.partition("=")
                posterior = sampled.loc[(fit, f"beta[{coefficient}]")]
                level_studies, reference_studies = sides(design, i)
                changes = sign_changes(left_out, fit, coefficient, posterior["q50"])
                learned = Learned(
                    p_direction=max(posterior["p_above_zero"], posterior["p_below_zero"]),
                    contraction=1 - (posterior["sd"] / prior_sd) ** 2,
                    fewest_studies=min(level_studies, reference_studies),
                    level_known=level != NOT_KNOWN,
                    aliasing=apart[name],
                    sign_changes=changes,
                )
                verdict, reason = moderator_verdict(learned, rules)
                rows.append(
                    {
                        "outcome": outcome,
                        "model": specification.name,
                        "moderator": name,
                        "coefficient": coefficient,
                        "ratio": math.exp(posterior["q50"]),
                        "ratio_low": math.exp(posterior["q2_5"]),
                        "ratio_high": math.exp(posterior["q97_5"]),
                        "p_direction": learned.p_direction,
                        "prior_sd": prior_sd,
                        "posterior_sd": posterior["sd"],
                        "contraction": learned.contraction,
                        "studies_level": level_studies,
                        "studies_reference": reference_studies,
                        "condition_index": learned.aliasing.condition_index,
                        "aliased_with": " ".join(learned.aliasing.aliased_with) or None,
                        "sign_changes": " ".join(changes or ()) or None,
                        "verdict": verdict,
                        "verdict_words": getattr(rules.words, verdict),
                        "reason": reason,
                    }
                )
    return Moderators.frame(rows)


def coefficient_prior_sd(model: ModelSpecification) -> float:
    """Prior standard deviation of each coefficient of a model."""
    prior = model.priors.beta
    if model.kind == "shrinkage":
        assert model.global_scale is not None
        return horseshoe.coefficient_sd(model.global_scale, prior.arguments[-1])
    return float(prior.distribution.std())


def sides(design: DesignMatrix, coefficient: int) -> tuple[int, int]:
    """Studies on either side of a contrast.

    Of a level: those that have it, and those at the reference. Of a slope: those above
    and those below the mean of the included studies, so that one study far from all others stands
    alone on its side.
    """
    name, _, level = design.coefficients[coefficient].partition("=")
    if level:
        count = dict(zip(design.settings, design.setting_studies, strict=True))
        reference = next(s for s in design.settings if s.startswith(f"{name}="))
        return count[f"{name}={level}"], count[reference]
    values = design.columns[design.included, coefficient]
    return int((values > values.mean()).sum()), int((values < values.mean()).sum())


def sign_changes(
    left_out: pd.DataFrame, fit: str, coefficient: str, median: float
) -> tuple[str, ...] | None:
    """Studies without which the median of a coefficient has the other sign.

    None when no study was left out of this fit.
    """
    rows = left_out[(left_out["fit"] == fit) & (left_out["quantity"] == f"beta[{coefficient}]")]
    if rows.empty:
        return None
    return tuple(rows.loc[rows["q50"] * median < 0, "study_id"])
