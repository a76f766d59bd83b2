"""Study records: what one evaluation reported, value by value, each with its source.

One YAML file holds one study. A record says what was *reported*; nothing in it
is computed. Six kinds of evidence are known (docs/methods.md gives the formula
of each). The models hold what one field may be; `records.contradictions` holds what fields
may not say together, `records.protocol_names` which names they may use.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from livingreview.base.documents import Document, Strict, read_document, validated
from livingreview.base.errors import Problem, ReviewError
from livingreview.base.patterns import IDENTIFIER, WORDS_OF_PATTERN, is_identifier
from livingreview.base.types import DesignKind, Identifier, Source, Text
from livingreview.protocol.vocabulary import Vocabulary
from livingreview.records.contradictions import LARGEST_AMOUNT, LEAST_AMOUNT, contradictions
from livingreview.records.protocol_names import foreign_names

Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
Size = Annotated[int, Field(ge=1, le=1_000_000_000)]
# No report has numbers beyond these, and arithmetic keeps its digits between them.
Amount = Annotated[float, Field(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT)]
Positive = Annotated[float, Field(ge=LEAST_AMOUNT, le=LARGEST_AMOUNT)]
Direction = Literal["increase", "decrease", "none", "unclear"]
Significance = Literal["significant", "not_significant", "not_stated"]


class Sizes(Strict):
    """Group sizes as one source gives them: both groups, or their total."""

    name: Identifier = Field(description="Name of this alternative, used in stage 6.")
    basis: Literal["reported", "planned", "derived"] = Field(
        description="Whether the source states the sizes, plans them, or they were worked out."
    )
    treated: Size | None = None
    control: Size | None = None
    total: Size | None = None
    source: Source
    note: Text | None = None

    @property
    def groups(self) -> tuple[int, int] | None:
        """Treated and control, one of them from the total where need be; None when not known."""
        treated, control = self.treated, self.control
        if self.total is not None and treated is not None:
            control = self.total - treated
        elif self.total is not None and control is not None:
            treated = self.total - control
        return None if treated is None or control is None else (treated, control)

    @property
    def people(self) -> int:
        """Both groups together."""
        if self.total is not None:
            return self.total
        assert self.groups is not None
        return sum(self.groups)


class ArmCounts(Strict):
    """People in one arm with the outcome, out of those observed."""

    arm: Identifier
    events: Count
    total: Size


class ArmPercent(Strict):
    """Rounded percentage of one arm with the outcome."""

    arm: Identifier
    percent: Annotated[float, Field(ge=0, le=100)]
    decimals: Annotated[int, Field(ge=0, le=6)] = Field(description="Decimals as printed.")
    total: Size | None = Field(default=None, description="Left out when it could not be read.")


class ArmMean(Strict):
    """Mean and standard deviation of a score in one arm."""

    arm: Identifier
    mean: Amount
    sd: Positive
    total: Annotated[int, Field(ge=2, le=1_000_000_000)]


class Clusters(Strict):
    """Groups of people assigned together: how many, and how alike they are."""

    icc: Annotated[float, Field(ge=0, le=1)] = Field(description="Intracluster correlation.")
    average_size: Annotated[float, Field(ge=1, le=1_000_000_000)]
    source: Source | None = Field(
        default=None, description="Of the intracluster correlation; left out when it is assumed."
    )
    note: Text | None = Field(default=None, description="Required when the correlation is assumed.")


class _Evidence(Strict):
    source: Source
    note: Text | None = None
    clusters: Clusters | None = Field(
        default=None, description="Only when groups of people were assigned, not people."
    )


class _Analysed(_Evidence):
    adjusted_for_clusters: bool = Field(
        default=False, description="The uncertainty or test reported allows for clusters."
    )


class Counts(_Evidence):
    """Events and totals by arm."""

    kind: Literal["counts"]
    arms: Annotated[list[ArmCounts], Field(min_length=2)]


class Percentages(_Evidence):
    """Percentages and group sizes by arm."""

    kind: Literal["percentages"]
    arms: Annotated[list[ArmPercent], Field(min_length=2)]


class Estimate(_Analysed):
    """A relative effect with its uncertainty, on its natural (not log) scale."""

    kind: Literal["estimate"]
    measure: Literal["odds_ratio", "risk_ratio", "hazard_ratio", "smd"]
    value: Amount
    standard_error: Positive | None = Field(
        default=None, description="Of the log for a ratio, of the value itself for an SMD."
    )
    interval: Annotated[list[Amount], Field(min_length=2, max_length=2)] | None = None
    interval_percent: Annotated[float, Field(gt=50, le=99.9999)] = 95
    p_value: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        default=None, description="Exact two-sided p value; a bound such as `< 0.05` is a finding."
    )
    adjusted: bool = False
    approximate: bool = Field(default=False, description="The source says `about`.")


class Means(_Evidence):
    """Means and standard deviations by arm of a score that rises with the outcome."""

    kind: Literal["means"]
    arms: Annotated[list[ArmMean], Field(min_length=2)]


class Test(_Analysed):
    """A test statistic with group sizes and a direction."""

    kind: Literal["test"]
    statistic: Literal["chi_squared", "z", "t", "f", "p"]
    value: Annotated[float, Field(ge=0, le=LARGEST_AMOUNT)] = Field(
        description="Absolute value, or the exact p."
    )
    direction: Literal["increase", "decrease"]
    sizes: Annotated[list[Sizes], Field(min_length=1)]


class Finding(_Analysed):
    """Only a direction and a statement of significance."""

    kind: Literal["finding"]
    direction: Direction
    significance: Significance
    sizes: list[Sizes] = Field(
        default=[], description="One entry per source of sizes, the one to analyse first."
    )


Evidence = Annotated[
    Counts | Percentages | Estimate | Means | Test | Finding, Field(discriminator="kind")
]


class Effect(Strict):
    """One outcome and one comparison of a study, with all that was reported about it."""

    id: Identifier = Field(description="Unique within the study.")
    outcome: Identifier
    measure: Text
    follow_up_months: Annotated[float, Field(gt=0, le=600)] | None = Field(
        description="Null when it could not be read."
    )
    treated: Identifier
    control: Identifier
    set_aside: Text | None = Field(
        default=None, description="Reason not to analyse this effect, when there is one."
    )
    evidence: Annotated[list[Evidence], Field(min_length=1)]


class Arm(Strict):
    """A group of people and what they got."""

    id: Identifier
    label: Text
    assigned: Size | None = None


class Design(Strict):
    """How the groups were formed."""

    kind: DesignKind
    detail: Text
    clustered: bool = Field(
        default=False, description="Whether groups of people were assigned, not people."
    )


class Judgement(Strict):
    """Risk of bias in one domain."""

    judgement: Literal["low", "some_concerns", "high", "not_readable"]
    reason: Text


class Citation(Strict):
    """How to find the study."""

    label: Text = Field(description="Short name for figures, such as `Jolin 1998`.")
    text: Text
    year: Annotated[int, Field(ge=1900, le=2100)]
    identifier: Text | None = None


class Study(Strict):
    """One evaluation: the whole content of a record file."""

    study_id: Identifier
    citation: Citation
    status: Literal["extracted", "awaiting_data", "to_screen", "excluded"]
    reason: Text | None = Field(default=None, description="Required unless extracted.")
    eligibility: Text
    design: Design
    moderators: dict[str, str | float | None] = Field(
        description="Value of each moderator in the protocol; null when it could not be read."
    )
    arms: list[Arm] = []
    risk_of_bias: dict[str, Judgement] = {}
    sources: Annotated[list[Source], Field(min_length=1)]
    notes: list[Text] = []
    effects: list[Effect] = []


def record_files(folder: Path) -> tuple[list[Path], list[Problem]]:
    """Files of all records of a review, and those that would be passed over.

    Parameters
    ----------
    folder : Path
        ``data/raw/<review>/studies``.

    Returns
    -------
    records : list of Path
        In the order of their names.
    problems : list of Problem
        Files that look like records and have another name or place; no record at all.
    """
    records = sorted(folder.glob("*.yaml"))
    looks = {path for path in folder.rglob("*") if re.search(r"\.ya?ml\b", path.name.lower())}
    passed_over = [path for path in looks - set(records) if not _is_left_behind(path, folder)]
    odd = [path for path in records if not is_identifier(path.stem)]
    allowed = f"{folder}/<study_id>.yaml, its id {WORDS_OF_PATTERN[IDENTIFIER]}"
    problems = [Problem(str(path), 0, "", "this name", allowed) for path in passed_over + odd]
    if not records and folder.parent.is_dir():
        problems.append(Problem(str(folder), 0, "", "no record", "one or more <study_id>.yaml"))
    return records, problems


def _is_left_behind(path: Path, folder: Path) -> bool:
    """Whether an editor or a system made the file for itself."""
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return hidden or path.name.endswith("~")


def read_studies(
    paths: Iterable[Path],
    outcomes: Iterable[str],
    moderators: dict[str, tuple[str, ...] | None],
    domains: Iterable[str],
) -> list[tuple[Document, Study]]:
    """Read all records of a review, or say everything that is wrong with them.

    Parameters
    ----------
    paths : iterable of Path
        Record files.
    outcomes : iterable of str
        Outcomes of the protocol.
    moderators : dict
        Levels of each moderator of the protocol; None for a numeric one.
    domains : iterable of str
        Risk-of-bias domains of the protocol.

    Returns
    -------
    list of (Document, Study)
        In the order of `study_id`.

    Raises
    ------
    ReviewError
        With every problem of every file.
    """
    vocabulary = Vocabulary(tuple(outcomes), moderators, tuple(domains))
    studies, problems = checked_studies(paths, vocabulary)
    if problems:
        raise ReviewError(problems)
    return studies


def checked_studies(
    paths: Iterable[Path], vocabulary: Vocabulary | None
) -> tuple[list[tuple[Document, Study]], list[Problem]]:
    """Records that can be used, in the order of `study_id`, and what is wrong with the others.

    Parameters
    ----------
    paths : iterable of Path
        Record files.
    vocabulary : Vocabulary or None
        Names of the protocol; None when it cannot be read, so that names go unchecked.
    """
    problems: list[Problem] = []
    studies: list[tuple[Document, Study]] = []
    first_file: dict[str, str] = {}
    for path in sorted(paths):
        try:
            document = read_document(path)
        except ReviewError as error:
            problems += error.problems
            continue
        found: list[Problem] = []
        study_id = document.data.get("study_id")
        if isinstance(study_id, str):  # else `validated` tells what is wrong with it
            allowed = None
            if study_id in first_file:
                allowed = f"an id not used in {first_file[study_id]}"
            elif study_id != path.stem:
                allowed = f"`{path.stem}`, the name of the file"
            if allowed is not None:
                found.append(document.problem(("study_id",), study_id, allowed))
            first_file.setdefault(study_id, str(path))
        try:
            study = checked_study(document, vocabulary)
        except ReviewError as error:
            found += error.problems
        else:
            studies += [] if found else [(document, study)]
        problems += found
    return sorted(studies, key=lambda pair: pair[1].study_id), problems


def checked_study(document: Document, vocabulary: Vocabulary | None) -> Study:
    """Check one record against its models, against itself and against the protocol.

    Raises
    ------
    ReviewError
        With every problem of the record.
    """
    problems = foreign_names(document, vocabulary) if vocabulary is not None else []
    problems += contradictions(document)
    try:
        study = validated(document, Study)
    except ReviewError as error:
        raise ReviewError([*problems, *error.problems]) from None
    if problems:
        raise ReviewError(problems)
    return study
