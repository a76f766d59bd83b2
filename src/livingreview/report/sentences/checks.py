"""Sentences on the checks: how many pass, which warn, and what a warning means."""

from __future__ import annotations

import pandas as pd

from livingreview.protocol.models import OVERALL
from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claims, Sentences
from livingreview.tables.checks import Checks, Unchecked
from livingreview.tables.records import Conflicts, Questions
from livingreview.tables.statuses import ASKED, CONFIRMED

# What a warning of each check means for a reader, whatever the review.
MEANINGS = {
    "r_hat": "the sampler's chains do not agree, so its figures cannot be relied on",
    "ess_bulk": "too few independent draws stand behind the averages",
    "ess_tail": "too few independent draws stand behind the ends of the intervals",
    "divergences": "the sampler could not enter a part of the posterior, which may be missing",
    "e_bfmi": "the sampler explores the tails slowly, so the ends of intervals may be off",
    "parity": "sampling and numerical integration give different answers to the same question",
    "duplicate_evidence": "two studies have the same numbers, so one may be counted twice",
    "prior_effect": "the prior thinks effects possible that no one would expect",
    "prior_predictive_p": "the reports are not what the prior expected; prior and studies disagree",
    "posterior_predictive_p": "the model does not reproduce a trait of what the studies reported",
    "pareto_k": "one study is so influential that the answer without it is only roughly known",
    "loo_pit_p": "one study is unlike what the others predict of it",
    "prior_sensitivity": "the answer would move if the prior were a little stronger or weaker, so"
    " part of it is the prior's",
    "likelihood_sensitivity": "the answer would hardly move if the studies weighed more or less,"
    " so they say little",
    "reml_sds": "a usual meta-analysis of the same numbers gives a clearly different average",
    "small_group_sds": "what statements from groups of fewer than 50 people say hangs on the test"
    " behind them, or on a normal law that sampling takes for them",
}
NO_MEANING = "the figure lies outside the protocol's limit"


def overview(claims: Claims) -> Sentences:
    """How many checks there are and how they ended.

    Raises
    ------
    ValueError
        If a check stops the build: no report is written over it.
    """
    verdicts = set(claims.tables[Checks.file]["verdict"])
    if "stop" in verdicts:
        raise ValueError("a report cannot be written over failed checks")
    every, passed = claims.count(Checks.file), claims.count(Checks.file, verdict="pass")
    if "warn" not in verdicts:
        text = f"All {every} checks of the fits and the evidence that could be made passed."
    else:
        warn = claims.count(Checks.file, verdict="warn")
        text = (
            f"Of {every} checks of the fits and the evidence, {passed} pass,"
            f" {warn} warn. A warning says where a result is fragile; a check that finds one wrong"
            " stops the build, and no page is made."
        )
    unchecked = claims.tables[Unchecked.file]
    return claims.sentences(
        overview=text,
        unchecked=f"Checks that could not be made, of a fit in one of the tables:"
        f" {claims.count(Unchecked.file)}. The table unchecked.csv among the results says why."
        if len(unchecked)
        else "",
    )


def warnings(claims: Claims, protocol: Protocol) -> Sentences:
    """Each kind of warning, by the name of the check."""
    checks = claims.tables[Checks.file]
    kinds = checks[checks["verdict"] == "warn"].groupby("check", sort=False)
    texts = {str(kind): _warning(claims, protocol, str(kind), rows) for kind, rows in kinds}
    return claims.sentences(**texts)


def _warning(claims: Claims, protocol: Protocol, kind: str, rows: pd.DataFrame) -> str:
    """One kind of warning: how often, on what, and what it means."""
    fits = list(dict.fromkeys(rows["fit"]))
    subjects = ", ".join(dict.fromkeys(_subject(fit, protocol) for fit in fits))
    behind = [
        outcome.phrase for name, outcome in protocol.outcomes.items() if f"{name}/{OVERALL}" in fits
    ]
    models, are = ("models", "are") if len(behind) > 1 else ("model", "is")
    count = claims.count(Checks.file, check=kind, verdict="warn")
    text = f"{kind.replace('_', ' ')}: {count} ({subjects}). It means that {meaning(kind)}."
    if behind:
        text += f" The {models} behind the verdict on {', '.join(behind)} {are} among them."
    return text


def meaning(kind: str) -> str:
    """What a warning of a check means, as a clause."""
    return MEANINGS.get(kind, NO_MEANING)


def _subject(fit: str, protocol: Protocol) -> str:
    """Words for what a fit is about."""
    name = fit.split("/")[0]
    return protocol.outcomes[name].phrase if name in protocol.outcomes else "all outcomes at once"


def soundness(claims: Claims) -> Sentences:
    """How well the sampler went, how far the two engines are apart, where sources conflict."""
    return claims.sentences(
        sampling=_sampling(claims),
        parity=_parity(claims),
        small_groups=_small_groups(claims),
        conflicts=_conflicts(claims),
    )


def oddities(claims: Claims) -> Sentences:
    """What looks odd on record, and whether anyone said that it is right."""
    counts = {
        status: claims.count(Questions.file, status=status)
        for status in (ASKED, CONFIRMED)
        if claims.has_rows(Questions.file, status=status)
    }
    return claims.sentences(
        none="" if counts else "No value on record looks odd.",
        asked=f"Odd, and neither corrected nor confirmed: {counts[ASKED]} of the values on record."
        " They are analysed all the same."
        if ASKED in counts
        else "",
        confirmed=f"Odd, and confirmed with a reason: {counts[CONFIRMED]} of the values on record."
        if CONFIRMED in counts
        else "",
    )


def _sampling(claims: Claims) -> str:
    """How well the sampler went, by its three best-known figures."""
    if not claims.has_rows(Checks.file, check="r_hat"):
        return "No model was sampled, so there is no sampler to check."
    r_hat = claims.aggregate("max", Checks.file, "value", "three_decimals", check="r_hat")
    ess = claims.aggregate("min", Checks.file, "value", "whole", check="ess_bulk")
    divergences = claims.aggregate("sum", Checks.file, "value", "whole", check="divergences")
    return (
        f"The largest R-hat is {r_hat}, the smallest effective sample size {ess}, and {divergences}"
        " transitions diverged."
    )


def _parity(claims: Claims) -> str:
    """How far the two engines are apart, where both could run."""
    checks = claims.tables[Checks.file]
    verdicts = checks.loc[checks["check"] == "parity", "verdict"]
    if verdicts.empty:
        return ""
    agree = "agree" if (verdicts == "pass").all() else "do not agree everywhere"
    worst = claims.aggregate("max", Checks.file, "value", "two_decimals", check="parity")
    return (
        "Where the same model can also be solved by numerical integration, the two"
        f" {agree}: figures differ by up to {worst} Monte Carlo standard errors."
    )


def _small_groups(claims: Claims) -> str:
    """What the law of statements from small groups moves, where there are any."""
    if not claims.has_rows(Checks.file, check="small_group_sds"):
        return ""
    worst = claims.aggregate("max", Checks.file, "value", "two_decimals", check="small_group_sds")
    return (
        "What studies with fewer than 50 people in a group say of significance is weighed by exact"
        " probabilities in numerical integration, and roughly in sampling. With the rough ones, or"
        f" with another test, pooled figures move by up to {worst} of their standard deviation."
    )


def _conflicts(claims: Claims) -> str:
    """Where sources contradict each other."""
    if claims.tables[Conflicts.file].empty:
        return "No two sources were found to contradict each other."
    return f"Sources contradict each other in {claims.count(Conflicts.file)} places, listed below."
