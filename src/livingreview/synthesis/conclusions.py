r"""How each published conclusion stands against the posterior of this review.

A conclusion names a direction; its probability here is

- of more or less: that the pooled effect of the setting, or the difference of two effects,
  lies on that side of no difference;
- of no difference: that the effect is practically none (the protocol's limits), where its size
  is learnt, and else nothing, as a prior would supply that probability;
- of effects on both sides: that of the true effects :math:`\theta_i` of the studies at least one
  is practically more and at least one practically less;
- of an open question: nothing, as a question is open by rule and not with a probability.

What a probability earns is what it earns everywhere, a step of the protocol's verdicts; the
protocol names the steps that agree, and that differ when the other direction earns them. A
difference between studies has the verdict on its moderator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from livingreview.base.measures import Measure
from livingreview.base.rounding import beside
from livingreview.effects.design_matrix import ALL_STUDIES
from livingreview.protocol.decisions import Decisions
from livingreview.records.narrative import ComparedWith, Conclusion, Published
from livingreview.synthesis.verdicts import PRACTICALLY_NONE, rung, step_of
from livingreview.tables.synthesis import Conclusions

NOT_COMPARED = "it is about no effect that this review estimates"
NO_SIZE = "no direction is clear, and these studies do not tell how near to none the effect is"
NO_STUDY_EFFECTS = "so many studies are not sampled, and integration has no effect of each study"
NO_RULE = "no rule says what such a conclusion means for this result"


@dataclass(frozen=True)
class ResultTables:
    """Result tables that conclusions are held against.

    Attributes
    ----------
    summary, moderators, contrasts : DataFrame
        Columns of the tables in `livingreview.tables.synthesis`.
    refusals : mapping
        Why a model was not fitted, by ``outcome/model``.
    study_effects : callable
        From ``outcome/model`` to draws of the studies' θ, shape (draw, effect); None of a fit that
        was not sampled.
    """

    summary: pd.DataFrame
    moderators: pd.DataFrame
    contrasts: pd.DataFrame
    refusals: Mapping[str, str]
    study_effects: Callable[[str], ArrayLike | None]


@dataclass(frozen=True)
class ConclusionVerdict:
    """What the evidence says of one conclusion."""

    studies: int | None = None
    probability: float | None = None
    verdict: str = ""
    reason: str = ""


def conclusions_table(
    published: Published, results: ResultTables, decisions: Decisions, measure: Measure
) -> pd.DataFrame:
    """Judge every published conclusion; columns of `livingreview.tables.synthesis.Conclusions`."""
    rows = []
    for conclusion in published.conclusions:
        judged = _conclusion_verdict(conclusion, results, decisions, measure)
        rows.append(
            {
                "conclusion": conclusion.id,
                "outcome": conclusion.outcome,
                "compared_with": conclusion.compared_with.name
                if conclusion.compared_with
                else None,
                "studies": judged.studies,
                "probability": judged.probability,
                "verdict": judged.verdict,
                "verdict_words": getattr(decisions.published.words, judged.verdict),
                "reason": judged.reason,
            }
        )
    return Conclusions.frame(rows)


def _conclusion_verdict(
    conclusion: Conclusion, results: ResultTables, decisions: Decisions, measure: Measure
) -> ConclusionVerdict:
    """Verdict on one conclusion by what it is compared with."""
    compared = conclusion.compared_with
    if compared is None or conclusion.direction is None:
        return ConclusionVerdict(verdict="not_compared", reason=NOT_COMPARED)
    if compared.contrast is not None:
        return _of_contrast(compared.contrast, conclusion, results, decisions, measure)
    fit = f"{conclusion.outcome}/{compared.model}"
    rows = results.summary[results.summary["fit"] == fit].set_index("setting")
    if rows.empty:
        why = results.refusals.get(fit) or "there is no such model of this outcome"
        return _undecided(reason=f"not estimated: {why}")
    if compared.coefficient is not None:
        return _of_difference(compared, conclusion, results, measure)
    setting = compared.setting or ALL_STUDIES
    if setting not in rows.index:
        return _undecided(reason="no study on record has this value")
    row = rows.loc[setting]
    studies = int(row["studies"])
    if conclusion.direction == "both":
        effects = results.study_effects(fit)
        if effects is None:
            return _undecided(studies, reason=NO_STUDY_EFFECTS)
        both = _probability_of_both(effects, measure.limit_on_line)
        return _judged(both, 1 - both, studies, conclusion, decisions)
    if conclusion.direction == "none":
        return _of_none(row, studies, decisions)
    more, less = float(row["p_more"]), float(row["p_less"])
    sides = {"increase": (more, less), "decrease": (less, more)}
    if conclusion.direction not in sides:
        return ConclusionVerdict(verdict="not_compared", reason=NOT_COMPARED)
    concluded, other = sides[conclusion.direction]
    if row["verdict"] == PRACTICALLY_NONE:
        return _undecided(studies, concluded, "there is practically no difference")
    return _judged(concluded, other, studies, conclusion, decisions)


def _judged(
    concluded: float, other: float, studies: int, conclusion: Conclusion, decisions: Decisions
) -> ConclusionVerdict:
    """Hold the step that a probability earns against that which agreement needs."""
    fewest, rules = decisions.fewest_studies_for_a_verdict, decisions.published
    if studies < fewest:
        return _undecided(studies, concluded, f"too few studies: {fewest} are needed")
    significant = conclusion.significance == "significant"
    needed = rules.agrees_with_significant if significant else rules.agrees
    if _reaches(concluded, needed, decisions):
        return ConclusionVerdict(studies, concluded, "agrees")
    if _reaches(other, rules.agrees, decisions):
        return ConclusionVerdict(studies, concluded, "differs")
    least = next(v.probability for v in decisions.verdicts if v.id == needed)
    why = f"neither {least:g} for it is reached, nor enough against it"
    if f"{concluded:.2f}" == f"{least:.2f}":
        why += f" (it is {beside(concluded, least)})"
    return _undecided(studies, concluded, why)


def _reaches(probability: float, needed: str, decisions: Decisions) -> bool:
    """Whether a probability earns a verdict, or a stronger one."""
    return rung(step_of(probability, decisions), decisions) >= rung(needed, decisions)


def _of_none(row: pd.Series, studies: int, decisions: Decisions) -> ConclusionVerdict:
    """No difference: by the verdict on the effect itself."""
    none = float(row["p_practically_none"]) if row["size_learnt"] else None
    if row["verdict"] == PRACTICALLY_NONE:
        return ConclusionVerdict(studies, none, "agrees")
    if row["verdict"] == decisions.verdicts[0].id:
        return ConclusionVerdict(studies, none, "differs", "a direction is clear")
    if none is None:
        return _undecided(studies, reason=NO_SIZE)
    return _undecided(studies, none, "neither a direction is clear nor its absence")


def _of_difference(
    compared: ComparedWith, conclusion: Conclusion, results: ResultTables, measure: Measure
) -> ConclusionVerdict:
    """A difference between studies, of a level against the first level of its moderator.

    The verdict on the moderator decides, so that one difference has one answer.
    """
    rows = results.moderators
    chosen = rows[
        (rows["outcome"] == conclusion.outcome)
        & (rows["model"] == compared.model)
        & (rows["coefficient"] == compared.coefficient)
    ]
    if chosen.empty:
        return _undecided(reason="no study on record has one of the values compared")
    row = chosen.iloc[0]
    studies = int(row["studies_level"] + row["studies_reference"])
    above = float(
        row["p_direction"] if row["comparison"] > measure.null else 1 - row["p_direction"]
    )
    probability = {"increase": above, "decrease": 1 - above}.get(conclusion.direction or "")
    if row["verdict"] == "not_learnable":
        return _undecided(studies, probability, f"not learnable: {row['reason']}")
    if probability is None and conclusion.direction != "none":
        return _undecided(studies, reason=NO_RULE)
    if row["verdict"] == "no_clear_difference":
        return _undecided(studies, probability, f"{row['verdict_words']}: {row['reason']}")
    if probability is not None:
        verdict = "agrees" if probability > 0.5 else "differs"
        return ConclusionVerdict(studies, probability, verdict)
    if row["verdict"] == "supported":
        return ConclusionVerdict(studies, None, "differs", "a difference is supported")
    return _undecided(studies, reason="a difference is suggested, but not shown")


def _of_contrast(
    name: str,
    conclusion: Conclusion,
    results: ResultTables,
    decisions: Decisions,
    measure: Measure,
) -> ConclusionVerdict:
    """A contrast: what studies with both outcomes say, where all studies do not say otherwise."""
    rows = results.contrasts[results.contrasts["contrast"] == name]
    if rows.empty:
        return _undecided(reason="not estimated: the outcomes could not be analysed together")
    row = rows.iloc[0]
    studies = int(row["studies"])
    sides = {"increase": ("p_above", "p_below"), "decrease": ("p_below", "p_above")}
    if conclusion.direction in sides:
        concluded, other = sides[conclusion.direction]
        judged = _judged(row[concluded], row[other], studies, conclusion, decisions)
        of_all = _judged(
            row[f"all_{concluded}"],
            row[f"all_{other}"],
            int(row["all_studies"]),
            conclusion,
            decisions,
        )
        if judged.verdict != of_all.verdict:
            why = "the studies with both outcomes and all studies do not say the same"
            return _undecided(studies, judged.probability, why)
        return judged
    if conclusion.direction != "open":
        return _undecided(studies, reason=NO_RULE)
    if row["settled"]:
        return ConclusionVerdict(studies, None, "differs", "the question is settled here")
    widest = float(measure.on_line(decisions.published.open_within_effect))
    low, high = (float(measure.on_line(row[f"comparison_{end}"])) for end in ("low", "high"))
    within = -widest <= low < 0 < high <= widest
    if within and studies >= decisions.fewest_studies_for_a_verdict:
        return ConclusionVerdict(studies, None, "agrees", "the question is open here as well")
    why = "not settled here, and these studies say too little to call it open"
    return _undecided(studies, reason=why)


def _probability_of_both(effects: ArrayLike, limit: float) -> float:
    """Probability that true effects of two studies lie beyond the limit on opposite sides."""
    draws = np.asarray(effects)
    return float(np.mean((draws.max(axis=1) > limit) & (draws.min(axis=1) < -limit)))


def _undecided(
    studies: int | None = None, probability: float | None = None, reason: str = ""
) -> ConclusionVerdict:
    return ConclusionVerdict(studies, probability, "cannot_tell", reason)
