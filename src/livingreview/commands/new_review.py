"""`livingreview new-review`: the files of a review that begins, to fill in."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from livingreview.base.documents import REPEATED, document_of, read_document
from livingreview.base.errors import Problem, ReviewError, one_of, value_text
from livingreview.base.patterns import IDENTIFIER, WORDS_OF_PATTERN, is_identifier
from livingreview.commands.review_files import PROTOCOLS, ReviewFiles, working_copy, write_new
from livingreview.commands.subject_options import moderator_of, outcome_of

if TYPE_CHECKING:
    from livingreview.protocol.review import Protocol

# Largest ratio that is practically no difference, where nothing else is asked for.
DEFAULT_LIMIT = 1.1
# Beyond it the widest prior would leave the range of priors.
LARGEST_LIMIT = 5.0
# Fields of the protocol that come from an option of another name.
_OPTIONS = {
    "decisions": "--practically-none",
    "outcomes": "--outcome",
    "moderators": "--moderator",
    "models": "--moderator",
}
_ASKED_AGAIN = "models.overall.question"
_EXAMPLE_OUTCOME = "Tuberculosis: lower, odds_ratio"


def new_review(
    name: Annotated[str, typer.Argument(help="Name of the review, such as bcg_vaccine.")],
    question: Annotated[
        str | None, typer.Option(help="What it asks, as it stands under the title.")
    ] = None,
    treated: Annotated[
        str | None,
        typer.Option(help="What the treated group gets, inside a sentence: `the visit`."),
    ] = None,
    control: Annotated[str | None, typer.Option(help="What the control group gets.")] = None,
    title: Annotated[
        str | None, typer.Option(help="Title of the page; else the two groups.")
    ] = None,
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            help="`LABEL: BETTER, MEASURE[, UNIT]`, such as `Tuberculosis: lower, odds_ratio`,"
            " `Arrests: fewer, rate_ratio` or `Blood pressure: lower, mean_difference, mmHg`. May"
            " be repeated."
        ),
    ] = None,
    moderator: Annotated[
        list[str] | None,
        typer.Option(
            help="`LABEL: LEVEL, LEVEL...` or `LABEL: CENTRE per STEP UNIT`, such as"
            " `Allocation: random, alternate`, `Latitude: 33 per 10 degrees` or `Dose: 2 per 1"
            " session/sessions`. May be repeated."
        ),
    ] = None,
    practically_none: Annotated[
        float | None,
        typer.Option(
            help="Largest effect that is practically no difference: above 1 for a ratio (1.1 by"
            " default), above 0 and in its unit for a difference."
        ),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(help="Review whose protocol to copy, with its outcomes and moderators."),
    ] = None,
) -> None:
    """Write the files of a new review: protocol, narrative to fill in, folders.

    What no option says is asked for at a terminal. `livingreview check` then names every place
    that waits for your words, and no page is built while one does. With --like, the protocol has
    the rules of another review; words about a review are never copied.
    """
    from livingreview.records.blank_texts import blank_narrative, blank_published

    files = _new_files(name)
    asks = sys.stdin.isatty()
    subject = {"question": question, "treated": treated, "control": control}
    if asks:
        for field, words in _QUESTIONS.items():
            subject[field] = subject[field] or typer.prompt(words)
        if like is None:
            outcome = outcome or _asked(f"An outcome, such as `{_EXAMPLE_OUTCOME}`", outcome_of, 1)
            moderator = moderator or _asked(
                "A moderator, such as `Latitude: 33 per 10 degrees`", moderator_of, 0
            )
    missing = [
        Problem(f"--{field}", 0, "", "nothing", "a text")
        for field, text in subject.items()
        if not text
    ]
    if like is None and not outcome:
        missing.append(Problem("--outcome", 0, "", "nothing", f"one or more `{_EXAMPLE_OUTCOME}`"))
    if missing:
        raise ReviewError(missing)
    own = {field: text for field, text in subject.items() if text}
    own |= {"review": name, "title": title or f"{own['treated']} against {own['control']}"}
    own["title"] = own["title"][:1].upper() + own["title"][1:]
    if like is None:
        text = _of_subject(own, outcome or [], moderator or [], practically_none)
    else:
        given = {"--outcome": outcome, "--moderator": moderator}
        _refuse_beside_like(given | {"--practically-none": practically_none})
        text = _copied(files.root, like, own)
    protocol = _checked(text, name)
    write_new(
        {
            files.protocol: text,
            files.data / "narrative.yaml": blank_narrative(name),
            files.data / "published.yaml": blank_published(protocol),
        }
    )
    files.studies.mkdir(exist_ok=True)
    typer.echo(
        f"Wrote {files.protocol}, {files.data}/narrative.yaml and published.yaml, and the folder"
        f" {files.studies}.\n"
        f"Records: `livingreview import-csv FILE --review {name}`, or `livingreview new-study"
        f" STUDY_ID --review {name}`.\n"
        f"Then `livingreview check --review {name}` names what waits for your words, and"
        f" `make results REVIEW={name}` builds the page."
    )


_QUESTIONS = {
    "question": "Question of the review",
    "treated": "What the treated group gets, inside a sentence, such as `the visit`",
    "control": "What the control group gets, such as `usual care`",
}


def _new_files(name: str) -> ReviewFiles:
    """Files of a review that is not there yet."""
    if not is_identifier(name):
        allowed = WORDS_OF_PATTERN[IDENTIFIER]
        raise ReviewError([Problem("NAME", 0, "", value_text(name), allowed)])
    files = ReviewFiles(working_copy(), name)
    if files.protocol.exists() or files.data.exists():
        there = files.protocol if files.protocol.exists() else files.data
        allowed = f"a name that is not taken: {there} is there, and nothing is ever overwritten"
        raise ReviewError([Problem("NAME", 0, "", value_text(name), allowed)])
    return files


def _asked(words: str, reader: Callable[[str], object], fewest: int) -> list[str]:
    """Answers at a terminal, each asked for again until it can be read; an empty one ends them."""

    def readable(answer: str) -> str:
        if answer:
            try:
                reader(answer)
            except ReviewError as error:
                [problem] = error.problems
                raise typer.BadParameter(f"allowed: {problem.allowed}") from None
        return answer

    answers: list[str] = []
    while True:
        default = None if len(answers) < fewest else ""
        hint = "" if default is None else " (nothing to go on)"
        answer = typer.prompt(f"{words}{hint}", default, value_proc=readable, show_default=False)
        if not answer:
            return answers
        answers.append(answer)


def _of_subject(
    own: dict[str, str], outcomes: list[str], moderators: list[str], limit: float | None
) -> str:
    """Text of a protocol with the defaults of a new review."""
    from livingreview.base.measures import Measure
    from livingreview.protocol.blank_protocol import Subject, blank_protocol

    problems: list[Problem] = []
    made = tuple(_each(outcomes, outcome_of, problems))
    beside = tuple(_each(moderators, moderator_of, problems))
    if problems:
        raise ReviewError(problems)
    measure = Measure(made[0].measure, 0.0, made[0].unit)
    if limit is None:
        limit = DEFAULT_LIMIT if measure.is_ratio else 0.0
    if not measure.null < limit <= LARGEST_LIMIT:
        found = f"{limit:g}" if limit else "nothing"
        allowed = f"above {measure.null_text} and at most {LARGEST_LIMIT:g}, of {measure.one}"
        remedy = "" if measure.is_ratio else " (priors reach 20 times as far: choose a larger unit)"
        raise ReviewError([Problem("--practically-none", 0, "", found, allowed + remedy)])
    return blank_protocol(Subject(**own, outcomes=made, moderators=beside, limit=limit))


def _each[Read](
    texts: list[str], reader: Callable[[str], Read], problems: list[Problem]
) -> Iterator[Read]:
    """What each text says; the problems of the others go to those of all."""
    for text in texts:
        try:
            yield reader(text)
        except ReviewError as error:
            problems += error.problems


def _refuse_beside_like(options: dict[str, object]) -> None:
    allowed = "nothing beside --like, which copies them: edit the new protocol"
    problems = [
        Problem(option, 0, "", value_text(value), allowed)
        for option, value in options.items()
        if value
    ]
    if problems:
        raise ReviewError(problems)


def _copied(root: Path, like: str, own: dict[str, str]) -> str:
    """Text of another review's protocol, of this name and subject."""
    from livingreview.protocol.blank_protocol import copied_protocol
    from livingreview.protocol.review import read_protocol

    known = sorted(path.stem for path in (root / PROTOCOLS).glob("*.yaml"))
    if like not in known:
        raise ReviewError([Problem("--like", 0, "", value_text(like), one_of(like, known))])
    path = root / PROTOCOLS / f"{like}.yaml"
    read_protocol(path)
    return copied_protocol(read_document(path), path.read_text(encoding="utf-8-sig"), own)


def _checked(text: str, name: str) -> Protocol:
    """The protocol that was made; what does not fit in it is the fault of an option."""
    from livingreview.base.validation import validated
    from livingreview.protocol.review import Protocol

    try:
        return validated(document_of("", text), Protocol, name)
    except ReviewError as error:
        raise ReviewError(map(_of_option, error.problems)) from None


def _of_option(problem: Problem) -> Problem:
    """A mistake of the protocol as one of the option that it comes from."""
    top, _, rest = problem.field.partition(".")
    option = "--question" if problem.field == _ASKED_AGAIN else _OPTIONS.get(top, f"--{top}")
    if problem.found == REPEATED:
        allowed = "a label that makes another name, as this one is taken"
        return Problem(option, 0, "", value_text(rest), allowed)
    return Problem(option, 0, "", problem.found, problem.allowed)
