"""Tables of stage 8 for readers: plain headings, effects instead of the logarithms of ratios."""

from __future__ import annotations

from collections import ChainMap
from typing import ClassVar

import pandas as pd
import pandera.pandas as pa

from livingreview.tables.checks import Checks
from livingreview.tables.records import Effects, Ledger, Studies
from livingreview.tables.sensitivity import Variations
from livingreview.tables.synthesis import Moderators, Summary
from livingreview.tables.table import Column, Table

MODERATOR = "Moderator: "
RISK_OF_BIAS = "Risk of bias: "


class ReadersTable(Table):
    """Columns of result tables, each under a heading and with words that may differ from theirs.

    Those of `_in_words` print names such as ``not_usable`` as words; those of `_may_be_empty` may
    be empty where the result table always has a value.
    """

    _sources: ClassVar[tuple[type[Table], ...]] = ()
    _headings: ClassVar[dict[str, tuple[str, str]]] = {}
    _in_words: ClassVar[frozenset[str]] = frozenset()
    _may_be_empty: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def to_schema(cls) -> pa.DataFrameSchema:
        """Types and limits are those of the result tables."""
        found = ChainMap(*(source.to_schema().columns for source in cls._sources))
        columns = {}
        for name, (heading, words) in cls._headings.items():
            column = found[name]
            columns[heading] = pa.Column(
                column.dtype,
                [c for c in column.checks if name not in cls._in_words or c.name != "isin"],
                nullable=column.nullable or name in cls._may_be_empty,
                regex=column.regex,
                required=column.required,
                description=words or column.description,
            )
        return pa.DataFrameSchema(columns, strict=True, coerce=True)

    @classmethod
    def headed(cls, frame: pd.DataFrame) -> pd.DataFrame:
        """Put columns under their headings; those of many names have theirs already."""
        columns = {}
        for name, (heading, _) in cls._headings.items():
            many = name.startswith("^")
            for text in frame.filter(regex=heading) if many else [heading]:
                cells = frame[text if many else name]
                columns[text] = cells.str.replace("_", " ") if name in cls._in_words else cells
        return cls.validate(pd.DataFrame(columns))


class _Measured(Table):
    """What readers' tables add to each row."""

    measured_by: str = Column("What the effect is: a ratio, or a difference in its unit.")


class PooledResults(ReadersTable, file="8_report/tables/pooled_results.csv"):
    """One row per outcome, model and setting: the pooled results."""

    _sources = (Summary, _Measured)
    _may_be_empty = frozenset({"p_practically_none"})
    _headings = {
        "outcome": ("Outcome", "What was measured."),
        "model": ("Model", "Label of the model."),
        "setting": ("Which studies", "All, or those at a level of a moderator."),
        "studies": ("Studies", "How many."),
        "measured_by": ("Measured by", ""),
        "size_learnt": ("Size learnt", "Whether these studies tell how large the effect is."),
        "effect": (
            "Effect",
            "Median; above no difference means more of the outcome. Empty where not learnt.",
        ),
        "effect_low": ("Effect, 2.5%", ""),
        "effect_high": ("Effect, 97.5%", ""),
        "new_setting_low": ("In a new setting, 2.5%", "Low end of the 95% prediction interval."),
        "new_setting_high": ("In a new setting, 97.5%", "High end of the prediction interval."),
        "tau": (
            "Tau",
            "Median standard deviation of effects between studies; of ratios, of their logarithm.",
        ),
        "sd_within_study": (
            "Within studies",
            "Median standard deviation of one study's effects; empty where none gives several.",
        ),
        "p_more": ("Probability of more", "Of more of the outcome."),
        "p_less": ("Probability of less", "Of less of the outcome."),
        "p_practically_none": (
            "Probability of practically no difference",
            "That the effect is within the protocol's limits around no difference. Empty where the"
            " size is not learnt, as a prior would decide it.",
        ),
        "baseline_per_1000": (
            "Per 1,000 without",
            "People with the outcome in the control arm: as cited, else in the middle of the"
            " control groups on record; empty without either.",
        ),
        "difference_per_1000": ("Difference per 1,000", "Median change in that number."),
        "difference_per_1000_low": ("Difference per 1,000, 2.5%", ""),
        "difference_per_1000_high": ("Difference per 1,000, 97.5%", ""),
        "verdict_words": ("Verdict", "In the words of the protocol's decision rule."),
    }


class EffectsOfStudies(ReadersTable, file="8_report/tables/study_effects.csv"):
    """One row per effect of a study: what it reported, and its effect in the overall model."""

    _sources = (Effects, Studies, Summary, _Measured)
    _in_words = frozenset({"status", "significance", "analysed"})
    _may_be_empty = frozenset({"effect", "effect_low", "effect_high", "p_more"})
    _headings = {
        "outcome": ("Outcome", "What was measured."),
        "label": ("Study", "Author and year."),
        "effect_label": ("Which effect", "Of a study with several on the outcome."),
        "measure": ("Measure", ""),
        "follow_up_months": ("Months followed", "Empty when not known."),
        "analysed": ("People analysed", "As they were assigned, or as they received."),
        "status": ("What became of it", "Analysed, set aside, or not usable."),
        "reason": ("Reason", "Unless analysed."),
        "kind": ("Kind of evidence", "A finding is only a direction and significance."),
        "direction": ("Direction reported", "As the study says."),
        "significance": ("Significance reported", "As the study says."),
        "assumption": ("Assumption", "What had to be assumed to use it."),
        "measured_by": ("Measured by", ""),
        "effect": (
            "Effect",
            "Median in the overall model, drawn to the others; empty unless analysed, and where the"
            " size of the pooled effect is not learnt.",
        ),
        "effect_low": ("Effect, 2.5%", ""),
        "effect_high": ("Effect, 97.5%", ""),
        "p_more": ("Probability of more", "Of more of the outcome."),
    }


class ModeratorResults(ReadersTable, file="8_report/tables/moderators.csv"):
    """One row per difference between studies that a model looked at."""

    _sources = (Moderators, _Measured)
    _may_be_empty = frozenset({"comparison", "comparison_low", "comparison_high"})
    _headings = {
        "outcome": ("Outcome", "What was measured."),
        "model": ("Model", "Label of the model."),
        "moderator": ("Moderator", "What differs."),
        "coefficient": ("Difference", "A level against the reference, or a step of a number."),
        "measured_by": ("Measured by", ""),
        "size_learnt": ("Sizes learnt", "Whether these studies tell how large both effects are."),
        "comparison": (
            "Comparison of effects",
            "A ratio of ratios, or a difference of differences; median. Empty where not learnt.",
        ),
        "comparison_low": ("Comparison of effects, 2.5%", "Low end of its 95% interval."),
        "comparison_high": ("Comparison of effects, 97.5%", "High end of its 95% interval."),
        "p_direction": (
            "Probability of direction",
            "That the difference has the sign of its median.",
        ),
        "likelihood_error": (
            "Standard error of the likelihood",
            "Of the difference on the scale of θ, without its prior; empty where not known.",
        ),
        "contraction": (
            "Contraction",
            "How much narrower the posterior is than the prior; 0 for nothing learned.",
        ),
        "studies_level": ("Studies at the level", "How many."),
        "studies_reference": ("Studies at the reference", "How many."),
        "verdict_words": ("Verdict", "In the protocol's words."),
        "reason": ("Reason", ""),
    }


class StudyCharacteristics(ReadersTable, file="8_report/tables/study_characteristics.csv"):
    """One row per record: what kind of study it is, and its risk of bias."""

    _sources = (Studies,)
    _in_words = frozenset({"status", "^risk_"})
    _headings = {
        "label": ("Study", "Author and year."),
        "year": ("Year", "Of publication; empty when not known."),
        "status": ("Status", "Whether it is in the review."),
        "reason": ("Reason", "If it is not."),
        "design_detail": ("How groups were formed", "In words."),
        "eligibility": ("Why it belongs", "In words."),
        "^moderator_": (f"^{MODERATOR}", ""),
        "^risk_": (f"^{RISK_OF_BIAS}", "Empty when not judged."),
        "citation": ("Reference", "In full."),
        "identifier": ("Identifier", "DOI or another, where known."),
    }


class EvidenceLedger(ReadersTable, file="8_report/tables/evidence_ledger.csv"):
    """One row per value that was read from a source."""

    _sources = (Ledger, Studies)
    _headings = {
        "label": ("Study", "Author and year."),
        "effect_id": ("Effect", "Study and outcome, by name."),
        "field": ("Field", "Where it stands in the record."),
        "value": ("Value", "As the record has it."),
        "source_url": ("Source", "Address of the page."),
        "source_locator": ("Place in the source", "In words."),
        "source_kind": ("Kind of source", ""),
        "note": ("Note", "What the record says of it."),
        "record_file": ("Record", "File that holds it."),
        "record_line": ("Line", "In that file."),
    }


class SensitivityResults(ReadersTable, file="8_report/tables/sensitivity.csv"):
    """One row per analysis that differs from the planned one in one choice."""

    _sources = (Variations, Summary, _Measured)
    _in_words = frozenset({"analysis"})
    _headings = {
        "outcome": ("Outcome", "What was measured."),
        "analysis": ("Choice changed", "`planned` for none."),
        "variant": ("Changed to", "Study left out or last added; else name of the choice."),
        "studies": ("Studies", "How many are left."),
        "measured_by": ("Measured by", ""),
        "size_learnt": ("Size learnt", "Whether all studies tell how large the effect is."),
        "effect": ("Effect", "Median. Empty where not learnt."),
        "effect_low": ("Effect, 2.5%", ""),
        "effect_high": ("Effect, 97.5%", ""),
        "p_more": ("Probability of more", "Of more of the outcome."),
        "tau": ("Tau", "Spread between studies, median."),
    }


class CheckResults(ReadersTable, file="8_report/tables/checks.csv"):
    """One row per check, those first that warn."""

    _sources = (Checks,)
    _in_words = frozenset({"check"})
    _headings = {
        "check": ("Check", "What was checked."),
        "fit": ("Fit", "Outcome and model, by name."),
        "quantity": ("Quantity", ""),
        "value": ("Value", ""),
        "threshold": ("Limit", "In the protocol."),
        "verdict": ("Verdict", "What follows from it."),
        "file": ("Details in", "Result table."),
    }


class DataDictionary(Table, file="8_report/data_dictionary.csv"):
    """One row per column of every CSV file among the results.

    A file of one outcome of a table of all, such as `relapse.variations.csv`, has the same columns.
    """

    file_: str = Column(
        "Below the folder of the review's results; the same behind the name of an outcome and a dot"
        " has the rows of that outcome.",
        alias="file",
    )
    rows: str = Column("What a row of that file is.")
    column: str = Column("Heading of the column.")
    type: str = Column("Text, number, whole number, or True or False.")
    allowed: str = Column("Values that it may have.")
    may_be_empty: bool = Column("Whether cells may be empty.")
    description: str = Column("What it means, with its scale.")
