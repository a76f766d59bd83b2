"""Tables of stage 8 for readers: plain headings, odds ratios instead of their logarithms."""

from __future__ import annotations

from collections import ChainMap
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from livingreview.tables.checks import Checks
from livingreview.tables.records import Effects, Ledger, Studies
from livingreview.tables.sensitivity import Variations
from livingreview.tables.synthesis import Moderators, Summary
from livingreview.tables.table import Column, Table

MODERATOR = "Moderator: "
RISK_OF_BIAS = "Risk of bias: "


@dataclass(frozen=True)
class Heading:
    """Heading of a column, and what differs from the same column of a result table.

    Attributes
    ----------
    text : str
    words : str or None
        What it means.
    in_words : bool
        Whether names such as ``not_usable`` are printed as words.
    may_be_empty : bool
    """

    text: str
    words: str | None = None
    in_words: bool = False
    may_be_empty: bool = False

    def column(self, source: pa.Column) -> pa.Column:
        """The column under this heading: type and limits are those of the result table."""
        return pa.Column(
            source.dtype,
            [check for check in source.checks if not (self.in_words and check.name == "isin")],
            nullable=source.nullable or self.may_be_empty,
            regex=source.regex,
            description=self.words or source.description,
        )


class ReadersTable(Table):
    """Columns of result tables under plain headings."""

    _sources: ClassVar[tuple[type[Table], ...]] = ()
    _headings: ClassVar[dict[str, Heading]] = {}

    @classmethod
    def to_schema(cls) -> pa.DataFrameSchema:
        """Schema from those of the result tables."""
        found = ChainMap(*(source.to_schema().columns for source in cls._sources))
        columns = {h.text: h.column(found[name]) for name, h in cls._headings.items()}
        return pa.DataFrameSchema(columns, strict=True, coerce=True)

    @classmethod
    def headed(cls, frame: pd.DataFrame) -> pd.DataFrame:
        """Put columns under their headings; those of many names have theirs already."""
        columns = {}
        for name, heading in cls._headings.items():
            many = name.startswith("^")
            for text in frame.filter(regex=heading.text) if many else [heading.text]:
                cells = frame[text if many else name]
                columns[text] = cells.str.replace("_", " ") if heading.in_words else cells
        return cls.validate(pd.DataFrame(columns))


class PooledResults(ReadersTable, file="8_report/tables/pooled_results.csv"):
    """One row per outcome, model and setting: the pooled results."""

    _sources = (Summary,)
    _headings = {
        "outcome": Heading("Outcome", "What was measured."),
        "model": Heading("Model", "Label of the model."),
        "setting": Heading("Which studies", "All, or those at a level of a moderator."),
        "studies": Heading("Studies", "How many."),
        "odds_ratio": Heading("Odds ratio", "Median; above 1 means more of the outcome."),
        "odds_ratio_low": Heading("Odds ratio, 2.5%"),
        "odds_ratio_high": Heading("Odds ratio, 97.5%"),
        "new_setting_low": Heading(
            "In a new place, 2.5%", "Low end of the 95% prediction interval."
        ),
        "new_setting_high": Heading(
            "In a new place, 97.5%", "High end of the prediction interval."
        ),
        "tau": Heading(
            "Tau", "Median standard deviation of effects between studies, log odds ratio."
        ),
        "p_more": Heading("Probability of more", "That the odds ratio is above 1."),
        "p_less": Heading("Probability of less", "That the odds ratio is below 1."),
        "p_practically_none": Heading(
            "Probability of practically no difference",
            "That the odds ratio is within the protocol's limits around 1.",
        ),
        "baseline_per_1000": Heading(
            "Per 1,000 without",
            "People with the outcome in the control arm; empty without a source.",
        ),
        "difference_per_1000": Heading("Difference per 1,000", "Median change in that number."),
        "difference_per_1000_low": Heading("Difference per 1,000, 2.5%"),
        "difference_per_1000_high": Heading("Difference per 1,000, 97.5%"),
        "verdict_words": Heading("Verdict", "In the words of the protocol's decision rule."),
    }


class EffectsOfStudies(ReadersTable, file="8_report/tables/study_effects.csv"):
    """One row per effect of a study: what it reported, and its effect in the overall model."""

    _sources = (Effects, Studies, Summary)
    _headings = {
        "outcome": Heading("Outcome", "What was measured."),
        "label": Heading("Study", "Author and year."),
        "measure": Heading("Measure"),
        "follow_up_months": Heading("Months followed", "Empty when not known."),
        "status": Heading(
            "What became of it", "Analysed, set aside, or not usable.", in_words=True
        ),
        "reason": Heading("Reason", "Unless analysed."),
        "kind": Heading("Kind of evidence", "A finding is only a direction and significance."),
        "direction": Heading("Direction reported", "As the study says."),
        "significance": Heading("Significance reported", "As the study says.", in_words=True),
        "assumption": Heading("Assumption", "What had to be assumed to use it."),
        "odds_ratio": Heading(
            "Odds ratio",
            "Median in the overall model, drawn to the others; empty unless analysed.",
            may_be_empty=True,
        ),
        "odds_ratio_low": Heading("Odds ratio, 2.5%", may_be_empty=True),
        "odds_ratio_high": Heading("Odds ratio, 97.5%", may_be_empty=True),
        "p_more": Heading(
            "Probability of more", "That this odds ratio is above 1.", may_be_empty=True
        ),
    }


class ModeratorResults(ReadersTable, file="8_report/tables/moderators.csv"):
    """One row per difference between studies that a model looked at."""

    _sources = (Moderators,)
    _headings = {
        "outcome": Heading("Outcome", "What was measured."),
        "model": Heading("Model", "Label of the model."),
        "moderator": Heading("Moderator", "What differs."),
        "coefficient": Heading(
            "Comparison", "A level against the reference, or a step of a number."
        ),
        "ratio": Heading("Ratio of odds ratios", "Median; 1 when there is no difference."),
        "ratio_low": Heading("Ratio, 2.5%", "Low end of its 95% interval."),
        "ratio_high": Heading("Ratio, 97.5%", "High end of its 95% interval."),
        "p_direction": Heading(
            "Probability of direction", "That the ratio is on the side of 1 where its median is."
        ),
        "contraction": Heading(
            "Contraction",
            "How much narrower the posterior is than the prior; 0 for nothing learned.",
        ),
        "studies_level": Heading("Studies at the level", "How many."),
        "studies_reference": Heading("Studies at the reference", "How many."),
        "verdict_words": Heading("Verdict", "In the protocol's words."),
        "reason": Heading("Reason"),
    }


class StudyCharacteristics(ReadersTable, file="8_report/tables/study_characteristics.csv"):
    """One row per record: what kind of study it is, and its risk of bias."""

    _sources = (Studies,)
    _headings = {
        "label": Heading("Study", "Author and year."),
        "year": Heading("Year", "Of publication."),
        "status": Heading("Status", "Whether it is in the review.", in_words=True),
        "reason": Heading("Reason", "If it is not."),
        "design_detail": Heading("How groups were formed", "In words."),
        "eligibility": Heading("Why it belongs", "In words."),
        "^moderator_": Heading(f"^{MODERATOR}"),
        "^risk_": Heading(f"^{RISK_OF_BIAS}", "Empty when not judged.", in_words=True),
        "citation": Heading("Reference", "In full."),
        "identifier": Heading("Identifier", "DOI or another, where known."),
    }


class EvidenceLedger(ReadersTable, file="8_report/tables/evidence_ledger.csv"):
    """One row per value that was read from a source."""

    _sources = (Ledger, Studies)
    _headings = {
        "label": Heading("Study", "Author and year."),
        "effect_id": Heading("Effect", "Study and outcome, by name."),
        "field": Heading("Field", "Where it stands in the record."),
        "value": Heading("Value", "As the record has it."),
        "source_url": Heading("Source", "Address of the page."),
        "source_locator": Heading("Place in the source", "In words."),
        "source_kind": Heading("Kind of source"),
        "record_file": Heading("Record", "File that holds it."),
        "record_line": Heading("Line", "In that file."),
    }


class SensitivityResults(ReadersTable, file="8_report/tables/sensitivity.csv"):
    """One row per analysis that differs from the planned one in one choice."""

    _sources = (Variations, Summary)
    _headings = {
        "outcome": Heading("Outcome", "What was measured."),
        "analysis": Heading("Choice changed", "`planned` for none.", in_words=True),
        "variant": Heading("Changed to", "Study left out or last added; else name of the choice."),
        "studies": Heading("Studies", "How many are left."),
        "odds_ratio": Heading("Odds ratio", "Median."),
        "odds_ratio_low": Heading("Odds ratio, 2.5%"),
        "odds_ratio_high": Heading("Odds ratio, 97.5%"),
        "p_more": Heading("Probability of more", "That the odds ratio is above 1."),
        "tau": Heading("Tau", "Spread between studies, median."),
    }


class CheckResults(ReadersTable, file="8_report/tables/checks.csv"):
    """One row per check, those first that warn."""

    _sources = (Checks,)
    _headings = {
        "check": Heading("Check", "What was checked.", in_words=True),
        "fit": Heading("Fit", "Outcome and model, by name."),
        "quantity": Heading("Quantity"),
        "value": Heading("Value"),
        "threshold": Heading("Limit", "In the protocol."),
        "verdict": Heading("Verdict", "What follows from it."),
        "file": Heading("Details in", "Result table."),
    }


class DataDictionary(Table, file="8_report/data_dictionary.csv"):
    """One row per column of every CSV file among the results."""

    file_: Series[str] = Column("Below the folder of the review's results.", alias="file")
    rows: Series[str] = Column("What a row of that file is.")
    column: Series[str] = Column("Heading of the column.")
    type: Series[str] = Column("Text, number, whole number, or True or False.")
    allowed: Series[str] = Column("Values that it may have.")
    may_be_empty: Series[bool] = Column("Whether cells may be empty.")
    description: Series[str] = Column("What it means, with its scale.")
