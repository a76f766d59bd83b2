"""Sentences on the checks: how many pass, which warn, and what a warning means."""

from __future__ import annotations

import pandas as pd

from livingreview.protocol.models import OVERALL
from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claims, Sentence, sentence

CHECKS = "4_checks/checks.csv"
CONFLICTS = "1_records/conflicts.csv"

# What a warning of each check means for a reader, whatever the review.
MEANINGS = {
    "r_hat": "the sampler's chains do not agree, so its figures cannot be relied on",
    "ess_bulk": "too few independent draws stand behind the averages",
    "ess_tail": "too few independent draws stand behind the ends of the intervals",
    "divergences": "the sampler could not enter a part of the posterior, which may be missing",
    "e_bfmi": "the sampler explores the tails slowly, so the ends of intervals may be off",
    "parity": "sampling and numerical integration give different answers to the same question",
    "duplicate_evidence": "two studies have the same numbers, so one may be counted twice",
    "prior_odds_ratio": "the prior thinks effects possible that no one would expect",
    "prior_predictive_p": "the reports are not what the prior expected; prior and studies disagree",
    "posterior_predictive_p": "the model does not reproduce a trait of what the studies reported",
    "pareto_k": "one study is so influential that the answer without it is only roughly known",
    "loo_pit_p": "one study is unlike what the others predict of it",
    "prior_sensitivity": "the answer would move if the prior were a little stronger or weaker, so"
    " part of it is the prior's",
    "likelihood_sensitivity": "the answer would hardly move if the studies weighed more or less,"
    " so they say little",
    "reml_sds": "a usual meta-analysis of the same numbers gives a clearly different average",
}
NO_MEANING = "the figure lies outside the protocol's limit"


def check_sentences(claims: Claims, checks: pd.DataFrame, protocol: Protocol) -> list[Sentence]:
    """How many checks there are and how they ended, then each kind of warning.

    Raises
    ------
    ValueError
        If a check stops the build: no report is written over it.
    """
    if (checks["verdict"] == "stop").any():
        raise ValueError("a report cannot be written over failed checks")
    warned = checks[checks["verdict"] == "warn"]
    every = claims.number_of_rows(CHECKS)
    passed = claims.number_of_rows(CHECKS, verdict="pass")
    if warned.empty:
        rule, template = "no check warns", "All {every} checks of the fits and the evidence passed."
        return [sentence("checks", rule, template, every=every)]
    kinds = list(dict.fromkeys(warned["check"]))
    return [
        sentence(
            "checks",
            "a check warns, none stops",
            "Of {every} checks of the fits and the evidence, {passed} pass, {warned} warn, and none"
            " says that a result is wrong. A warning says where a result is fragile:",
            every=every,
            passed=passed,
            warned=claims.number_of_rows(CHECKS, verdict="warn"),
        ),
        *(_warning(claims, warned[warned["check"] == kind], kind, protocol) for kind in kinds),
    ]


def _warning(claims: Claims, warned: pd.DataFrame, kind: str, protocol: Protocol) -> Sentence:
    """One kind of warning: how often, on what, and what it means."""
    fits = list(dict.fromkeys(warned["fit"]))
    on = ", ".join(dict.fromkeys(_on(fit, protocol) for fit in fits))
    behind = [
        outcome.phrase for name, outcome in protocol.outcomes.items() if f"{name}/{OVERALL}" in fits
    ]
    several = len(behind) > 1
    of_verdict = (
        f" The model{'s' if several else ''} behind the verdict on {', '.join(behind)}"
        f" {'are' if several else 'is'} among them."
    )
    return sentence(
        f"check-{kind}",
        f"the check {kind} warns" + (" of a model behind a verdict" if behind else ""),
        f"{kind.replace('_', ' ')}: "
        + "{count} "
        + f"({on}). It means that {meaning(kind)}."
        + (of_verdict if behind else ""),
        count=claims.number_of_rows(CHECKS, check=kind, verdict="warn"),
    )


def meaning(kind: str) -> str:
    """What a warning of a check means, as a clause."""
    return MEANINGS.get(kind, NO_MEANING)


def _on(fit: str, protocol: Protocol) -> str:
    """Words for what a fit is about."""
    name = fit.split("/")[0]
    return protocol.outcomes[name].phrase if name in protocol.outcomes else "all outcomes at once"


def sampler_sentence(claims: Claims, checks: pd.DataFrame) -> Sentence:
    """How well the sampler went, by its three best-known figures."""
    if not (checks["check"] == "r_hat").any():
        return sentence("soundness-sampling", "no model was sampled", "No model was sampled.")
    return sentence(
        "soundness-sampling",
        "a model was sampled",
        "The largest R-hat is {r_hat}, the smallest effective sample size {ess}, and {divergences}"
        " transitions diverged.",
        r_hat=claims.total(CHECKS, "value", "max", "three_decimals", check="r_hat"),
        ess=claims.total(CHECKS, "value", "min", "whole", check="ess_bulk"),
        divergences=claims.total(CHECKS, "value", "sum", "whole", check="divergences"),
    )


def parity_sentences(claims: Claims, checks: pd.DataFrame) -> list[Sentence]:
    """How far the two engines are apart, where both could run."""
    parity = checks[checks["check"] == "parity"]
    if parity.empty:
        return []
    agrees = bool((parity["verdict"] == "pass").all())
    return [
        sentence(
            "soundness-parity",
            "both engines could run and " + ("agree" if agrees else "do not agree everywhere"),
            "Where the same model can also be solved by numerical integration, "
            + ("the two agree" if agrees else "the two do not agree everywhere")
            + ": figures differ by up to {worst} Monte Carlo standard errors.",
            worst=claims.total(CHECKS, "value", "max", "two_decimals", check="parity"),
        )
    ]


def conflict_sentence(claims: Claims, conflicts: pd.DataFrame) -> Sentence:
    """Where sources contradict each other."""
    if conflicts.empty:
        rule, template = "no conflict", "No two sources were found to contradict each other."
        return sentence("soundness-conflicts", rule, template)
    return sentence(
        "soundness-conflicts",
        "at least one conflict",
        "Sources contradict each other in {conflicts} places, listed below.",
        conflicts=claims.number_of_rows(CONFLICTS),
    )
