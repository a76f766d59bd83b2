"""Make records from a spreadsheet, or report every problem in it."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, replace
from pathlib import PurePath

from livingreview.base.documents import LARGEST, Document, Location
from livingreview.base.errors import Problem, ReviewError, one_of, value_text
from livingreview.base.validation import validated
from livingreview.protocol.review import Protocol
from livingreview.protocol.vocabulary import Vocabulary
from livingreview.records.importing.assembly import assembled
from livingreview.records.importing.mapping import Mapping
from livingreview.records.importing.origins import Draft, Reader
from livingreview.records.importing.readings import columns
from livingreview.records.importing.spreadsheet import Row, Spreadsheet, read_spreadsheet
from livingreview.records.plausibility.asking import questions
from livingreview.records.plausibility.question import Question
from livingreview.records.reading import checked_study
from livingreview.records.record_text import record_text
from livingreview.records.study import Names, Study

# Most lines that a note lists; a longer list would exceed the limit of a text.
MOST_LINES = 100


@dataclass(frozen=True)
class Imported:
    """A study with the text of its record file, and where each value came from."""

    study: Study
    text: str
    document: Document
    made: Draft


def imported_studies(
    file: str,
    content: bytes,
    mapping_document: Document,
    vocabulary: Vocabulary,
    recorded: MappingOf[str, bytes],
) -> list[Imported]:
    """Turn a spreadsheet export into records, one for each study.

    Parameters
    ----------
    file, content
        Name and content of the spreadsheet.
    mapping_document
        Which column is which field (`livingreview.records.importing.mapping.Mapping`).
    vocabulary
        Names of the review's protocol.
    recorded
        Content of the record file of each study that is on record already. One that says just
        what the spreadsheet says is no problem, so that an import can be repeated.

    Raises
    ------
    ReviewError
        With all problems of the mapping; else with all problems of the spreadsheet. No study is
        returned unless all are good.
    """
    mapping = validated(mapping_document, Mapping)
    if foreign := _foreign_names(mapping, mapping_document, vocabulary):
        raise ReviewError(foreign)
    sheet = read_spreadsheet(file, content, mapping.delimiter)
    reader = Reader(sheet, mapping, mapping_document, list(sheet.problems))
    reader.problems += _foreign_columns(sheet, mapping, mapping_document)
    numeric = [name for name, levels in vocabulary.moderators.items() if levels is None]
    imported = []
    for rows in _by_study(reader):
        made = assembled(reader, rows, numeric, [_note(sheet, mapping_document, rows)])
        document = _document(made, rows, reader)
        study, problems = _checked(made, document, vocabulary)
        text = record_text(made.data)
        reader.problems += [*problems, *_problems_of_text(made, text.encode(), recorded)]
        if study is not None:
            imported.append(Imported(study, text, document, made))
    if reader.problems:
        raise ReviewError(reader.problems)
    return sorted(imported, key=lambda one: one.study.study_id)


def questions_about(
    imported: list[Imported], others: list[tuple[Document, Study]], protocol: Protocol
) -> list[Question]:
    """Questions about imported studies, with the cells of the spreadsheet that they are about.

    `others` are on record already; one that is imported again stands for itself.
    """
    new = {one.study.study_id: one for one in imported}
    records = [record for record in others if record[1].study_id not in new]
    records += [(one.document, one.study) for one in imported]
    asked = questions(records, protocol.plausibility, protocol.assumed(), protocol.codings())
    return [
        replace(question, **vars(new[question.study_id].made.origin(question.field)))
        for question in asked
        if question.study_id in new
    ]


def _foreign_names(mapping: Mapping, document: Document, vocabulary: Vocabulary) -> list[Problem]:
    """Moderators and domains that the protocol does not know, and moderators left out."""
    problems = []
    for field, names, known in (
        ("moderators", mapping.study.moderators, vocabulary.moderators),
        ("risk_of_bias", mapping.study.risk_of_bias, vocabulary.domains),
    ):
        for name in set(names) - set(known):
            place = ("study", field, name)
            problems.append(document.problem(place, value_text(name), one_of(name, known)))
    for name in set(vocabulary.moderators) - set(mapping.study.moderators):
        allowed = "a column, or `{value: null}` when it could not be read"
        problems.append(document.problem(("study", "moderators", name), "nothing", allowed))
    return problems


def _foreign_columns(sheet: Spreadsheet, mapping: Mapping, document: Document) -> list[Problem]:
    """Columns of the spreadsheet without a place, and columns of the mapping not found."""
    problems = []
    named = columns(mapping) + [(("ignore", i), name) for i, name in enumerate(mapping.ignore)]
    for place, column in named:
        if column not in (*sheet.headings, *sheet.repeated):
            problems.append(
                document.problem(place, value_text(column), one_of(column, sheet.headings))
            )
    known = {column for _, column in named}
    for heading in sheet.headings:
        if heading not in known:
            allowed = "a column that the mapping names, under a field or under `ignore`"
            problems.append(Problem(sheet.file, 1, heading, "a column without a place", allowed))
    return problems


def _by_study(reader: Reader) -> list[list[Row]]:
    """Rows of each study, in the order of the spreadsheet."""
    reading = reader.mapping.study.study_id
    groups: dict[str, list[Row]] = {}
    for row in reader.sheet.rows:
        # A row without a name belongs to no other row's study.
        if reading.column is None:
            name = str(reading.value)
        elif reader.is_blank(row, reading.column):
            name = f"line {row.line}"
        else:
            cell = row.cells[reading.column]
            name = str(reading.words.get(cell, cell))
        groups.setdefault(name, []).append(row)
    return list(groups.values())


def _note(sheet: Spreadsheet, document: Document, rows: list[Row]) -> str:
    """Where the record came from."""
    csv, mapping = PurePath(sheet.file).name, PurePath(document.file).name
    first, *others = (str(row.line) for row in rows)
    lines = f"lines {', '.join([first, *others])}" if others else f"line {first}"
    if len(rows) > MOST_LINES:
        lines = f"{len(rows):,} of the lines {first} to {others[-1]}"
    return f"Imported from {csv}, {lines}, by way of {mapping}."


def _problems_of_text(
    made: Draft, content: bytes, recorded: MappingOf[str, bytes]
) -> Iterator[Problem]:
    """Problems of the record's text: another record has its name, or it is too long."""
    study_id, origin = str(made.data.get("study_id")), made.origin("study_id")
    if recorded.get(study_id, content) != content:
        allowed = "a study that is not on record yet; nothing is overwritten"
        yield origin.problem(value_text(study_id), allowed)
    if len(content) > LARGEST:
        yield origin.problem(f"a record of {len(content):,} bytes", f"at most {LARGEST:,} bytes")


def _document(made: Draft, rows: list[Row], reader: Reader) -> Document:
    """A draft as the content of a file, the spreadsheet."""
    lines: dict[Location, int] = {(): 1}
    lines |= {("effects", i): row.line for i, row in enumerate(rows)}
    return Document(reader.sheet.file, made.data, lines)


def _checked(
    made: Draft, document: Document, vocabulary: Vocabulary
) -> tuple[Study | None, list[Problem]]:
    """Check a draft as a record written by hand is checked; problems name where they arose."""
    try:
        return checked_study(document, Names(vocabulary)), []
    except ReviewError as error:
        problems = [
            made.origin(problem.field).problem(problem.found, problem.allowed)
            for problem in error.problems
            if problem.field not in made.refused
        ]
        return None, problems
