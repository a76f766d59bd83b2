"""Sentences on whether studies are alike: groups of studies, and small against large ones."""

from __future__ import annotations

from livingreview.report.claims import Claims, Sentences
from livingreview.report.study_records import study_labels
from livingreview.tables.sensitivity import SmallStudyEffects, SubsetClusters, VariedOutcomes

LOWER, HIGHER = 1, 2
# Ways of pooling the subsets, as a phrase.
POOLINGS = {
    "hierarchical": "pooled as in the main analysis",
    "common_effect": "pooled as if all studies had one effect, so that large ones weigh most",
}


def group_sentences(claims: Claims, name: str) -> Sentences:
    """Whether the subsets of an outcome's studies fall into two groups, and by which study."""
    status = claims.row(VariedOutcomes.file, outcome=name)
    column = "reason" if status["status"] == "refused" else "clusters"
    if status.has(column):
        return claims.sentences(
            refusal=f"Cannot be judged from the subsets of its studies: {status.claim(column)}."
        )
    clusters = claims.tables[SubsetClusters.file]
    two = clusters[(clusters["outcome"] == name) & (clusters["verdict"] == "two_clusters")]
    texts: dict[str, str] = {}
    for pooling in POOLINGS:
        if (two["pooling"] == pooling).any():
            texts |= _two_groups(claims, name, pooling)
    return claims.sentences(**texts) or claims.sentences(
        one_group="The pooled effects of all subsets of its studies make one cloud: no study"
        " divides them in two. That does not mean that the studies agree."
    )


def _two_groups(claims: Claims, name: str, pooling: str) -> dict[str, str]:
    """Sentences about both groups under one way of pooling, and the study that separates them."""
    low, high = (
        claims.row(SubsetClusters.file, cluster=cluster, outcome=name, pooling=pooling)
        for cluster in (LOWER, HIGHER)
    )
    # The order of the keys makes the claim's anchor, which must stay the same between releases.
    named = claims.row(SubsetClusters.file, outcome=name, pooling=pooling, cluster=HIGHER)
    return {
        f"{pooling}_groups": f"Not all: {POOLINGS[pooling]}, the {claims.measure.plural} of all"
        f" subsets of its studies fall into two groups, around {low.centre} (share of the subsets:"
        f" {low.share}) and around {high.centre} ({high.share}). One average then stands for two"
        " kinds of answer.",
        f"{pooling}_study": "What tells the groups apart best is"
        f" {named.claim('study_id', labels=study_labels(claims))}. Share of the lower group's"
        f" subsets that have it: {low.share_with_study}; of the higher group's:"
        f" {high.share_with_study}.",
    }


def small_study_sentences(claims: Claims, name: str) -> Sentences:
    """Whether small studies find something else than large ones, or why that cannot be said."""
    rows = claims.rows(SmallStudyEffects.file, ["outcome"], outcome=name)
    if not rows:
        return {}
    [row] = rows
    if row["status"] == "refused":
        return claims.sentences(
            refusal="Do small studies find something else than large ones, as they would if some"
            f" results went unprinted? That stays unknown: {row.reason}."
        )
    conclusion = (
        "That leaves open whether small studies differ."
        if row["slope_low"] < 0 < row["slope_high"]
        else "Small studies differ from large ones, which may come from results that"
        " went unprinted, or from other differences between them."
    )
    return claims.sentences(
        slope=f"Over {row.effects} effects with a number, the {claims.measure.line} changes by"
        f" {row.slope} ({row.slope_low} to {row.slope_high}) for the protocol's difference in"
        f" standard error; the probability that smaller studies find more is {row.p_above_zero}."
        f" {conclusion}"
    )
