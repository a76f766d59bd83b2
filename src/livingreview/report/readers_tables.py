"""Stage 8: the tables that a reader would want, from result tables, under plain headings."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from livingreview.base.labels import in_sentence
from livingreview.protocol.models import OVERALL
from livingreview.protocol.review import Protocol
from livingreview.report.sentences.moderators import contrast, setting_label
from livingreview.tables.checks import Checks
from livingreview.tables.readers import (
    MODERATOR,
    RISK_OF_BIAS,
    CheckResults,
    EffectsOfStudies,
    EvidenceLedger,
    ModeratorResults,
    PooledResults,
    ReadersTable,
    SensitivityResults,
    StudyCharacteristics,
)
from livingreview.tables.records import Effects, Ledger, Studies
from livingreview.tables.sensitivity import Variations
from livingreview.tables.synthesis import Moderators, StudyEffects, Summary

# Columns of the effect and its interval, with the quantile of θ of each.
EFFECT = {"effect": "q50", "effect_low": "q2_5", "effect_high": "q97_5"}


def readers_tables(
    tables: Mapping[str, pd.DataFrame], protocol: Protocol
) -> dict[type[ReadersTable], pd.DataFrame]:
    """Every table for readers, from result tables by their files."""
    # Names of outcomes and models give way to their labels.
    labels = {
        "outcome": {name: outcome.label for name, outcome in protocol.outcomes.items()},
        "model": {name: model.label for name, model in protocol.models.items()},
    }
    columns = {
        PooledResults: _pooled_results(tables[Summary.file], protocol),
        EffectsOfStudies: _effects_of_studies(tables, protocol),
        ModeratorResults: _moderator_results(tables, protocol),
        StudyCharacteristics: _study_characteristics(tables[Studies.file], protocol),
        EvidenceLedger: _with_study_labels(tables[Ledger.file], tables),
        SensitivityResults: _sensitivity_results(tables, protocol),
        CheckResults: tables[Checks.file],
    }
    found = {
        table: table.headed(
            frame.assign(
                measured_by=protocol.measure.label,
                **{name: frame[name].map(labels[name]) for name in labels if name in frame},
            )
        )
        for table, frame in columns.items()
    }
    found[EffectsOfStudies] = found[EffectsOfStudies].sort_values(
        ["Outcome", "Study"], kind="stable"
    )
    found[CheckResults] = found[CheckResults].sort_values(
        "Verdict", key=lambda names: names.map({"stop": 0, "warn": 1, "pass": 2}), kind="stable"
    )
    return found


def _pooled_results(summary: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Every fit at every setting."""
    summary = Summary.without_unlearnt_sizes(summary)
    return summary.assign(setting=[_full_setting_label(s, protocol) for s in summary["setting"]])


def _full_setting_label(setting: str, protocol: Protocol) -> str:
    """Words for a setting such as ``design=experimental``, with the moderator named."""
    label = setting_label(setting, protocol)
    moderator = protocol.moderators.get(setting.partition("=")[0])
    if moderator is None or moderator.levels is None:
        return label
    return f"{moderator.label}: {in_sentence(label)}"


def _effects_of_studies(tables: Mapping[str, pd.DataFrame], protocol: Protocol) -> pd.DataFrame:
    """Every effect on record, the analysed ones with their posterior in the overall model."""
    effects = tables[Effects.file]
    posteriors = StudyEffects.without_unlearnt_sizes(tables[StudyEffects.file])
    overall = posteriors[posteriors["model"] == OVERALL].set_index("effect_id")
    joined = effects.join(overall[[*EFFECT.values(), "p_above_zero"]], on="effect_id")
    return _with_study_labels(_with_effect(joined, protocol), tables)


def _moderator_results(tables: Mapping[str, pd.DataFrame], protocol: Protocol) -> pd.DataFrame:
    """Every coefficient, with what could be learned of it."""
    moderators = Moderators.without_unlearnt_sizes(tables[Moderators.file])
    summary = tables[Summary.file]
    return moderators.assign(
        moderator=[protocol.moderators[name].label for name in moderators["moderator"]],
        coefficient=[contrast(row, summary, protocol) for row in moderators.to_dict("records")],
    )


def _study_characteristics(studies: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Every record with its moderators and risk of bias, in the protocol's words."""
    added = {}
    for name, moderator in protocol.moderators.items():
        values, labels = studies[f"moderator_{name}"], moderator.levels
        added[MODERATOR + moderator.label] = values if labels is None else values.map(labels)
    for name, label in protocol.risk_of_bias_domains.items():
        added[RISK_OF_BIAS + label] = studies[f"risk_{name}"]
    return studies.assign(**added)


def _sensitivity_results(tables: Mapping[str, pd.DataFrame], protocol: Protocol) -> pd.DataFrame:
    """Every analysis with one choice changed."""
    variations = Variations.without_unlearnt_sizes(tables[Variations.file])
    labels = _study_labels(tables)
    variants = [labels.get(variant, variant) for variant in variations["variant"]]
    return _with_effect(variations, protocol).assign(variant=variants)


def _with_effect(table: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    natural = protocol.measure.natural
    effects = {name: natural(table[quantile]) for name, quantile in EFFECT.items()}
    return table.assign(**effects, p_more=table["p_above_zero"])


def _with_study_labels(table: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    return table.assign(label=table["study_id"].map(_study_labels(tables)))


def _study_labels(tables: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    return tables[Studies.file].set_index("study_id")["label"].to_dict()
