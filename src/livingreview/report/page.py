"""Stage 8: the page and the summary, from result tables, narrative and figures."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup, escape

from livingreview.base.markdown import markdown
from livingreview.base.templates import environment
from livingreview.figures.wording import RECORDS
from livingreview.protocol.models import OVERALL
from livingreview.protocol.review import Protocol
from livingreview.records.narrative import Narrative, Published
from livingreview.report.captions import caption_of
from livingreview.report.claims import Claim, Claims, Sentence
from livingreview.report.emmie import EMMIE, emmie_table
from livingreview.report.emmie_card import emmie_card
from livingreview.report.icon_arrays import PER_1000, icon_arrays
from livingreview.report.prior_explorer import options
from livingreview.report.sentences import (
    checks as check_sentences,
)
from livingreview.report.sentences import (
    choices as choice_sentences,
)
from livingreview.report.sentences import (
    conclusions as conclusion_sentences,
)
from livingreview.report.sentences import (
    evidence as evidence_sentences,
)
from livingreview.report.sentences import (
    models as model_sentences,
)
from livingreview.report.sentences import (
    moderators as moderator_sentences,
)
from livingreview.report.sentences import (
    results as sentences,
)
from livingreview.report.sentences.changes import what_changed
from livingreview.report.study_records import LEDGER, filters, study_records
from livingreview.report.varied_outcome import VARIATIONS

# Studies whose records stand on the page. Of more, only those that a figure leads to: ten thousand
# records are for a table, and would make a page of 25 MB.
MOST_RECORDS = 200


@dataclass(frozen=True)
class Material:
    """All that a report is made of.

    Attributes
    ----------
    protocol : Protocol
    narrative : Narrative
    published : Published
    tables : dict of DataFrame
        Result tables by their file name below the results folder.
    figures : dict of str
        SVG text by figure name.
    captions : dict of str
        reStructuredText by figure, or kind of figure.
    style : str
        CSS of the page.
    """

    protocol: Protocol
    narrative: Narrative
    published: Published
    tables: dict[str, pd.DataFrame]
    figures: dict[str, str]
    captions: dict[str, str]
    style: str


@dataclass(frozen=True)
class Rendered:
    """What stage 8 writes of the page and its parts."""

    page: str
    summary: str
    claims: pd.DataFrame
    emmie: pd.DataFrame


def render(material: Material, templates: Path) -> Rendered:
    """Render the page and the summary.

    Parameters
    ----------
    material : Material
    templates : Path
        Folder with ``page.html.j2`` and ``summary.md.j2``.
    """
    emmie = emmie_table(material.tables, material.narrative.emmie, material.protocol)
    material = replace(material, tables={**material.tables, EMMIE: emmie})
    claims = Claims(material.tables)
    context = _context(material, claims)
    printed: set[str] = set()
    page = _environment(templates, printed).get_template("page.html.j2").render(context)
    summary = markdown(templates / "summary.md.j2", **context)
    return Rendered(page, summary, claims.table(printed), emmie)


def _context(material: Material, claims: Claims) -> dict[str, Any]:
    """Everything the templates may use."""
    tables, protocol = material.tables, material.protocol
    summary, effects = tables[sentences.SUMMARY], tables[sentences.EFFECTS]
    checks, conflicts = tables[check_sentences.CHECKS], tables[check_sentences.CONFLICTS]
    by_outcome = {
        name: sentences.effect_sentences(claims, summary, name, outcome, protocol)
        for name, outcome in protocol.outcomes.items()
    }
    labels = tables[sentences.STUDIES].set_index("study_id")["label"].to_dict()
    studies = studies_shown(tables[sentences.STUDIES], material.figures.values())
    return {
        "protocol": protocol,
        "narrative": material.narrative,
        "conclusions_overview": conclusion_sentences.overview(
            claims, tables[conclusion_sentences.CONCLUSIONS]
        ),
        "conclusions": conclusion_sentences.comparisons(
            claims, tables[conclusion_sentences.CONCLUSIONS], material.published
        ),
        "style": Markup(material.style),
        "figures": {
            name: embedded(svg, f"f{i}", name, labels)
            for i, (name, svg) in enumerate(material.figures.items())
        },
        "captions": {name: caption_of(name, material.captions) for name in material.figures},
        "emmie": emmie_card(claims, tables, material.narrative.emmie, protocol),
        "completeness": sentences.completeness(claims, effects),
        "effects_by_outcome": by_outcome,
        "icons": icon_arrays(claims, tables[PER_1000], protocol),
        "moderators_overview": moderator_sentences.overview(
            claims, tables[sentences.MODERATORS], protocol
        ),
        "moderators": moderator_sentences.moderator_sentences(claims, tables, protocol),
        "moderator_rows": moderator_sentences.moderator_rows(claims, tables, protocol),
        "other_models": model_sentences.other_models(claims, summary, protocol),
        "contrasts": model_sentences.contrast_sentences(
            claims, tables[model_sentences.CONTRASTS], protocol
        ),
        "checks": check_sentences.check_sentences(claims, checks, protocol),
        "soundness": [
            check_sentences.sampler_sentence(claims, checks),
            *check_sentences.parity_sentences(claims, checks),
            check_sentences.conflict_sentence(claims, conflicts),
        ],
        **_by_outcome(material, claims),
        "records": (records := study_records(claims, studies, tables, protocol)),
        "not_shown": sentences.not_shown(claims, tables[sentences.STUDIES], studies),
        "filters": filters(records, protocol),
        "options": options(claims, tables[VARIATIONS], protocol),
        "chances": chances(summary),
        "changes": what_changed(claims, tables, protocol),
        "studies": _records(studies),
        "effects": _records(effects),
        "conflicts": _records(conflicts),
        "pooled_rows": pooled_rows(claims, summary, protocol),
        "fitted": {name: sentences.is_fitted(summary, name) for name in protocol.outcomes},
        "integrated": {name: sentences.is_integrated(claims, name) for name in protocol.outcomes},
        "sources": sources_by_study(tables[LEDGER]),
    }


def _by_outcome(material: Material, claims: Claims) -> dict[str, dict[str, list[Sentence]]]:
    """What is said of each outcome with an analysed effect, by topic."""
    tables, protocol = material.tables, material.protocol
    summary = tables[sentences.SUMMARY]
    said: dict[str, dict[str, list[Sentence]]] = {
        topic: {} for topic in ("choices", "alike", "small_studies", "next_trial")
    }
    for name in protocol.outcomes:
        if not (sentences.is_fitted(summary, name) or sentences.is_integrated(claims, name)):
            continue
        said["choices"][name] = choice_sentences.choice_sentences(claims, tables, name, protocol)
        said["alike"][name] = evidence_sentences.alike_sentences(claims, tables, name)
        said["small_studies"][name] = evidence_sentences.small_study_sentences(
            claims, tables[evidence_sentences.SMALL_STUDIES], name
        )
        said["next_trial"][name] = evidence_sentences.next_trial_sentences(
            claims, tables[evidence_sentences.NEXT_TRIAL], name, protocol
        )
    return said


def studies_shown(studies: pd.DataFrame, figures: Iterable[str]) -> pd.DataFrame:
    """Studies whose records and references stand on the page.

    Parameters
    ----------
    studies : DataFrame
        All studies on record, one row each.
    figures : iterable of str
        SVG of the figures, with links to records.
    """
    if len(studies) <= MOST_RECORDS:
        return studies
    link = re.compile(rf'{re.escape(RECORDS)}([^"]+)"')
    drawn = {study for figure in figures for study in link.findall(figure)}
    return studies[studies["study_id"].isin(drawn)]


def chances(summary: pd.DataFrame) -> dict[str, float]:
    """Percent of the posterior below an odds ratio of 1, by outcome: widths of bars."""
    rows = summary[summary["model"] == OVERALL]
    return {str(row.outcome): round(100 * float(row.p_less), 2) for row in rows.itertuples()}


def pooled_rows(claims: Claims, summary: pd.DataFrame, protocol: Protocol) -> list[dict[str, Any]]:
    """Rows of the table of pooled effects: one per outcome, model and setting."""
    rows = []
    for row in summary.itertuples():
        if len(protocol.models[row.model].moderators) > 1:
            continue
        where = {"fit": row.fit, "setting": row.setting}
        cells: dict[str, Claim | str] = {
            "outcome": protocol.outcomes[row.outcome].label,
            "setting": moderator_sentences.setting_label(row.setting, protocol),
            "model": protocol.models[row.model].label,
            "studies": claims.cell(sentences.SUMMARY, "studies", "whole", **where),
            "words": claims.cell(sentences.SUMMARY, "verdict_words", "words", **where),
        }
        for column in (
            "odds_ratio",
            "odds_ratio_low",
            "odds_ratio_high",
            "new_setting_low",
            "new_setting_high",
        ):
            cells[column] = claims.cell(sentences.SUMMARY, column, "ratio", **where)
        for column in ("p_more", "p_less", "p_practically_none"):
            cells[column] = claims.cell(sentences.SUMMARY, column, "percent", **where)
        rows.append(cells)
    return rows


def sources_by_study(ledger: pd.DataFrame) -> dict[str, list[dict[str, str]]]:
    """Distinct sources that each study's values were read from."""
    columns = ["study_id", "source_url", "source_locator", "source_kind"]
    distinct = ledger[columns].drop_duplicates()
    return {
        str(study): rows[columns[1:]].to_dict("records")
        for study, rows in distinct.groupby("study_id", sort=True)
    }


def embedded(svg: str, prefix: str, name: str, labels: dict[str, str]) -> Markup:
    """SVG to stand inside a page: no XML head, ids that no other figure has, no idle spaces.

    Links to a study's record stay on the page, and are called by the study's label. To a screen
    reader it is one picture with a name, described by the words `reads-<name>`.
    """
    body = svg[svg.index("<svg") :]
    body = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', body)
    body = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", body)
    body = re.sub(r'href="#([^"]+)"', rf'href="#{prefix}-\1"', body)
    body = re.sub(rf'xlink:href="{re.escape(RECORDS)}([^"]+)"[^>]*', partial(_link, labels), body)
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r">\s+<", "><", body)
    # A picture has no parts; what links out of it has.
    role = "group" if "<a " in body else "img"
    said = f'role="{role}" aria-label="{name.replace("_", " ")}" aria-describedby="reads-{name}"'
    return Markup(body.replace("<svg", f"<svg {said}", 1))


def _link(labels: dict[str, str], found: re.Match[str]) -> str:
    """Attributes of a link from a figure to the record of a study."""
    study = found[1]
    name = Markup('href="#record-{}" aria-label="Record of {}"')
    return str(name.format(study, labels[study]))


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dicts, empty cells as None."""
    return table.astype(object).where(table.notna(), None).to_dict("records")


def _environment(templates: Path, printed: set[str]) -> jinja2.Environment:
    """Environment for HTML, with a set to hold the anchors of printed claims."""
    escaping = environment(templates, autoescape=True)
    escaping.filters["claim"] = partial(_claim_html, seen=printed)
    escaping.filters["say"] = partial(_say_html, seen=printed)
    return escaping


def _claim_html(value: Claim | str, seen: set[str]) -> Markup:
    """A claim as a marked value that shows its cell; the first use carries the anchor."""
    if not isinstance(value, Claim):
        return escape(value)
    anchor = Markup("") if value.id in seen else Markup(' id="{}"').format(value.id)
    seen.add(value.id)
    title = f"{value.file}, {value.row}, {value.column}"
    return Markup('<data class="claim"{} value="{}" title="{}">{}</data>').format(
        anchor, value.value, title, value.text
    )


def _say_html(value: Sentence, seen: set[str]) -> Markup:
    """A sentence with its claims marked."""
    return Markup("").join(_claim_html(part, seen) for part in value.parts)
