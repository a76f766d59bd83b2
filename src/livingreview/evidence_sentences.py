"""Sentences on the evidence as a whole: groups of studies, small studies, the next trial."""

from __future__ import annotations

import math

import pandas as pd

from livingreview.claims import Claim, Claims, Key, Sentence, sentence
from livingreview.protocol.review import Protocol

CLUSTERS = "6_sensitivity/clusters.csv"
SMALL_STUDIES = "6_sensitivity/small_studies.csv"
NEXT_TRIAL = "6_sensitivity/next_trial_summary.csv"
LOWER, HIGHER = 1, 2


def alike_sentences(claims: Claims, tables: dict[str, pd.DataFrame], name: str) -> list[Sentence]:
    """Whether the subsets of an outcome's studies fall into two groups, and by which study.

    Parameters
    ----------
    claims : Claims
    tables : dict of DataFrame
        Result tables by file name.
    name : str
        Outcome.
    """
    clusters = tables[CLUSTERS]
    rows = clusters[clusters["outcome"] == name]
    if len(rows) < 2:
        return [
            sentence(
                f"{name}-alike",
                "subsets do not fall into groups",
                "Over all subsets of its studies the pooled effect does not fall into separate"
                " groups: no set of studies stands apart from the others.",
            )
        ]
    labels = tables["1_records/studies.csv"].set_index("study_id")["label"].to_dict()

    def cell(column: str, style: str, cluster: int) -> Claim:
        return claims.cell(CLUSTERS, column, style, outcome=name, cluster=cluster)

    return [
        sentence(
            f"{name}-groups",
            "subsets fall into two groups",
            "No: over all subsets of its studies the pooled odds ratio falls into two groups,"
            " around {low} ({low_share} of the subsets) and around {high} ({high_share}). The"
            " average of all studies then stands between two kinds of them.",
            low=cell("centre", "exponential", LOWER),
            low_share=cell("share", "share", LOWER),
            high=cell("centre", "exponential", HIGHER),
            high_share=cell("share", "share", HIGHER),
        ),
        sentence(
            f"{name}-groups-study",
            "the study whose presence tells the groups apart best",
            "What tells the groups apart best is {study}. Share of the lower group's subsets that"
            " have it: {low}; of the higher group's: {high}.",
            study=claims.label(CLUSTERS, "study_id", labels, outcome=name, cluster=HIGHER),
            low=cell("share_with_study", "share", LOWER),
            high=cell("share_with_study", "share", HIGHER),
        ),
    ]


def small_study_sentences(claims: Claims, small_studies: pd.DataFrame, name: str) -> list[Sentence]:
    """Whether small studies find something else than large ones, or why that cannot be said."""
    rows = small_studies[small_studies["outcome"] == name]
    if rows.empty:
        return []
    [row] = rows.to_dict("records")
    where = {"outcome": name}
    if row["status"] == "refused":
        return [
            sentence(
                f"{name}-small-studies",
                "refused",
                "Whether small studies find something else than large ones, as they would if some"
                " results went unprinted, cannot be assessed: {reason}.",
                reason=claims.cell(SMALL_STUDIES, "reason", "words", **where),
            )
        ]
    either = row["slope_low"] < 0 < row["slope_high"]

    def slope(column: str) -> Claim:
        return claims.cell(SMALL_STUDIES, column, "two_decimals", **where)

    return [
        sentence(
            f"{name}-small-studies",
            "interval contains no slope" if either else "interval excludes no slope",
            "Over {effects} effects, the log odds ratio changes by {slope} ({low} to {high}) for"
            " each unit of standard error; the probability that smaller studies find more is"
            " {above}. "
            + (
                "That leaves open whether small studies differ."
                if either
                else "Small studies differ from large ones, which may come from results that"
                " went unprinted, or from other differences between them."
            ),
            effects=claims.cell(SMALL_STUDIES, "effects", "whole", **where),
            slope=slope("slope"),
            low=slope("slope_low"),
            high=slope("slope_high"),
            above=claims.cell(SMALL_STUDIES, "p_above_zero", "percent", **where),
        )
    ]


def next_trial_sentences(
    claims: Claims, next_trial: pd.DataFrame, name: str, protocol: Protocol
) -> list[Sentence]:
    """How large a new trial would have to be to move the verdict, at each true effect."""
    rows = next_trial[next_trial["outcome"] == name]
    people = protocol.outcomes[name].people
    said = []
    for row in rows.to_dict("records"):
        where: dict[str, Key] = {"outcome": name, "true_odds_ratio": float(row["true_odds_ratio"])}
        odds = claims.cell(NEXT_TRIAL, "true_odds_ratio", "ratio", **where)
        at_largest = claims.cell(NEXT_TRIAL, "p_at_largest", "percent", **where)
        largest = claims.cell(NEXT_TRIAL, "largest_per_arm", "whole", **where)
        id = f"{name}-next-trial-{row['true_odds_ratio']}"
        if math.isnan(row["smallest_per_arm"]):
            said.append(
                sentence(
                    id,
                    "no size that was tried moves the verdict often enough",
                    "If the true odds ratio is {odds}, no single trial of a size that was tried"
                    " would be likely enough to move the verdict: with {largest} "
                    + f"{people} in each arm the probability is "
                    "{at_largest}.",
                    odds=odds,
                    largest=largest,
                    at_largest=at_largest,
                )
            )
            continue
        said.append(
            sentence(
                id,
                "a size that was tried moves the verdict often enough",
                "If the true odds ratio is {odds}, a trial with {smallest} "
                + f"{people} in each arm would be likely to move the verdict.",
                odds=odds,
                smallest=claims.cell(NEXT_TRIAL, "smallest_per_arm", "whole", **where),
            )
        )
    return said
