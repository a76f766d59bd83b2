"""Sentences on what the answer hangs on: one study, a prior, a design, a number taken."""

from __future__ import annotations

from livingreview.base.rounding import exact_percent
from livingreview.protocol.review import Protocol
from livingreview.report.claims import ClaimRow, Claims, Sentences
from livingreview.report.outcome_analyses import OutcomeAnalyses
from livingreview.report.study_records import study_labels
from livingreview.tables.sensitivity import MultiverseSummary, VariedOutcomes
from livingreview.tables.synthesis import Moderators, Summary

# Level of the moderator `design` that stage 6 analyses alone.
EXPERIMENTAL = "experimental"
# Evidence that it analyses alone.
NUMBERS = "numbers"
# A noun phrase for each choice of the multiverse.
CHOICES = {
    "priors": "the prior",
    "baseline": "what is assumed of the arms of studies",
    "design": "which designs count",
    "evidence": "which kinds of evidence count",
    "risk_of_bias": "whether studies at high risk of bias count",
    "follow_up": "which follow-up counts of studies with several",
    "left_out": "which study is left out",
    "routes": "which of the reported figures are taken",
}


def choice_sentences(claims: Claims, protocol: Protocol, name: str) -> Sentences:
    """What the answer on one outcome hangs on, the short answer first."""
    status = claims.row(VariedOutcomes.file, outcome=name)
    if status["status"] == "refused":
        return claims.sentences(answer=f"Not varied, as {status.reason}.")
    analyses = OutcomeAnalyses(claims, protocol, name)
    return claims.sentences(
        answer=_short_answer(analyses),
        **_one_study(analyses),
        priors=_priors(analyses),
        **_experiments(analyses),
        numbers=_numbers(analyses),
        baseline=_range(
            analyses,
            "baseline",
            "With other assumptions on how common the outcome is in the control arm",
        ),
        sizes=_range(
            analyses,
            "sizes",
            "With half or twice as many people taken to be in groups whose size no source gives",
        ),
        correlation=_range(
            analyses,
            "correlation",
            "With other correlations of the errors of one study's effects",
        ),
        route=_range(
            analyses,
            "route",
            "With other reported figures, sizes or splits in place of one that was taken",
        ),
        **_multiverse(analyses, status),
    )


def _short_answer(analyses: OutcomeAnalyses) -> str:
    """Whether changing one choice turns the direction, or moves how sure it is."""
    singles, planned = analyses.singles, analyses.step(analyses.planned)
    if not singles:
        return "There is no choice to vary."
    measure = analyses.protocol.measure
    turned = [row for row in singles if not analyses.same_direction(row)]
    moved = [row for row in singles if analyses.step(row) != planned]
    every = analyses.count_singles(singles)
    if turned:
        return (
            f"Yes, even in its direction. Of {every} analyses that each change one choice,"
            f" {analyses.count_singles(turned, **analyses.other_side())}"
            f" {'puts' if len(turned) == 1 else 'put'} the pooled {measure.phrase} on the other"
            f" side of {measure.null_text}."
        )
    if moved:
        return (
            f"In its direction no, in how sure it is yes. All {every} analyses that each change"
            f" one choice stay on the same side of {measure.one} of {measure.null_text}. But in"
            f" {analyses.count_singles(moved, **analyses.other_step())} of them that side is more"
            " probable, or less, by a step of the verdicts."
        )
    return (
        f"No. All {every} analyses that each change one choice stay on the same side of"
        f" {measure.one} of {measure.null_text}. They stay on the same step of the verdicts, too."
    )


def _range(analyses: OutcomeAnalyses, kind: str, lead: str) -> str:
    """Range of the pooled effect over analyses of one kind, where there are any."""
    return f"{lead}, {analyses.range(kind)}." if analyses.of_kind(kind) else ""


def _one_study(analyses: OutcomeAnalyses) -> dict[str, str]:
    """Range with one study left out, and the study that moves it most."""
    rows = analyses.of_kind("leave_one_out")
    if not rows:
        return {"one_study": "It rests on one study alone."}
    lead = "With one study left out at a time"
    planned = analyses.planned["q50"]
    most = max(rows, key=lambda row: abs(row["q50"] - planned))
    return {
        "one_study": _range(analyses, "leave_one_out", lead),
        "one_study_most": f"{most.claim('variant', labels=study_labels(analyses.claims))} moves it"
        f" most: without it the probability of {analyses.sides['more']} is {most.p_above_zero}.",
    }


def _priors(analyses: OutcomeAnalyses) -> str:
    """Range over the other prior sets, and which lies where."""
    rows = analyses.of_kind("priors")
    if not rows:
        return ""
    pooled = analyses.range("priors")
    lowest = min(rows, key=lambda row: row["p_above_zero"]).variant
    highest = max(rows, key=lambda row: row["p_above_zero"]).variant
    sets = (
        f"; that probability is least under the set {lowest} and most under the set {highest}"
        if len(rows) > 1
        else f" (the set {lowest})"
    )
    return f"With another set of priors, {pooled}{sets}."


def _experiments(analyses: OutcomeAnalyses) -> dict[str, str]:
    """What experiments say alone, against all studies, and how few they are."""
    rows = analyses.of_kind("design")
    if not rows:
        return {}
    [row] = rows
    planned = analyses.planned
    step, step_of_all = analyses.step(row), analyses.step(planned)
    if not analyses.same_direction(row):
        comparison = "point the other way"
    elif step > step_of_all:
        comparison = "point the same way, and more surely"
    elif step < step_of_all:
        comparison = "point the same way, but less surely"
    else:
        comparison = "point the same way, about as surely"
    too_few = row["studies"] < analyses.protocol.decisions.fewest_studies_for_a_verdict
    consequence = (
        "fewer than a verdict needs."
        if too_few
        else "so this rests on less evidence, and is one of several cuts that could be made."
    )
    texts = {
        "experiments": f"Experiments alone {comparison}: {analyses.answer(row)}, against"
        f" {planned.p_above_zero} from all studies.",
        "experiments_few": f"They are only {row.studies} of the {planned.studies} studies,"
        f" {consequence}",
    }
    if step > step_of_all and row["tau"] < planned["tau"]:
        texts["experiments_alike"] = (
            "They are also surer because they look more alike: the spread between studies, τ, is"
            f" {row.tau} among them and {planned.tau} among all. So few studies say little of their"
            " spread."
        )
    return texts | {"designs_differ": _designs_differ(analyses)}


def _designs_differ(analyses: OutcomeAnalyses) -> str:
    """Whether experiments differ from the other studies at all, by the verdict on moderators."""
    claims, models = analyses.claims, analyses.protocol.models
    keys = ("outcome", "model", "coefficient")
    rows = [
        row
        for row in claims.rows(Moderators.file, keys, outcome=analyses.outcome)
        if models[row["model"]].moderators == ["design"]
    ]
    if len(rows) != 1:
        return ""
    [row] = rows
    fit = f"{row['outcome']}/{row['model']}"
    experiments = claims.row(Summary.file, fit=fit, setting=f"design={EXPERIMENTAL}")
    return (
        "Whether experiments find something else than the other studies:"
        f" {row.verdict_words}. One model of all studies that lets designs differ gives experiments"
        f" a probability of {analyses.sides['more']} of {experiments.p_more}."
    )


def _numbers(analyses: OutcomeAnalyses) -> str:
    """What numbers say without findings."""
    rows = [row for row in analyses.of_kind("evidence") if row["variant"] == NUMBERS]
    if not rows:
        return ""
    return (
        f"Numbers alone, without findings ({rows[0].claim('studies', 'studies')}):"
        f" {analyses.answer(rows[0])}."
    )


def _multiverse(analyses: OutcomeAnalyses, status: ClaimRow) -> dict[str, str]:
    """The product of all choices: its range, the share on each side, what matters most."""
    row = analyses.claims.row(MultiverseSummary.file, outcome=analyses.outcome)
    rules = analyses.protocol.sensitivity
    drawn = ""
    if int(status["possible"]) > rules.most_specifications:
        drawn = f" drawn at random from {status.possible}"
    measure = analyses.protocol.measure
    count, low, middle, high = row.claimed("specifications", "lowest", "middle", "highest").values()
    runs = f"the pooled {measure.phrase} runs from {low} to {high}, {middle} in the middle, over "
    texts = {
        "multiverse": f"All choices at once: {runs if analyses.size_learnt else ''}{count}"
        f" combinations{drawn}. Share of them with {measure.one} above"
        f" {measure.null_text}: {row.above_zero}; share in which the probability of"
        f" {analyses.sides['more']} exceeds {exact_percent(rules.decisive_probability)}:"
        f" {row.decisively_above}; in which that of {analyses.sides['less']} does:"
        f" {row.decisively_below}."
    }
    if status["kept_as_planned"]:
        texts["multiverse_as_planned"] = (
            "Assumptions and follow-ups stay as planned there, as the studies are many; each is"
            " changed alone above."
        )
    explained = f"explained_by_{row['choice_that_matters_most']}"
    if row[explained] > 0:
        texts["multiverse_most"] = (
            "What matters most among these choices is"
            f" {row.claim('choice_that_matters_most', labels=CHOICES)}: alone it explains"
            f" {row.claim(explained)} of the variance of the pooled effect."
        )
    return texts
