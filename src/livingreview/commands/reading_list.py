"""`livingreview reading-list`: the full texts worth ordering first, from the results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from livingreview.base.errors import Stop
from livingreview.commands.review_files import review_files

if TYPE_CHECKING:
    import pandas as pd


def reading_list(
    review: Annotated[
        str | None, typer.Option(help="Review to look at; without it, that of config/config.yaml.")
    ] = None,
) -> None:
    """Print which full texts are worth ordering first, and what their counts would do.

    The ranking stands in 6_sensitivity/reading_list.csv, as of the last build.
    """
    from livingreview.tables.sensitivity import ReadingList

    files = review_files(review)
    path = files.root / "results" / files.review / ReadingList.file
    if not path.is_file():
        raise Stop(f"{path} is not there. Run `make results REVIEW={files.review}` first.")
    typer.echo(words_of(ReadingList.read(path)))


def words_of(table: pd.DataFrame) -> str:
    """A paragraph for each study, the best first; `table`: rows of `ReadingList`."""
    if table.empty:
        return "Of every effect the counts are on record: no full text is waited for."
    lines = [
        "Full texts by how much their counts are expected to narrow the 95% intervals of the pooled"
        " effects, all outcomes of a study together:"
    ]
    for study, rows in table.groupby("study_id", sort=False):
        first = rows.iloc[0]
        lines.append(
            f"{first['rank']:>3}. {study}: {first['study_width_ratio']:.2f} times as wide;"
            f" a verdict changes with probability {first['study_p_verdict_changes']:.2f}"
        )
        several = rows["outcome"].duplicated(keep=False)
        lines += [
            f"     {_words(row, repeated)}"
            for row, repeated in zip(rows.to_dict("records"), several, strict=True)
        ]
    return "\n".join(lines)


def _words(row: dict[Any, Any], several: bool) -> str:
    """What is on record of one outcome, or of one of several effects, and what counts would do."""
    from livingreview.report.sentences.reading_list import ON_RECORD

    name = row["effect_id"].partition("/")[2] if several else row["outcome"]
    lead = f"{name}, on record {ON_RECORD[row['on_record']]}"
    if row["p_given"] < 1:
        lead += f", given with probability {row['p_given']:.2f}"
    if not row["simulations"]:
        return f"{lead}: not simulated, as {row['reason']}"
    return (
        f"{lead}: {row['width_ratio']:.2f} times as wide ({row['width_ratio_low']:.2f} to"
        f" {row['width_ratio_high']:.2f}), wider with probability {row['p_widens']:.2f};"
        f" another verdict with probability {row['p_verdict_changes']:.2f}"
    )
