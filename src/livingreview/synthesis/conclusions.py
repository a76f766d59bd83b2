r"""How each published conclusion stands against the posterior of this review.

A conclusion names a direction; its probability here is

- of more or less: that the pooled effect of the setting, or the difference of two effects,
  lies on that side of no difference;
- of no difference: that the effect is practically none (the protocol's limits);
- of effects on both sides: that of the true effects :math:`\theta_i` of the studies at least one
  is practically more and at least one practically less;
- of an open question: nothing, as a question is open by rule and not with a probability.

The protocol says which probabilities agree and which differ. Where too few studies carry the
result, or a difference between studies is not learnable, no probability decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from livingreview.base.measures import Measure
from livingreview.effects.design_matrix import ALL_STUDIES
from livingreview.protocol.decisions import Decisions
from livingreview.records.narrative import ComparedWith, Conclusion, Published
from livingreview.tables.synthesis import Conclusions

NOT_COMPARED = "it is about no effect that this review estimates"
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
        From ``outcome/model`` to draws of the studies' θ, shape (draw, effect).
    """

    summary: pd.DataFrame
    moderators: pd.DataFrame
    contrasts: pd.DataFrame
    refusals: Mapping[str, str]
    study_effects: Callable[[str], ArrayLike]


@dataclass(frozen=True)
class ConclusionVerdict:
    """What the evidence says of one conclusion; `verdict` is empty until a probability decides."""

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
        verdict, reason = judged.verdict, judged.reason
        if not verdict:
            verdict, reason = _decided(judged.probability, decisions)
        rows.append(
            {
                "conclusion": conclusion.id,
                "outcome": conclusion.outcome,
                "compared_with": conclusion.compared_with.name
                if conclusion.compared_with
                else None,
                "studies": judged.studies,
                "probability": judged.probability,
                "verdict": verdict,
                "verdict_words": getattr(decisions.published.words, verdict),
                "reason": reason,
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
        return _of_contrast(compared.contrast, conclusion, results)
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
    fewest = decisions.fewest_studies_for_a_verdict
    if conclusion.direction == "both":
        both = _probability_of_both(results.study_effects(fit), measure.limit_on_line)
        return ConclusionVerdict(studies, both)
    judged = _of_direction(
        conclusion.direction, row["p_more"], row["p_less"], row["p_practically_none"], decisions
    )
    if studies < fewest:
        return _undecided(studies, judged.probability, f"too few studies: {fewest} are needed")
    return replace(judged, studies=studies)


def _of_direction(
    direction: str, more: float, less: float, none: float, decisions: Decisions
) -> ConclusionVerdict:
    if direction in ("increase", "decrease"):
        return ConclusionVerdict(probability=float(more if direction == "increase" else less))
    if direction == "none":
        rules = decisions.published
        if none >= rules.agrees:
            return ConclusionVerdict(probability=float(none), verdict="agrees")
        if max(more, less) >= decisions.verdicts[0].probability:
            return ConclusionVerdict(
                probability=float(none), verdict="differs", reason="a direction is clear"
            )
        why = "neither a direction is clear nor its absence"
        return _undecided(probability=float(none), reason=why)
    return ConclusionVerdict(verdict="not_compared", reason=NOT_COMPARED)


def _of_difference(
    compared: ComparedWith, conclusion: Conclusion, results: ResultTables, measure: Measure
) -> ConclusionVerdict:
    """A difference between studies, of a level against the first level of its moderator."""
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
    if probability is not None:
        return ConclusionVerdict(studies, probability)
    if conclusion.direction != "none":
        return _undecided(studies, reason=NO_RULE)
    if row["verdict"] == "supported":
        return ConclusionVerdict(studies, None, "differs", "a difference is supported")
    return _undecided(studies, reason="no clear difference, which is not to say that there is none")


def _of_contrast(name: str, conclusion: Conclusion, results: ResultTables) -> ConclusionVerdict:
    rows = results.contrasts[results.contrasts["contrast"] == name]
    if rows.empty:
        return _undecided(reason="not estimated: the outcomes could not be analysed together")
    row = rows.iloc[0]
    studies = int(row["fewest_studies"])
    column = {"increase": "p_above", "decrease": "p_below"}.get(conclusion.direction or "")
    if column is not None:
        return ConclusionVerdict(studies, float(row[column]))
    if conclusion.direction != "open":
        return _undecided(studies, reason=NO_RULE)
    if row["settled"]:
        return ConclusionVerdict(studies, None, "differs", "the question is settled here")
    return ConclusionVerdict(studies, None, "agrees", "the question is open here as well")


def _probability_of_both(effects: ArrayLike, limit: float) -> float:
    """Probability that true effects of two studies lie beyond the limit on opposite sides."""
    draws = np.asarray(effects)
    return float(np.mean((draws.max(axis=1) > limit) & (draws.min(axis=1) < -limit)))


def _undecided(
    studies: int | None = None, probability: float | None = None, reason: str = ""
) -> ConclusionVerdict:
    return ConclusionVerdict(studies, probability, "cannot_tell", reason)


def _decided(probability: float | None, decisions: Decisions) -> tuple[str, str]:
    """Verdict of a probability, and why it decides nothing."""
    rules = decisions.published
    if probability is None or rules.differs < probability < rules.agrees:
        return "cannot_tell", f"neither {rules.agrees:g} for it is reached, nor against it"
    return ("agrees" if probability >= rules.agrees else "differs"), ""
