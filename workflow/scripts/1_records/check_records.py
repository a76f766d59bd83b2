"""Check all records and the narrative of a review, and ask about what is odd in them."""

import sys
from pathlib import Path

from livingreview.base.errors import ReviewError
from livingreview.base.saving import write_text
from livingreview.base.steps import LOG, run_step
from livingreview.protocol.moderators import Coding
from livingreview.protocol.outcomes import Assumed
from livingreview.protocol.plausibility import Plausibility
from livingreview.protocol.vocabulary import Vocabulary
from livingreview.records.narrative import checked_texts
from livingreview.records.plausibility.asking import questions
from livingreview.records.plausibility.question_table import question_rows
from livingreview.records.reading import checked_studies
from livingreview.tables.records import Questions


def main(snakemake) -> None:
    """Raise every problem of every file; else list what was checked, and warn of odd values."""
    files, params = snakemake.input, snakemake.params
    assumed = {name: Assumed.model_validate(a) for name, a in params.assumed.items()}
    codings = {name: Coding.model_validate(c) for name, c in params.codings.items()}
    vocabulary = Vocabulary(
        tuple(assumed),
        params.levels,
        tuple(params.domains),
        tuple(params.results),
        params.review,
    )
    studies, problems = checked_studies(map(Path, files.records), vocabulary)
    problems += checked_texts(Path(files.narrative), Path(files.published), vocabulary)
    if problems:
        raise ReviewError(problems)
    asked = questions(studies, Plausibility.model_validate(params.limits), assumed, codings)
    for question in asked:
        if not question.confirmed:
            LOG.warning(str(question))
            print(f"Warning: {question}", file=sys.stderr)
    table = question_rows(asked)
    names = dict(zip(files.records, params.records, strict=True))
    Questions.write(
        snakemake.output.questions,
        table.assign(record_file=[names[file] for file in table["record_file"]]),
    )
    write_text(snakemake.output.checked, "".join(f"{path}\n" for path in sorted(params.records)))


if __name__ == "__main__":
    run_step(main, snakemake)
