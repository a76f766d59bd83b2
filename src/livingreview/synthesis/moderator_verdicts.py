"""What the studies can say about each moderator, and the verdict that follows.

Whether a difference can be learned is decided by the standard error of its likelihood, which no
scale of a prior moves. A coefficient's *contraction* is told beside it and decides nothing:
1 - var(posterior) / var(prior) (Betancourt 2018, "Towards a principled Bayesian workflow"; Schad,
Betancourt and Vasishth 2021, Psychological Methods 26, 103-126).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import pandas as pd

from livingreview.base.measures import Measure
from livingreview.base.rounding import beside
from livingreview.effects.data_set import Dataset
from livingreview.effects.design_matrix import DesignMatrix
from livingreview.effects.specification import Specification, specify
from livingreview.models import horseshoe
from livingreview.models.quadrature.engine import tabulated
from livingreview.models.quadrature.likelihood_error import likelihood_error
from livingreview.protocol.decisions import ModeratorDecisions, ModeratorStep
from livingreview.protocol.models import ModelSpecification
from livingreview.protocol.moderators import NOT_KNOWN, Coding
from livingreview.synthesis.aliasing import Aliasing, aliasing
from livingreview.synthesis.printed import printed
from livingreview.synthesis.size import LearntSizes
from livingreview.tables.synthesis import Moderators

VerdictName = Literal["supported", "suggested", "no_clear_difference", "not_learnable"]


@dataclass(frozen=True)
class CoefficientEvidence:
    """What bears on the verdict about one coefficient.

    Attributes
    ----------
    p_direction : float
        Posterior probability of the more probable sign.
    likelihood_error : float or None
        Standard error of its likelihood; None where integration cannot tell it.
    fewest_studies : int
        On the thinner side of the contrast.
    level_known : bool
        False for the level of studies that do not tell.
    sign_changes : tuple of str or None
        Studies without which the median has the other sign; None when not assessed.
    """

    p_direction: float
    likelihood_error: float | None
    fewest_studies: int
    level_known: bool
    aliasing: Aliasing
    sign_changes: tuple[str, ...] | None


def moderator_verdict(
    evidence: CoefficientEvidence, rules: ModeratorDecisions
) -> tuple[VerdictName, str]:
    """Apply the protocol's rule to one coefficient.

    Returns
    -------
    verdict : str
        ``not_learnable`` when one side has too few studies, or the likelihood's standard error is
        too large; else the strongest verdict that no rule forbids. A
        coefficient of a moderator that is aliased with another, whose standard error is not known,
        or that was not fitted with each study left out, is never ``supported``; one whose sign
        changes without one study is not even ``suggested``.
    reason : str
        What stood in the way of a stronger verdict.
    """
    unlearnable = []
    if not evidence.level_known:
        unlearnable.append("the level is that of studies which do not tell")
    if evidence.fewest_studies < rules.learnable_studies:
        unlearnable.append(f"{_studies(evidence.fewest_studies)} on one side")
    error, limit = evidence.likelihood_error, rules.learnable_standard_error
    if error is not None and error > limit:
        unlearnable.append(f"standard error {beside(error, limit)}, at most {limit:g} needed")
    if unlearnable:
        return "not_learnable", "; ".join(unlearnable)
    turning = ["another sign without one of the studies"] if evidence.sign_changes else []
    in_the_way = [*_short_of(rules.suggested, evidence), *turning]
    if in_the_way:
        return "no_clear_difference", "; ".join(in_the_way)
    confusable = []
    if evidence.aliasing.aliased_with:
        confusable.append("cannot be told apart from another moderator")
    elif evidence.aliasing.condition_index > rules.condition_index_at_most:
        confusable.append("cannot be told apart from the others together")
    unseen = ["not seen with each study left out"] if evidence.sign_changes is None else []
    unseen += ["standard error not known"] if evidence.likelihood_error is None else []
    in_the_way = [*_short_of(rules.supported, evidence), *confusable, *unseen]
    if in_the_way:
        return "suggested", "; ".join(in_the_way)
    return "supported", "nothing stands in the way"


def _short_of(step: ModeratorStep, evidence: CoefficientEvidence) -> list[str]:
    """What a step asks for that is not there."""
    missing = []
    if evidence.p_direction < step.probability:
        missing.append(
            "probability of one direction"
            f" {beside(evidence.p_direction, step.probability)}, {step.probability:g} needed"
        )
    if evidence.fewest_studies < step.fewest_studies:
        missing.append(
            f"{_studies(evidence.fewest_studies)} on one side, {step.fewest_studies} needed"
        )
    return missing


def _studies(count: int) -> str:
    return f"{count} {'study' if count == 1 else 'studies'}"


@dataclass(frozen=True)
class ModeratorTables:
    """Tables that moderators are judged by.

    Attributes
    ----------
    pooled, left_out : DataFrame
        Rows of the tables `Pooled` and `LeftOut`.
    terms, moderators : dict of DataFrame
        Rows of `livingreview.tables.effects.Terms` and `StudyModerators` by outcome.
    data : dict of Dataset
        The terms of each outcome that has any.
    """

    pooled: pd.DataFrame
    left_out: pd.DataFrame
    terms: dict[str, pd.DataFrame]
    moderators: dict[str, pd.DataFrame]
    data: dict[str, Dataset]


def moderators_table(
    results: ModeratorTables,
    models: dict[str, ModelSpecification],
    codings: dict[str, Coding],
    rules: ModeratorDecisions,
    measure: Measure,
    learnt: LearntSizes,
) -> pd.DataFrame:
    """One row per coefficient of every fitted model with moderators.

    `codings`: all moderators of the protocol, also those of no model.
    """
    rows: list[dict[str, Any]] = []
    # The models of an outcome follow one another, and share their tables.
    tabulate = lru_cache(maxsize=1)(tabulated)
    # Of an outcome with too many studies to sample, integration may not serve a model.
    fits = set(results.pooled["fit"])
    answers = printed(results.pooled)
    with_moderators = {name: model for name, model in models.items() if model.moderators}
    for outcome, terms in results.terms.items():
        studies = results.moderators[outcome]
        # Most models see the same studies, and so the same moderators beside each other.
        seen: dict[bytes, dict[str, Aliasing]] = {}
        for specification in specify(with_moderators, studies, terms)[0]:
            fit, included = f"{outcome}/{specification.name}", specification.design.included
            if fit not in fits:
                continue
            if included.tobytes() not in seen:
                limits = rules.condition_index_at_most, rules.told_apart_by
                seen[included.tobytes()] = aliasing(studies[included], codings, *limits)
            common = {"outcome": outcome, "model": specification.name}
            posterior = answers.loc[fit]
            for coefficient in specification.design.coefficients:
                beta = posterior.loc[f"beta[{coefficient}]"]
                turning = sign_changes(results.left_out, fit, coefficient, beta["q50"])
                error = likelihood_error(
                    results.data[outcome],
                    specification.design,
                    coefficient,
                    specification.model.priors,
                    tabulate,
                )
                aliasings = seen[included.tobytes()]
                given = specification, coefficient, beta, error, aliasings, turning, rules, measure
                compared = settings_compared(specification.design, coefficient)
                is_learnt = {"size_learnt": learnt.of_settings(fit, compared)}
                rows.append(common | is_learnt | judged_coefficient(*given))
    return Moderators.frame(rows)


def judged_coefficient(
    specification: Specification,
    coefficient: str,
    beta: Mapping[Any, float],
    error: float | None,
    aliasings: dict[str, Aliasing],
    turning: tuple[str, ...] | None,
    rules: ModeratorDecisions,
    measure: Measure,
) -> dict[str, Any]:
    """Row of `Moderators` of one coefficient, without outcome and model.

    Parameters
    ----------
    beta : mapping
        Its row of `Pooled`.
    error : float, optional
        Standard error of its likelihood.
    aliasings : dict
        By moderator.
    turning : tuple of str, optional
        Studies without which its median has the other sign; None when not assessed.
    """
    design, prior_sd = specification.design, coefficient_prior_sd(specification.model)
    name, _, level = coefficient.partition("=")
    studies_level, studies_reference = sides(design, design.coefficients.index(coefficient))
    evidence = CoefficientEvidence(
        p_direction=max(beta["p_above_zero"], beta["p_below_zero"]),
        likelihood_error=error,
        fewest_studies=min(studies_level, studies_reference),
        level_known=level != NOT_KNOWN,
        aliasing=aliasings[name],
        sign_changes=turning,
    )
    verdict, reason = moderator_verdict(evidence, rules)
    return {
        "moderator": name,
        "coefficient": coefficient,
        "comparison": float(measure.natural(beta["q50"])),
        "comparison_low": float(measure.natural(beta["q2_5"])),
        "comparison_high": float(measure.natural(beta["q97_5"])),
        "p_direction": evidence.p_direction,
        "prior_sd": prior_sd,
        "posterior_sd": beta["sd"],
        "likelihood_error": error,
        "contraction": 1 - (beta["sd"] / prior_sd) ** 2,
        "studies_level": studies_level,
        "studies_reference": studies_reference,
        "condition_index": evidence.aliasing.condition_index,
        "aliased_with": " ".join(evidence.aliasing.aliased_with) or None,
        "sign_changes": " ".join(evidence.sign_changes or ()) or None,
        "verdict": verdict,
        "verdict_words": getattr(rules.words, verdict),
        "reason": reason,
    }


def coefficient_prior_sd(model: ModelSpecification) -> float:
    """Prior standard deviation of each coefficient of a model."""
    prior = model.priors.beta
    if model.kind == "shrinkage":
        assert model.global_scale is not None
        return horseshoe.coefficient_sd(model.global_scale, prior.arguments[-1])
    return float(prior.distribution.std())


def settings_compared(design: DesignMatrix, coefficient: str) -> list[str]:
    """Settings that a coefficient compares: a level, and the reference; of a slope, that shown."""
    name, _, level = coefficient.partition("=")
    own = [setting for setting in design.settings if setting.startswith(f"{name}=")]
    return [coefficient, own[0]] if level else own


def sides(design: DesignMatrix, coefficient: int) -> tuple[int, int]:
    """Studies on either side of a contrast.

    Of a level: those that have it, and those at the reference. Of a slope: those above
    and those below the mean of the included studies, so that one study far from all others stands
    alone on its side.
    """
    if "=" in design.coefficients[coefficient]:
        count = dict(zip(design.settings, design.setting_studies, strict=True))
        at_level, at_reference = settings_compared(design, design.coefficients[coefficient])
        return count[at_level], count[at_reference]
    values = pd.Series(design.columns[:, coefficient], design.studies)[design.included]
    above, below = values.index[values > values.mean()], values.index[values < values.mean()]
    return above.nunique(), below.nunique()


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
