"""Questions about records as a table."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from livingreview.records.plausibility.question import Question
from livingreview.tables.records import Questions
from livingreview.tables.statuses import ASKED, CONFIRMED


def question_rows(questions: Iterable[Question]) -> pd.DataFrame:
    """Questions about records as rows of `livingreview.tables.records.Questions`."""
    return Questions.frame(
        [
            {
                "study_id": question.study_id,
                "rule": question.rule,
                "status": CONFIRMED if question.confirmed else ASKED,
                "found": question.found,
                "why": question.why,
                "reason": question.confirmed or None,
                "answer": question.answer or None,
                "twin": question.twin or None,
                "field": question.field,
                "record_file": question.file,
                "record_line": question.line,
            }
            for question in questions
        ]
    )
