"""Stage 8: every column of every CSV file among the results, from the classes of the tables."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from livingreview.protocol.models import JOINT
from livingreview.protocol.review import Protocol
from livingreview.tables import (
    checks,
    models,
    readers,
    records,
    report,
    sensitivity,
    synthesis,
    updates,
)
from livingreview.tables.descriptions import Description, descriptions, rows_of
from livingreview.tables.effects import AlternativeTerms, StudyModerators, Terms
from livingreview.tables.table import Table

READERS_TABLES: dict[str, type[Table]] = {
    "pooled_results": readers.PooledResults,
    "study_effects": readers.EffectsOfStudies,
    "moderators": readers.ModeratorResults,
    "study_characteristics": readers.StudyCharacteristics,
    "evidence_ledger": readers.EvidenceLedger,
    "sensitivity": readers.SensitivityResults,
    "checks": readers.CheckResults,
}


def data_dictionary(protocol: Protocol) -> pd.DataFrame:
    """Describe the results of a review.

    Parameters
    ----------
    protocol : Protocol
        Names the outcomes, which have files of their own, and moderators and domains of risk of
        bias, which have columns.
    """
    rows = [
        {
            "file": file,
            "rows": rows_of(table),
            "column": name,
            "type": column.type,
            "allowed": column.allowed,
            "may_be_empty": column.nullable,
            "description": column.words,
        }
        for file, table in sorted(result_tables(protocol).items())
        for column in descriptions(table)
        for name in _names(column, protocol)
    ]
    return readers.DataDictionary.frame(rows)


def result_tables(protocol: Protocol) -> dict[str, type[Table]]:
    """Class of each table, by its file below the results folder."""
    joint = any(model.kind == JOINT for model in protocol.models.values())
    fitted = [*protocol.outcomes, *([JOINT] if joint else [])]
    return {
        "1_records/conflicts.csv": records.Conflicts,
        "1_records/effects.csv": records.Effects,
        "1_records/flow.csv": records.Flow,
        "1_records/ledger.csv": records.Ledger,
        "1_records/routes.csv": records.Routes,
        "1_records/studies.csv": records.Studies,
        "2_effects/alternatives.csv": AlternativeTerms,
        **{f"2_effects/{outcome}.csv": Terms for outcome in protocol.outcomes},
        **{f"2_effects/{outcome}.moderators.csv": StudyModerators for outcome in protocol.outcomes},
        **{f"3_models/{name}.models.csv": models.Models for name in fitted},
        "3_models/quadrature.csv": models.IntegratedPooled,
        "3_models/quadrature.models.csv": models.Integrated,
        "4_checks/checks.csv": checks.Checks,
        "4_checks/influence.csv": checks.Influence,
        "4_checks/left_out.csv": checks.LeftOut,
        "4_checks/parity.csv": checks.Parity,
        "4_checks/power_scaling.csv": checks.PowerScaling,
        "4_checks/predictive.csv": checks.Predictive,
        "4_checks/reml.csv": checks.Reml,
        "4_checks/sampling.csv": checks.Sampling,
        "4_checks/trajectories.csv": checks.Trajectories,
        "4_checks/unchecked.csv": checks.Unchecked,
        "5_synthesis/contrasts.csv": synthesis.Contrasts,
        "5_synthesis/conclusions.csv": synthesis.Conclusions,
        "5_synthesis/moderators.csv": synthesis.Moderators,
        "5_synthesis/per_1000.csv": synthesis.Per1000,
        "5_synthesis/pooled.csv": models.Pooled,
        "5_synthesis/study_effects.csv": synthesis.StudyEffects,
        "5_synthesis/summary.csv": synthesis.Summary,
        "6_sensitivity/clusters.csv": sensitivity.Clusters,
        "6_sensitivity/multiverse.csv": sensitivity.Multiverse,
        "6_sensitivity/multiverse_summary.csv": sensitivity.MultiverseSummary,
        "6_sensitivity/next_trial.csv": sensitivity.NextTrial,
        "6_sensitivity/next_trial_summary.csv": sensitivity.NextTrialSummary,
        "6_sensitivity/small_studies.csv": sensitivity.SmallStudies,
        "6_sensitivity/subsets.csv": sensitivity.Subsets,
        "6_sensitivity/told.csv": sensitivity.ToldSensitivity,
        "6_sensitivity/variations.csv": sensitivity.Variations,
        "8_report/claims.csv": report.ClaimsTable,
        "8_report/data_dictionary.csv": readers.DataDictionary,
        "8_report/emmie.csv": report.EmmieItems,
        **{f"8_report/tables/{name}.csv": table for name, table in READERS_TABLES.items()},
        "9_audit/attribution.csv": updates.Attribution,
        "9_audit/changes.csv": updates.Changes,
        "9_audit/flow_prisma.csv": updates.PrismaFlow,
        "9_audit/moves.csv": updates.Moves,
    }


def _names(column: Description, protocol: Protocol) -> Iterator[str]:
    """Names of the columns that a description is of."""
    if not column.many:
        yield column.name
        return
    endings: dict[str, list[str]] = {
        "moderator_": list(protocol.moderators),
        "risk_": list(protocol.risk_of_bias_domains),
        readers.MODERATOR: [moderator.label for moderator in protocol.moderators.values()],
        readers.RISK_OF_BIAS: list(protocol.risk_of_bias_domains.values()),
    }
    for ending in endings[column.name]:
        yield column.name + ending
