"""All rules, the questions that they ask of a review, and those that a record has answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from livingreview.base.documents import Document, Location, field_path
from livingreview.protocol.moderators import Coding
from livingreview.protocol.outcomes import Assumed
from livingreview.protocol.plausibility import Plausibility
from livingreview.records.plausibility import estimates, groups, ranges, texts, twins
from livingreview.records.plausibility.question import Oddity, Question, Record, Review, Rule
from livingreview.records.study import Study

RULES = (
    Rule(
        "lopsided_interval",
        "an estimate and its interval",
        "A normal estimate is in the middle of its interval, on the log scale of a ratio; elsewhere"
        " a digit or a sign is wrong in one of the three numbers.",
        ("lopsided_at_most",),
        estimates.lopsided_intervals,
    ),
    Rule(
        "logarithm_as_ratio",
        "a ratio and its interval",
        "The interval of a ratio is longer above; that of a logarithm is even on both sides.",
        ("lopsided_logarithm_at_most",),
        estimates.logarithms_as_ratios,
    ),
    Rule(
        "percentage_as_ratio",
        "a ratio and its interval",
        "A ratio of 50 is most often 50%.",
        ("lower_end_at_most",),
        estimates.percentages_as_ratios,
    ),
    Rule(
        "standard_error_of_no_study",
        "standard errors, variances and intervals of ratios and standardised mean differences",
        "Counts bound it from both sides; beyond these it is that of the ratio and not of its log,"
        " a standard deviation, or that of another study.",
        ("standard_error_at_most", "standard_error_at_least"),
        estimates.standard_errors_of_no_study,
    ),
    Rule(
        "chi_squared_above_people",
        "chi-squared and group sizes",
        "Of two proportions it is at most the number of people; without a `note` it is refused.",
        ("chi_squared_at_most",),
        groups.chi_squared_above_people,
    ),
    Rule(
        "more_observed_than_assigned",
        "totals and group sizes, and the people assigned to their arms",
        "Nobody is observed who was not assigned.",
        ("observed_at_most",),
        groups.more_observed_than_assigned,
    ),
    Rule(
        "exchanged_arms",
        "sizes and roles of arms within a study, roles in other studies",
        "Sizes that stand the other way round elsewhere, and an arm that only here is the treated"
        " one, are signs of exchanged arms. Two pieces of evidence that point opposite ways are a"
        " conflict.",
        (),
        groups.exchanged_arms,
    ),
    Rule(
        "cluster_above_group",
        "average sizes of clusters, and group sizes",
        "A cluster is part of one group. Clusters of a study without any are refused.",
        ("cluster_at_most",),
        groups.clusters_above_groups,
    ),
    Rule(
        "fraction_as_percentage",
        "percentages below 1 and the control share that the protocol expects",
        "Where only the fraction of 1 is near what is expected, the fraction was meant.",
        ("share_at_most",),
        groups.fractions_as_percentages,
    ),
    Rule(
        "year_out_of_range",
        "the year of the citation",
        "No study is published after next year.",
        ("year_at_least",),
        ranges.years_out_of_range,
    ),
    Rule(
        "follow_up_out_of_range",
        "follow-ups in months",
        "Days and weeks are often entered for months.",
        ("follow_up_months_at_most",),
        ranges.follow_ups_out_of_range,
    ),
    Rule(
        "moderator_out_of_range",
        "values of numeric moderators, those of other sources too",
        "Far from all other studies stands a value in other units, or without its decimal point.",
        ("moderator_units_at_most", "moderators"),
        ranges.moderators_out_of_range,
    ),
    Rule(
        "same_study",
        "citations, identifiers, and the evidence analysed on each outcome, over all studies",
        "One study under two names counts twice. The build's gate stops at the same numbers,"
        " unless they are confirmed as those of two studies.",
        (),
        twins.same_studies,
    ),
    Rule(
        "same_label",
        "labels over all studies",
        "No reader can tell two studies of one name apart.",
        (),
        twins.same_labels,
    ),
    Rule(
        "copied_effect",
        "results of the effects of a study, sizes left out",
        "Results that agree digit for digit were copied, and one of them was not changed.",
        ("copied_digits_at_most",),
        twins.copied_effects,
    ),
    Rule(
        "look_alike_letters",
        "all texts",
        "A Cyrillic or Greek letter in a Latin word, or a character without width, is seen by"
        " nobody, and makes another name of it.",
        (),
        texts.look_alike_letters,
    ),
    Rule(
        "placeholder",
        "texts in words of one's own",
        "`n/a`, `-`, `TODO` or `xxx` fill a field and say nothing.",
        (),
        texts.placeholders,
    ),
    Rule(
        "lost_end",
        "texts in words of one's own, without quotes",
        "What follows ` #` is a comment, and no part of the text.",
        (),
        texts.lost_ends,
    ),
)
# Of a confirmation that answers no question; it can only be deleted.
NEEDLESS = "needless_confirmation"


def questions(
    records: list[Record],
    limits: Plausibility,
    assumed: Mapping[str, Assumed],
    codings: Mapping[str, Coding],
) -> list[Question]:
    """All questions of a review, those that its records have answered too, in their order.

    Parameters
    ----------
    records : list of (Document, Study)
        Checked.
    limits : Plausibility
        Of the protocol.
    assumed : dict of Assumed
        What the protocol assumes of each outcome's studies.
    codings : dict of Coding
        Of each moderator.
    """
    review = Review(records, limits, assumed, codings)
    reasons = {
        (study.study_id, field_path(place), name): (document, (*place, "confirmed", name), reason)
        for document, study in records
        for place, confirmed in _confirmations(study)
        for name, reason in confirmed.items()
    }
    asked = [_question(rule.name, oddity, reasons) for rule in RULES for oddity in rule.ask(review)]
    answers = {(one.study_id, one.place, one.name) for one in asked}
    for key in reasons.keys() - answers:
        document, at, _ = reasons[key]
        asked.append(
            Question(
                file=document.file,
                line=document.line(at),
                field=field_path(at),
                study_id=key[0],
                rule=NEEDLESS,
                found=f"`{key[2]}`",
                why="it confirms what nobody asks",
                instead="Delete it, or write its name as the question has it",
                place=key[1],
                name="",
            )
        )
    return sorted(asked)


def _confirmations(study: Study) -> Iterator[tuple[Location, dict[str, str]]]:
    """Each part of a record that may confirm, and what it confirms."""
    yield (), study.confirmed
    for i, effect in enumerate(study.effects):
        yield ("effects", i), effect.confirmed
        for j, piece in enumerate(effect.evidence):
            yield ("effects", i, "evidence", j), piece.confirmed


def _question(
    rule: str,
    oddity: Oddity,
    reasons: Mapping[tuple[str, str, str], tuple[Document, Location, str]],
) -> Question:
    document, study = oddity.record
    part = field_path(_part(oddity.at))
    name = f"{rule} {oddity.about}".strip()
    *_, reason = reasons.get((study.study_id, part, name), ("",))
    return Question(
        file=document.file,
        line=document.line(oddity.at),
        field=field_path(oddity.at),
        study_id=study.study_id,
        rule=rule,
        found=oddity.found,
        why=oddity.why,
        instead=oddity.instead,
        place=part,
        name=name,
        twin=oddity.twin,
        confirmed=reason,
    )


def _part(at: Location) -> Location:
    """The smallest part of a record around a place that may confirm: evidence, effect or study."""
    if at[0] != "effects":
        return ()
    return at[:4] if at[2:3] == ("evidence",) and len(at) > 3 else at[:2]
