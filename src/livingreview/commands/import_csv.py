"""`livingreview import-csv`: a spreadsheet with one row per effect, into records."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from livingreview.base.documents import read_bytes, read_document
from livingreview.commands.check import ODD, questions_text
from livingreview.commands.review_files import review_files, write_new


def import_csv(
    spreadsheet: Annotated[
        Path, typer.Argument(help="CSV file or workbook (.xlsx) with one row per effect.")
    ],
    mapping: Annotated[
        Path | None,
        typer.Option(help="YAML file for what headings do not say: docs/importing.md."),
    ] = None,
    outcome: Annotated[
        str | None, typer.Option(help="Outcome of all rows, where no column says it.")
    ] = None,
    measure: Annotated[
        str | None,
        typer.Option(help="Measure of `yi`, `TE` or another effect, such as log_odds_ratio."),
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Address of the spreadsheet, or of what it was made from.")
    ] = None,
    decimal: Annotated[
        str | None, typer.Option(help="What stands before decimals: a point, or `,`.")
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook with several.")] = None,
    review: Annotated[
        str | None, typer.Option(help="Review to add to; without it, that in config/config.yaml.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check and explain, but write nothing.")
    ] = False,
) -> None:
    """Turn a spreadsheet into records.

    One row is one effect, and all rows of a study become one record. Usual headings need no
    mapping (docs/importing.md lists them). Nothing is written unless
    every row is good, and no record is ever overwritten. Every mistake is printed with its line
    and column, what was found and what is allowed. Values that are possible and odd are asked
    about: correct the spreadsheet before you import it, or the records, or confirm them there;
    where questions stand, the exit status is 3.
    """
    from livingreview.protocol.review import read_protocol
    from livingreview.records.contributions import explanation
    from livingreview.records.importing.spreadsheet import LARGEST
    from livingreview.records.importing.studies import (
        imported_studies,
        questions_about,
        read_with_mapping,
    )
    from livingreview.records.importing.study_headings import Options
    from livingreview.records.reading import checked_studies

    files = review_files(review)
    protocol = read_protocol(files.protocol)
    recorded = {path.stem: read_bytes(path) for path in files.records}
    rows, completed = read_with_mapping(
        str(spreadsheet),
        read_bytes(spreadsheet, LARGEST),
        read_document(mapping) if mapping else None,
        protocol.vocabulary(),
        Options(outcome, measure, source, sheet, decimal),
    )
    imported = imported_studies(rows, completed.document, protocol.vocabulary(), recorded)
    others, _ = checked_studies(files.records, protocol.vocabulary())
    asked = questions_about(imported, others, protocol)
    new = [one for one in imported if one.study.study_id not in recorded]
    if not dry_run:
        write_new({files.record(one.study.study_id): one.text for one in new})
    typer.echo(explanation([one.study for one in imported], protocol.assumed()))
    typer.echo(completed.summary(), nl=bool(completed.summary()))
    typer.echo(questions_text(asked), nl=bool(asked))
    done = "Would write" if dry_run else "Wrote"
    same = len(imported) - len(new)
    there = f" {same} were there already, word for word." if same else ""
    typer.echo(f"{done} {len(new)} records to {files.studies}.{there}")
    if asked:
        raise typer.Exit(ODD)
