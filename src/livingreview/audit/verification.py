"""Hold results against their manifest, and the pages against their claims; build nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from livingreview.audit.manifest import MANIFEST, Manifest, read_manifest
from livingreview.audit.printed_page import PrintedClaim, printed_claims, single_spaced
from livingreview.audit.unclaimed import FIXED, protocol_wordings, quoted_texts, unclaimed_numbers
from livingreview.base.errors import Stop, value_text
from livingreview.base.labels import ALONE, in_sentence
from livingreview.base.rounding import STYLES, labelled
from livingreview.base.saving import checksum
from livingreview.base.step_records import STEP_RECORDS, StepRecord
from livingreview.report.claims import LABEL, OPENS
from livingreview.report.pages import PAGES
from livingreview.report.row_selection import Selection
from livingreview.report.sentences.choices import CHOICES
from livingreview.tables.records import Conflicts, Questions, Studies
from livingreview.tables.registry import table_in
from livingreview.tables.report import ClaimsTable
from livingreview.tables.table import as_meant

SOURCES = "9_audit/sources"
CRATE = "ro-crate-metadata.json"
RUN_CONFIG = "9_audit/run_config.yaml"
REPORT = "8_report"


@dataclass(frozen=True)
class AuditSummary:
    """What was looked at, when nothing was wrong."""

    results: int
    sources: int
    claims: int
    printed: int

    def __str__(self) -> str:
        return (
            f"Audit passed: {self.claims} claims recomputed, {self.printed} places on the pages"
            f" compared with them, {self.results} results and {self.sources} sources have the"
            " checksums of the manifest."
        )


def audit(results: Path, repository: Path) -> AuditSummary:
    """Audit the results of a review as they stand, and the sources in the working copy.

    Raises
    ------
    Stop
        With every fault: files that changed, are missing, or came from nowhere, and claims that
        the files no longer bear out.
    """
    manifest = read_manifest(results / MANIFEST)
    claims = recorded_claims(results)
    pages = pages_of(results)
    printed = {name: printed_claims(page) for name, page in pages.items()}
    faults = [
        *_changed_results(results, manifest),
        *_unknown_files(results, manifest),
        *_changed_sources(results, repository, manifest),
        *_wrong_claims(results, claims),
        *(f"{REPORT}/{file}: missing" for file in PAGES if f"{REPORT}/{file}" not in pages),
        *(_wrong_print(printed, claims) if len(pages) == len(PAGES) else []),
        *_unclaimed(results, pages),
    ]
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        lines = "\n".join(f"  {fault}" for fault in faults)
        raise Stop(f"Audit failed: {count} in {results}.\n{lines}")
    places = sum(map(len, printed.values()))
    return AuditSummary(len(manifest.results), len(manifest.sources), len(claims), places)


def pages_of(results: Path) -> dict[str, str]:
    """Every page that is there, by its file below the results folder."""
    return {
        name: path.read_text(encoding="utf-8")
        for file in PAGES
        if (path := results / (name := f"{REPORT}/{file}")).exists()
    }


def recorded_claims(results: Path) -> pd.DataFrame:
    """The list of claims, every cell as text."""
    try:
        return as_meant(pd.read_csv(results / ClaimsTable.file, dtype=str, keep_default_na=False))
    except FileNotFoundError:
        raise Stop(f"{results / ClaimsTable.file} is not there: build the review first.") from None


def read_result(path: Path) -> pd.DataFrame:
    """A result table as the report reads it, but unchecked."""
    return table_in(path).unchecked(path)


def recomputed(
    table: pd.DataFrame,
    row: str,
    column: str,
    style: str,
    labels: Sequence[Mapping[str, str]] = (),
) -> tuple[Any, list[str]]:
    """Value of a claim and the texts that it may be printed as, from its table.

    The row is spelled as in `claims.csv`; a claim of names may be printed by any of the labels.

    Raises
    ------
    LookupError
        If the table has no such cell.
    """
    value = Selection.parse(row).value(table, column)
    if style != LABEL:
        return value, [STYLES[style](value)]
    names = str(value).split(" ")
    return value, [labelled(value, known) for known in labels if set(names) <= set(known)]


def labels_of(results: Path) -> list[dict[str, str]]:
    """Labels of studies, moderators, choices and directions, as sentences have them."""
    studies = read_result(results / Studies.file).set_index("study_id")["label"].to_dict()
    moderators = _protocol(results)["moderators"].items()
    of_moderators = {name: in_sentence(m["label"]) for name, m in moderators}
    return [studies, of_moderators, CHOICES, *ALONE.values()]


def _protocol(results: Path) -> dict[str, Any]:
    return yaml.safe_load((results / RUN_CONFIG).read_text(encoding="utf-8"))["protocol"]


def _changed_results(results: Path, manifest: Manifest) -> list[str]:
    faults = []
    for entry in manifest.results:
        path = results / entry.file
        if not path.exists():
            faults.append(f"{entry.file}: missing; {entry.rule} made it")
        elif checksum(path) != entry.sha256:
            faults.append(f"{entry.file}: changed since {entry.rule} made it")
    # The manifest cannot list what is made from it; the record of its step does.
    crate = StepRecord.read(results / STEP_RECORDS / "write_crate.json")
    if crate is None or crate.changed_outputs(results):
        faults.append(f"{CRATE}: changed since write_crate made it")
    return faults


def _unknown_files(results: Path, manifest: Manifest) -> list[str]:
    known = {entry.file for entry in manifest.results} | {MANIFEST, CRATE}
    # The manifest cannot list what is made from it, nor the record of its own step.
    known |= {f"{STEP_RECORDS}/{rule}.json" for rule in ("write_manifest", "write_crate")}
    present = {
        path.relative_to(results).as_posix()
        for path in results.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
    return [
        f"{file}: no rule made this file"
        for file in sorted(present - known)
        if not file.startswith(f"{SOURCES}/")
    ]


def _changed_sources(results: Path, repository: Path, manifest: Manifest) -> list[str]:
    faults = []
    for source in manifest.sources:
        copy, now = results / SOURCES / source.file, repository / source.file
        if not copy.exists() or checksum(copy) != source.sha256:
            faults.append(f"{SOURCES}/{source.file}: not the file that the results were built from")
        if not now.exists() or checksum(now) != source.sha256:
            faults.append(f"{source.file}: changed since the results were built; build again")
    return faults


def _wrong_claims(results: Path, claims: pd.DataFrame) -> list[str]:
    """Claims whose cell gives another value or another text."""
    faults = []
    tables: dict[str, pd.DataFrame] = {}
    labels = labels_of(results)
    for claim in claims.itertuples():
        place = f"{claim.file}, {claim.row}, {claim.column}"
        try:
            if claim.file not in tables:
                tables[claim.file] = read_result(results / claim.file)
            value, texts = recomputed(
                tables[claim.file], claim.row, claim.column, claim.style, labels
            )
        except FileNotFoundError:
            faults.append(f"{place}: the file is missing; claim {claim.id}")
        except (LookupError, ValueError) as error:
            faults.append(f"{place}: {error.args[0]}; claim {claim.id}")
        else:
            if claim.text not in texts or not _same(value, claim.value):
                text = " or ".join(texts) or "no text"
                faults.append(
                    f"{place}: the page says {claim.text!r} ({claim.value}), the file gives"
                    f" {text!r} ({value}); claim {claim.id}"
                )
    return faults


def _same(value: Any, recorded: str) -> bool:
    """Whether a value is the recorded one; a number may be spelled `2` or `2.0`."""
    try:
        return float(value) == float(recorded)
    except ValueError:
        return str(value) == recorded


def _wrong_print(printed: dict[str, list[PrintedClaim]], claims: pd.DataFrame) -> list[str]:
    """Claims that a page prints otherwise than the list has them, or that none prints."""
    listed = {
        (f"{c.file}, {c.row}, {c.column}", single_spaced(c.text)): c.id for c in claims.itertuples()
    }
    on_pages = {
        name: {(claim.title, single_spaced(claim.text)) for claim in of_page}
        for name, of_page in printed.items()
    }
    return [
        *(
            f"{name}: prints {text!r} for {place}, which is no claim of {ClaimsTable.file}"
            for name, on_page in on_pages.items()
            for place, text in sorted(on_page - set(listed))
        ),
        *(
            f"{REPORT}: no page prints {text!r} for {place}; claim {listed[place, text]}"
            for place, text in sorted(set(listed).difference(*on_pages.values()))
        ),
    ]


def _unclaimed(results: Path, pages: dict[str, str]) -> list[str]:
    """Numbers on the pages that no claim stands for."""
    conflicts = read_result(results / Conflicts.file).astype(str).to_numpy().ravel()
    questions = read_result(results / Questions.file)[["study_id", "field", "found", "why"]]
    quoted = [
        *quoted_texts(results / SOURCES),
        *(text.replace("_", " ") for text in conflicts),
        *questions.astype(str).to_numpy().ravel(),
    ]
    fixed = [*FIXED, *protocol_wordings(_protocol(results))]
    lost = [
        f"{name}: a claim stands outside of a sentence" for name in pages if OPENS in pages[name]
    ]
    return lost + [
        f"{name}: {number} is no claim, in: {value_text(words)}"
        for name, page in pages.items()
        for number, words in unclaimed_numbers(page, quoted, fixed)
    ]
