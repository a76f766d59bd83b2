"""Sentences on what the answer hangs on: one study, a prior, a design, a number taken."""

from __future__ import annotations

import pandas as pd

from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claim, Claims, Sentence, sentence
from livingreview.report.selection import Condition
from livingreview.report.sentences.evidence import TOLD
from livingreview.report.sentences.results import MODERATORS, SUMMARY
from livingreview.report.varied_outcome import SINGLE, VARIATIONS, Varied

MULTIVERSE = "6_sensitivity/multiverse_summary.csv"

# Level of the moderator `design` that stage 6 analyses alone.
EXPERIMENTAL = "experimental"
# A noun phrase for each choice of the multiverse.
CHOICES = {
    "priors": "the prior",
    "baseline": "how common the outcome is taken to be in the control arm",
    "design": "which designs count",
    "evidence": "which kinds of evidence count",
    "left_out": "which study is left out",
    "routes": "which of the reported figures are taken",
}


def choice_sentences(
    claims: Claims, tables: dict[str, pd.DataFrame], name: str, protocol: Protocol
) -> list[Sentence]:
    """What the answer on one outcome hangs on, the short answer first.

    Parameters
    ----------
    claims : Claims
    tables : dict of DataFrame
        Result tables by file name.
    name : str
        Outcome.
    protocol : Protocol
    """
    told = tables[TOLD].set_index("outcome").loc[name]
    if told["status"] == "refused":
        return [
            sentence(
                f"{name}-choices-refused",
                "the choices could not be varied",
                "Not varied, as {reason}.",
                reason=claims.cell(TOLD, "reason", "words", outcome=name),
            )
        ]
    labels = tables["1_records/studies.csv"].set_index("study_id")["label"].to_dict()
    varied = Varied(
        claims,
        name,
        protocol,
        variations=_of(tables[VARIATIONS], name),
        moderators=_of(tables[MODERATORS], name),
        studies=labels,
    )
    return [
        _short_answer(varied),
        *_one_study(varied),
        *_priors(varied),
        *_experiments(varied),
        *_numbers(varied),
        *_assumed(varied),
        *_all_at_once(varied, tables[MULTIVERSE], told),
    ]


def _of(table: pd.DataFrame, outcome: str) -> pd.DataFrame:
    return table[table["outcome"] == outcome]


def _short_answer(varied: Varied) -> Sentence:
    """Whether changing one choice turns the direction, or moves how sure it is."""
    singles = varied.singles
    id = f"{varied.name}-choices"
    if singles.empty:
        return sentence(id, "nothing to vary", "There is no choice to vary.")
    turned = singles[[not varied.same_direction(row) for _, row in singles.iterrows()]]
    planned = varied.step(varied.planned)
    moved = singles[[varied.step(row) != planned for _, row in singles.iterrows()]]

    def count(rows: pd.DataFrame, **where: Condition) -> Claim:
        changed = Condition.any_of(*SINGLE)
        return varied.claims.number_of(
            VARIATIONS, rows, outcome=varied.name, analysis=changed, **where
        )

    every = count(singles)
    if len(turned):
        return sentence(
            id,
            "a single change puts the pooled effect on the other side",
            "Yes, even in its direction. Of {every} analyses that each change one choice, {turned}"
            f" {'puts' if len(turned) == 1 else 'put'} the pooled odds ratio on the other side of"
            " 1.",
            every=every,
            turned=count(turned, q50=varied.other_side()),
        )
    if len(moved):
        return sentence(
            id,
            "a single change moves the probability to another step of the verdicts",
            "In its direction no, in how sure it is yes. All {every} analyses that each change one"
            " choice stay on the same side of an odds ratio of 1. But in {moved} of them that side"
            " is more probable, or less, by a step of the verdicts.",
            every=every,
            moved=count(moved, **varied.other_step()),
        )
    return sentence(
        id,
        "no single change moves direction or step",
        "No. All {every} analyses that each change one choice stay on the same side of an odds"
        " ratio of 1. They stay on the same step of the verdicts, too.",
        every=every,
    )


def _one_study(varied: Varied) -> list[Sentence]:
    """Range with one study left out, and the study that moves it most."""
    rows = varied.rows("leave_one_out")
    if rows.empty:
        rule = "only one study"
        return [sentence(f"{varied.name}-one-study", rule, "It rests on one study alone.")]
    distance = (rows["q50"] - varied.planned["q50"]).abs()
    most = str(rows.loc[distance.idxmax(), "variant"])
    where = {"outcome": varied.name, "analysis": "leave_one_out", "variant": most}
    predicate, values = varied.range("leave_one_out")
    return [
        sentence(
            f"{varied.name}-one-study",
            "two studies or more",
            f"With one study left out at a time, the pooled odds ratio {predicate}.",
            **values,
        ),
        sentence(
            f"{varied.name}-one-study-most",
            "the study without which the pooled effect moves farthest",
            "{study} moves it most: without it the odds ratio is {odds} ({low} to {high}) and the"
            " probability of more {more}.",
            study=varied.claims.label(VARIATIONS, "variant", varied.studies, **where),
            odds=varied.cell("q50", "exponential", "leave_one_out", most),
            low=varied.cell("q2_5", "exponential", "leave_one_out", most),
            high=varied.cell("q97_5", "exponential", "leave_one_out", most),
            more=varied.cell("p_above_zero", "percent", "leave_one_out", most),
        ),
    ]


def _priors(varied: Varied) -> list[Sentence]:
    """Range over the other prior sets, and which lies where."""
    rows = varied.rows("priors")
    if rows.empty:
        return []
    predicate, values = varied.range("priors")
    for key, at in (("lowest", "idxmin"), ("highest", "idxmax")):
        variant = str(rows.loc[getattr(rows["p_above_zero"], at)(), "variant"])
        values[key] = varied.cell("variant", "words", "priors", variant)
    several = len(rows) > 1
    which = (
        "; that probability is least under the set {lowest} and most under the set {highest}"
        if several
        else " (the set {lowest})"
    )
    return [
        sentence(
            f"{varied.name}-priors",
            "several other sets of priors" if several else "one other set of priors",
            "With another set of priors, the pooled odds ratio " + predicate + which + ".",
            **values,
        )
    ]


def _experiments(varied: Varied) -> list[Sentence]:
    """What experiments say alone, against all studies, and how few they are."""
    if varied.rows("design").empty:
        return []
    [(_, row)] = varied.rows("design").iterrows()
    where = ("design", str(row["variant"]))
    planned, step, limit = varied.planned, varied.step(row), varied.protocol.decisions
    if not varied.same_direction(row):
        rule, how = "experiments alone: another direction", "point the other way"
    elif step > varied.step(planned):
        rule, how = "experiments alone: a higher step", "point the same way, and more surely"
    elif step < varied.step(planned):
        rule, how = "experiments alone: a lower step", "point the same way, but less surely"
    else:
        rule, how = "experiments alone: the same step", "point the same way, about as surely"
    said = [
        sentence(
            f"{varied.name}-experiments",
            rule,
            f"Experiments alone {how}: "
            + "the odds ratio is {odds} ({low} to {high}), and the probability of more is {more},"
            " against {planned} from all studies.",
            odds=varied.cell("q50", "exponential", *where),
            low=varied.cell("q2_5", "exponential", *where),
            high=varied.cell("q97_5", "exponential", *where),
            more=varied.cell("p_above_zero", "percent", *where),
            planned=varied.cell("p_above_zero", "percent", "planned", str(planned["variant"])),
        )
    ]
    few = row["studies"] < limit.fewest_studies_for_a_verdict
    said.append(
        sentence(
            f"{varied.name}-experiments-few",
            "fewer than a verdict needs" if few else "enough for a verdict",
            "They are only {few} of the {all} studies"
            + (
                ", fewer than a verdict needs."
                if few
                else ", so this rests on less evidence, and is one of several cuts that could be"
                " made."
            ),
            few=varied.cell("studies", "whole", *where),
            all=varied.cell("studies", "whole", "planned", str(planned["variant"])),
        )
    )
    return [*said, *_narrower(varied, row), *_designs_differ(varied)]


def _narrower(varied: Varied, row: pd.Series) -> list[Sentence]:
    """Whether experiments are surer because they look more alike among themselves."""
    planned = varied.planned
    if not (varied.step(row) > varied.step(planned) and row["tau"] < planned["tau"]):
        return []
    return [
        sentence(
            f"{varied.name}-experiments-alike",
            "experiments alone: a higher step, and a smaller spread between studies",
            "They are also surer because they look more alike: the spread between studies, τ, is"
            " {few} among them and {all} among all. So few studies say little of their spread.",
            few=varied.cell("tau", "two_decimals", "design", str(row["variant"])),
            all=varied.cell("tau", "two_decimals", "planned", str(planned["variant"])),
        )
    ]


def _designs_differ(varied: Varied) -> list[Sentence]:
    """Whether experiments differ from the other studies at all, by the verdict on moderators."""
    rows = [
        row
        for row in varied.moderators.to_dict("records")
        if varied.protocol.models[row["model"]].moderators == ["design"]
    ]
    if len(rows) != 1:
        return []
    [row] = rows
    where = {key: str(row[key]) for key in ("outcome", "model", "coefficient")}
    words = varied.claims.cell(MODERATORS, "verdict_words", "words", **where)
    at = {"fit": f"{row['outcome']}/{row['model']}", "setting": f"design={EXPERIMENTAL}"}
    return [
        sentence(
            f"{varied.name}-designs-differ",
            f"verdict on the design as a moderator: {row['verdict']}",
            "Whether experiments find something else than the other studies: {words}. One model of"
            " all studies that lets designs differ gives experiments a probability of more of"
            " {more}.",
            words=words,
            more=varied.claims.cell(SUMMARY, "p_more", "percent", **at),
        )
    ]


def _numbers(varied: Varied) -> list[Sentence]:
    """What numbers say without findings."""
    if varied.rows("evidence").empty:
        return []
    variant = str(varied.rows("evidence")["variant"].iloc[0])
    return [
        sentence(
            f"{varied.name}-numbers",
            "some studies report numbers and others only findings",
            "Numbers alone, without findings ({studies}): the odds ratio is {odds} ({low} to"
            " {high}), and the probability of more is {more}.",
            studies=varied.cell("studies", "studies", "evidence", variant),
            odds=varied.cell("q50", "exponential", "evidence", variant),
            low=varied.cell("q2_5", "exponential", "evidence", variant),
            high=varied.cell("q97_5", "exponential", "evidence", variant),
            more=varied.cell("p_above_zero", "percent", "evidence", variant),
        )
    ]


def _assumed(varied: Varied) -> list[Sentence]:
    """Range over assumed baselines, and over other routes to an effect."""
    said = []
    for analysis, lead in (
        ("baseline", "With other assumptions on how common the outcome is in the control arm"),
        ("route", "With other reported figures, sizes or splits in place of one that was taken"),
    ):
        if not varied.rows(analysis).empty:
            predicate, values = varied.range(analysis)
            said.append(
                sentence(
                    f"{varied.name}-{analysis}",
                    f"at least one analysis of the kind {analysis}",
                    f"{lead}, the pooled odds ratio {predicate}.",
                    **values,
                )
            )
    return said


def _all_at_once(varied: Varied, multiverse: pd.DataFrame, told: pd.Series) -> list[Sentence]:
    """The product of all choices: its range, the share on each side, what matters most."""
    where = {"outcome": varied.name}
    [(_, row)] = multiverse[multiverse["outcome"] == varied.name].iterrows()
    decisive = varied.protocol.sensitivity.decisive_probability

    def cell(column: str, style: str) -> Claim:
        return varied.claims.cell(MULTIVERSE, column, style, **where)

    drawn = int(told["possible"]) > varied.protocol.sensitivity.most_specifications
    # Claimed only where it is printed.
    possible = {}
    if drawn:
        possible["possible"] = varied.claims.cell(TOLD, "possible", "whole", **where)
    said = [
        sentence(
            f"{varied.name}-multiverse",
            "a random part of the product" if drawn else "the whole product",
            "All choices at once: the pooled odds ratio runs from {low} to {high}, {middle} in the"
            " middle, over {count} combinations"
            + (" drawn at random from {possible}" if drawn else "")
            + ". Share of them above 1: {above}; share in which the probability of more exceeds"
            f" {decisive:.0%}: "
            "{more}; in which that of less does: {less}.",
            count=cell("specifications", "whole"),
            low=cell("lowest", "exponential"),
            middle=cell("middle", "exponential"),
            high=cell("highest", "exponential"),
            above=cell("above_zero", "share"),
            more=cell("decisively_above", "share"),
            less=cell("decisively_below", "share"),
            **possible,
        )
    ]
    most = str(row["choice_that_matters_most"])
    if row[f"explained_by_{most}"] > 0:
        said.append(
            sentence(
                f"{varied.name}-multiverse-most",
                "the choice that explains most of the variance over combinations",
                "What matters most among these choices is {choice}: alone it explains {share} of"
                " the variance of the pooled effect.",
                choice=varied.claims.label(
                    MULTIVERSE, "choice_that_matters_most", CHOICES, **where
                ),
                share=cell(f"explained_by_{most}", "share"),
            )
        )
    return said
