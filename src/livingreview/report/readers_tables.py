"""Stage 8: the tables that a reader would want, from result tables, under plain headings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from livingreview.protocol.models import OVERALL
from livingreview.protocol.review import Protocol
from livingreview.report.sentences.moderators import contrast, setting_label
from livingreview.tables.readers import (
    MODERATOR,
    RISK_OF_BIAS,
    CheckResults,
    EffectsOfStudies,
    EvidenceLedger,
    ModeratorResults,
    PooledResults,
    SensitivityResults,
    StudyCharacteristics,
)
from livingreview.tables.table import Table

# Odds ratio and interval, from quantiles of its logarithm.
ODDS_RATIO = {"odds_ratio": "q50", "odds_ratio_low": "q2_5", "odds_ratio_high": "q97_5"}


def pooled_results(summary: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Every fit at every setting."""
    settings = [full_setting_label(setting, protocol) for setting in summary["setting"]]
    return _headed(_labelled(summary, protocol).assign(setting=settings), PooledResults)


def full_setting_label(setting: str, protocol: Protocol) -> str:
    """Words for a setting such as ``design=experimental``, with the moderator named."""
    label = setting_label(setting, protocol)
    moderator = protocol.moderators.get(setting.partition("=")[0])
    if moderator is None or moderator.levels is None:
        return label
    return f"{moderator.label}: {label.lower()}"


def effects_of_studies(
    effects: pd.DataFrame, study_effects: pd.DataFrame, studies: pd.DataFrame, protocol: Protocol
) -> pd.DataFrame:
    """Every effect on record, the analysed ones with their posterior in the overall model."""
    overall = study_effects[study_effects["model"] == OVERALL].set_index("effect_id")
    columns = [*ODDS_RATIO.values(), "p_above_zero"]
    joined = effects.join(overall[columns], on="effect_id")
    table = _labelled(_with_odds_ratio(joined), protocol).assign(
        study=_study_labels(effects, studies),
        months=effects["follow_up_months"],
        status=_plain(effects["status"]),
        significance=_plain(effects["significance"]),
    )
    return _headed(table.sort_values(["outcome", "study"], kind="stable"), EffectsOfStudies)


def moderator_results(
    moderators: pd.DataFrame, summary: pd.DataFrame, protocol: Protocol
) -> pd.DataFrame:
    """Every coefficient, with what could be learned of it."""
    rows = moderators.to_dict("records")
    table = _labelled(moderators, protocol).assign(
        moderator=[protocol.moderators[row["moderator"]].label for row in rows],
        comparison=[contrast(row, summary, protocol) for row in rows],
    )
    return _headed(table, ModeratorResults)


def study_characteristics(studies: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Every record with its moderators and risk of bias, in the protocol's words."""
    found = {
        "Study": studies["label"],
        "Year": studies["year"],
        "Status": _plain(studies["status"]),
        "Reason": studies["reason"],
        "How groups were formed": studies["design_detail"],
        "Why it belongs": studies["eligibility"],
    }
    for name, moderator in protocol.moderators.items():
        values = studies[f"moderator_{name}"]
        labels = moderator.levels
        found[MODERATOR + moderator.label] = values if labels is None else values.map(labels)
    for name, label in protocol.risk_of_bias_domains.items():
        found[RISK_OF_BIAS + label] = _plain(studies[f"risk_{name}"])
    found |= {"Reference": studies["citation"], "Identifier": studies["identifier"]}
    return StudyCharacteristics.validate(pd.DataFrame(found))


def evidence_ledger(ledger: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    """Every reported value with its source."""
    return _headed(ledger.assign(study=_study_labels(ledger, studies)), EvidenceLedger)


def sensitivity_results(
    variations: pd.DataFrame, studies: pd.DataFrame, protocol: Protocol
) -> pd.DataFrame:
    """Every analysis with one choice changed."""
    labels = studies.set_index("study_id")["label"].to_dict()
    table = _labelled(_with_odds_ratio(variations), protocol).assign(
        analysis=_plain(variations["analysis"]),
        variant=[labels.get(variant, variant) for variant in variations["variant"]],
    )
    return _headed(table, SensitivityResults)


def check_results(checks: pd.DataFrame) -> pd.DataFrame:
    """Every check, those first that do not pass."""
    order = checks["verdict"].map({"stop": 0, "warn": 1, "pass": 2}).sort_values(kind="stable")
    table = checks.loc[order.index]
    return _headed(table.assign(check=_plain(table["check"])), CheckResults)


def _labelled(table: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Outcomes, and models where there are any, by their labels."""
    labels: dict[str, Any] = {
        "outcome": {name: outcome.label for name, outcome in protocol.outcomes.items()},
        "model": {name: model.label for name, model in protocol.models.items()},
    }
    return table.assign(**{key: table[key].map(labels[key]) for key in labels if key in table})


def _with_odds_ratio(table: pd.DataFrame) -> pd.DataFrame:
    ratios = {name: np.exp(table[quantile]) for name, quantile in ODDS_RATIO.items()}
    return table.assign(**ratios, p_more=table["p_above_zero"])


def _study_labels(table: pd.DataFrame, studies: pd.DataFrame) -> pd.Series:
    return table["study_id"].map(studies.set_index("study_id")["label"])


def _plain(names: pd.Series) -> pd.Series:
    """Names such as ``not_usable`` as words."""
    return names.str.replace("_", " ")


def _headed(table: pd.DataFrame, model: type[Table]) -> pd.DataFrame:
    """Columns of a reader's table under their headings."""
    headings = {
        field.original_name.removesuffix("_"): heading
        for heading, (_, field) in model.__fields__.items()
    }
    return model.validate(table[list(headings)].rename(columns=headings))
