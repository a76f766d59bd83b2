"""Sentences on the evidence as a whole: groups of studies, small studies, the next trial."""

from __future__ import annotations

from typing import Any

import pandas as pd

from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claim, Claims, Key, Sentence, sentence

CLUSTERS = "6_sensitivity/clusters.csv"
SMALL_STUDIES = "6_sensitivity/small_studies.csv"
NEXT_TRIAL = "6_sensitivity/next_trial_summary.csv"
CHANCES = "6_sensitivity/next_trial.csv"
TOLD = "6_sensitivity/told.csv"
LOWER, HIGHER = 1, 2
# Ways of pooling the subsets, as a phrase.
POOLINGS = {
    "hierarchical": "pooled as in the main analysis",
    "common_effect": "pooled as if all studies had one effect, so that large ones weigh most",
}


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
    told = tables[TOLD].set_index("outcome").loc[name]
    column = "reason" if told["status"] == "refused" else "clusters"
    if not pd.isna(told[column]):
        return [
            sentence(
                f"{name}-alike",
                "no subsets were compared",
                "Cannot be judged from the subsets of its studies: {reason}.",
                reason=claims.cell(TOLD, column, "words", outcome=name),
            )
        ]
    clusters = tables[CLUSTERS]
    of_outcome = clusters[clusters["outcome"] == name]
    two = set(of_outcome.loc[of_outcome["verdict"] == "two_clusters", "pooling"])
    if not two:
        return [
            sentence(
                f"{name}-alike",
                "subsets make one cloud, however they are pooled",
                "The pooled effects of all subsets of its studies make one cloud: no study divides"
                " them in two. That does not mean that the studies agree.",
            )
        ]
    labels = tables["1_records/studies.csv"].set_index("study_id")["label"].to_dict()
    return [
        said
        for pooling in POOLINGS
        if pooling in two
        for said in _two_clusters(claims, name, pooling, labels)
    ]


def _two_clusters(
    claims: Claims, name: str, pooling: str, labels: dict[str, str]
) -> list[Sentence]:
    """Both clusters of one way of pooling, and the study that tells them apart."""

    def cell(column: str, style: str, cluster: int) -> Claim:
        where = {"outcome": name, "pooling": pooling}
        return claims.cell(CLUSTERS, column, style, cluster=cluster, **where)

    where: dict[str, Key] = {"outcome": name, "pooling": pooling, "cluster": HIGHER}
    return [
        sentence(
            f"{name}-{pooling}-groups",
            f"subsets make two clusters, {pooling}",
            f"Not all: {POOLINGS[pooling]}, the odds ratios of all subsets of its studies fall into"
            " two groups, around {low} (share of the subsets: {low_share}) and around {high}"
            " ({high_share}). One average then stands for two kinds of answer.",
            low=cell("centre", "exponential", LOWER),
            low_share=cell("share", "share", LOWER),
            high=cell("centre", "exponential", HIGHER),
            high_share=cell("share", "share", HIGHER),
        ),
        sentence(
            f"{name}-{pooling}-groups-study",
            "the study whose presence tells the groups apart best",
            "What tells the groups apart best is {study}. Share of the lower group's subsets that"
            " have it: {low}; of the higher group's: {high}.",
            study=claims.label(CLUSTERS, "study_id", labels, **where),
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
                "Do small studies find something else than large ones, as they would if some"
                " results went unprinted? That stays unknown: {reason}.",
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
            "Over {effects} numeric effects, the log odds ratio changes by {slope} ({low} to"
            " {high}) for the protocol's difference in standard error; the probability that smaller"
            " studies find more is {above}. "
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
    rows = next_trial[next_trial["outcome"] == name].to_dict("records")
    people = protocol.outcomes[name].people
    return [_next_trial(claims, row, name, people) for row in rows]


def _next_trial(claims: Claims, row: dict[str, Any], name: str, people: str) -> Sentence:
    """The smallest trial that moves the verdict, at one true effect."""
    where: dict[str, Key] = {"outcome": name, "true_odds_ratio": float(row["true_odds_ratio"])}
    id = f"{name}-next-trial-{row['true_odds_ratio']}"

    def cell(column: str, style: str) -> Claim:
        return claims.cell(NEXT_TRIAL, column, style, **where)

    if pd.isna(row["p_at_largest"]):
        template = "If the true odds ratio is {odds}: not assessed, as {reason}."
        odds, reason = cell("true_odds_ratio", "two_decimals"), cell("reason", "words")
        return sentence(id, "no trial could be tried", template, odds=odds, reason=reason)
    lead = "Say that the true odds ratio is {odds}. "
    if pd.isna(row["smallest_per_arm"]):
        return sentence(
            id,
            "no size that was tried moves the verdict often enough",
            lead
            + "Then no trial of a size that was tried would move the verdict often enough. With"
            " {largest} " + f"{people} in each arm the probability is " + "{chance}.",
            odds=cell("true_odds_ratio", "two_decimals"),
            largest=cell("largest_per_arm", "whole"),
            chance=cell("p_at_largest", "percent"),
        )
    at = {**where, "people_per_arm": int(row["smallest_per_arm"])}
    return sentence(
        id,
        "a size that was tried moves the verdict often enough",
        lead
        + "Then a trial with {smallest} "
        + f"{people} in each arm would move the verdict with a"
        " probability of {chance} ({reason}).",
        odds=cell("true_odds_ratio", "two_decimals"),
        smallest=cell("smallest_per_arm", "whole"),
        chance=claims.cell(CHANCES, "p_moves", "percent", **at),
        reason=cell("reason", "words"),
    )
