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
from livingreview.records.importing.headings import Completed, completed
from livingreview.records.importing.mapping import Mapping
from livingreview.records.importing.origins import Draft, Reader
from livingreview.records.importing.readings import columns
from livingreview.records.importing.spreadsheet import (
    CHARACTER,
    Row,
    Spreadsheet,
    read_spreadsheet,
)
from livingreview.records.importing.study_headings import Options
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


def read_with_mapping(
    file: str,
    content: bytes,
    mapping: Document | None,
    vocabulary: Vocabulary,
    options: Options | None = None,
) -> tuple[Spreadsheet, Completed]:
    """Read a spreadsheet, and complete its mapping by its headings.

    Parameters
    ----------
    file, content
        Name and content of the spreadsheet.
    mapping
        Which column is which field (`livingreview.records.importing.mapping.Mapping`), as far as
        headings do not say it.
    vocabulary
        Names of the review's protocol.
    options
        What holds for all rows.

    Raises
    ------
    ReviewError
        If the spreadsheet cannot be taken apart into rows, or nothing says what the import needs.
    """
    options, data = options or Options(), mapping.data if mapping else {}
    delimiter, name = data.get("delimiter"), options.sheet or data.get("sheet")
    sheet = read_spreadsheet(
        file,
        content,
        delimiter if delimiter in CHARACTER else None,
        name if isinstance(name, str) else None,
    )
    made = completed(sheet, mapping, vocabulary, options)
    if made.problems:
        raise ReviewError([*sheet.problems, *made.problems])
    return sheet, made


def imported_studies(
    sheet: Spreadsheet,
    mapping_document: Document,
    vocabulary: Vocabulary,
    recorded: MappingOf[str, bytes],
) -> list[Imported]:
    """Turn a spreadsheet into records, one for each study.

    Parameters
    ----------
    sheet, mapping_document
        As `read_with_mapping` gives them.
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
    reader = Reader(sheet, mapping, mapping_document, list(sheet.problems))
    reader.problems += _foreign_columns(sheet, mapping, mapping_document)
    numeric = [name for name, levels in vocabulary.moderators.items() if levels is None]
    imported = []
    study_of: dict[int, str] = {}
    for name, rows in _by_study(reader).items():
        study_of |= {row.line: name for row in rows if name != _unnamed(row)}
        made = assembled(reader, rows, numeric, [_note(sheet, mapping_document, rows)])
        document = _document(made, rows, reader)
        study, problems = _checked(made, document, vocabulary)
        text = record_text(made.data)
        reader.problems += [*problems, *_problems_of_text(made, text.encode(), recorded)]
        if study is not None:
            imported.append(Imported(study, text, document, made))
    if reader.problems:
        raise ReviewError(
            replace(p, study=study_of.get(p.line, "") if p.file == sheet.file else "")
            for p in reader.problems
        )
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
    """Moderators and domains that the protocol does not know."""
    problems = []
    for field, names, known in (
        (("study", "moderators"), mapping.study.moderators, vocabulary.moderators),
        (("effect", "moderators"), mapping.effect.moderators, vocabulary.moderators),
        (("study", "risk_of_bias"), mapping.study.risk_of_bias, vocabulary.domains),
    ):
        for name in set(names) - set(known):
            place = (*field, name)
            problems.append(document.problem(place, value_text(name), one_of(name, known)))
    return problems


def _foreign_columns(sheet: Spreadsheet, mapping: Mapping, document: Document) -> list[Problem]:
    """Columns of the spreadsheet without a place, and columns of the mapping not found."""
    problems = []
    named = columns(mapping)
    if mapping.ignore != "others":
        named += [(("ignore", i), name) for i, name in enumerate(mapping.ignore)]
    for place, column in named:
        if column not in (*sheet.headings, *sheet.repeated):
            problems.append(
                document.problem(place, value_text(column), one_of(column, sheet.headings))
            )
    known = {column for _, column in named}
    for heading in sheet.headings if mapping.ignore != "others" else ():
        if heading not in known:
            allowed = (
                "a column that the mapping names, under a field or under `ignore`"
                " (`ignore: others` leaves out all the rest)"
            )
            problems.append(
                Problem(sheet.file, sheet.top, heading, "a column without a place", allowed)
            )
    return problems


def _by_study(reader: Reader) -> dict[str, list[Row]]:
    """Rows of each study by its name, in the order of the spreadsheet."""
    reading = reader.mapping.study.study_id
    groups: dict[str, list[Row]] = {}
    for row in reader.sheet.rows:
        # A row without a name belongs to no other row's study.
        if reading.column is None:
            name = str(reading.value)
        elif not (text := reader.text(row, reading)):
            name = _unnamed(row)
        else:
            name = str(reader.meaning(text, reading, ("study", "study_id")))
        groups.setdefault(name, []).append(row)
    return groups


def _unnamed(row: Row) -> str:
    """What stands for the name of a study that has none."""
    return f"line {row.line}"


def _note(sheet: Spreadsheet, document: Document, rows: list[Row]) -> str:
    """Where the record came from."""
    csv, mapping = PurePath(sheet.file).name, PurePath(document.file).name
    first, *others = (str(row.line) for row in rows)
    way = "by its headings" if document.file == sheet.file else f"by way of {mapping}"
    lines = f"lines {', '.join([first, *others])}" if others else f"line {first}"
    if len(rows) > MOST_LINES:
        lines = f"{len(rows):,} of the lines {first} to {others[-1]}"
    return f"Imported from {csv}, {lines}, {way}."


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
