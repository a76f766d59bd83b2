"""Stage 8: the pages and the summary, from result tables, narrative and figures."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup, escape

from livingreview.base.markdown import markdown
from livingreview.base.templates import environment
from livingreview.figures.record_link import RECORD_LINK
from livingreview.protocol.review import Protocol
from livingreview.records.narrative import Narrative, Published
from livingreview.report.captions import caption_of
from livingreview.report.checklists import ANSWERS, Checklist
from livingreview.report.claims import Claim, Claims, Sentence
from livingreview.report.emmie import emmie_table
from livingreview.report.emmie_card import emmie_card
from livingreview.report.icon_arrays import icon_arrays
from livingreview.report.pages import PAGES, RECORDS_PAGE
from livingreview.report.prior_explorer import options
from livingreview.report.sentences import checks, conclusions, effects, models, moderators
from livingreview.report.sentences.arms import arms_by_outcome
from livingreview.report.sentences.certainty import (
    admission,
    certainty_steps,
    findings,
    last_search,
)
from livingreview.report.sentences.changes import what_changed
from livingreview.report.sentences.choices import choice_sentences
from livingreview.report.sentences.first_screen import first_screen
from livingreview.report.sentences.harms import harms
from livingreview.report.sentences.logic_chain import logic_chain
from livingreview.report.sentences.next_trial import next_trial_sentences
from livingreview.report.sentences.printing import printing_rows, printing_sentences
from livingreview.report.sentences.reading_list import reading_rows, reading_sentences
from livingreview.report.sentences.similarity import group_sentences, small_study_sentences
from livingreview.report.sentences.sources import (
    kind_of_review,
    provenance,
    source_sentences,
)
from livingreview.report.study_records import filters, rows_of, study_labels, study_records
from livingreview.tables.records import Conflicts, Effects, Questions, Studies
from livingreview.tables.report import EmmieItems, SummaryOfFindings
from livingreview.tables.synthesis import Summary

# Most studies whose records are all on the page. If there are more, only those that a figure links
# to: ten thousand records would make a page of 25 MB.
MOST_RECORDS = 200
# Widest figure, in points, whose text is still read on a telephone without scrolling sideways.
FITS_TELEPHONE = 330


@dataclass(frozen=True)
class ReportInputs:
    """All that a report is made of.

    Attributes
    ----------
    tables
        Result tables by their file name below the results folder.
    figures
        SVG text by figure name.
    captions
        reStructuredText by figure, or kind of figure.
    swim
        Checklist of what a report says where no size is pooled.
    style
        CSS of the page.
    """

    protocol: Protocol
    narrative: Narrative
    published: Published
    tables: dict[str, pd.DataFrame]
    figures: dict[str, str]
    captions: dict[str, str]
    swim: Checklist
    style: str


@dataclass(frozen=True)
class Rendered:
    """What stage 8 writes of the pages and their parts.

    Attributes
    ----------
    pages : dict of str
        HTML by file name, of `PAGES`.
    """

    pages: dict[str, str]
    summary: str
    claims: pd.DataFrame
    emmie: pd.DataFrame


def render(inputs: ReportInputs, templates: Path) -> Rendered:
    """Render the page and the summary from the templates in a folder."""
    emmie = emmie_table(inputs.tables, inputs.narrative.emmie, inputs.protocol)
    claims = Claims({**inputs.tables, EmmieItems.file: emmie}, inputs.protocol.measure)
    # Claims are listed in the order in which these sections make them.
    context = {
        **_effects(claims, inputs),
        **_texts(claims, inputs),
        **_certainty(claims, inputs),
        **_who_says_so(claims, inputs),
        **_moderators(claims, inputs.protocol),
        **_soundness(claims, inputs.protocol),
        **_sensitivity(claims, inputs.protocol),
        **_records(claims, inputs),
        "options": options(claims, inputs.protocol),
        "changes": what_changed(claims, inputs.protocol),
        "first_screen": first_screen(claims, inputs.protocol, inputs.narrative),
        "outcomes": inputs.protocol.by_importance(),
        "pages": PAGES,
        "kind": kind_of_review(inputs.protocol),
        "records_page": RECORDS_PAGE,
        "pooled_rows": pooled_rows(claims, inputs.protocol),
        "printing_rows": printing_rows(claims, inputs.protocol),
        "reading": reading_sentences(claims),
        "reading_rows": reading_rows(claims, inputs.protocol),
    }
    printed: set[str] = set()
    pages = {}
    for file in PAGES:
        on_page: set[str] = set()
        template = page_environment(templates, on_page).get_template(f"{file}.j2")
        pages[file] = template.render(context, here=file)
        printed |= on_page
    summary = markdown(templates / "summary.md.j2", **context)
    return Rendered(pages, summary, claims.table(printed), emmie)


def _effects(claims: Claims, inputs: ReportInputs) -> dict[str, Any]:
    """The pooled effect of each outcome."""
    protocol = inputs.protocol
    fitted = {name: effects.is_fitted(claims, name) for name in protocol.outcomes}
    return {
        "protocol": protocol,
        "measure": protocol.measure,
        "fitted": fitted,
        "effect_sentences": {
            name: effects.effect_sentences(claims, protocol, name) for name in protocol.outcomes
        },
        "unsized": [
            name
            for name, is_fitted in fitted.items()
            if is_fitted and not effects.overall_row(claims, name)["size_learnt"]
        ],
        "none_by_prior": {
            name: effects.none_by_prior(claims, protocol, name) for name in protocol.outcomes
        },
    }


def _texts(claims: Claims, inputs: ReportInputs) -> dict[str, Any]:
    """What narrative, captions and published conclusions say, and the figures between them."""
    labels = study_labels(claims)
    return {
        "narrative": inputs.narrative,
        "conclusions_overview": conclusions.overview(claims),
        "conclusions": conclusions.comparisons(claims, inputs.published),
        "style": Markup(inputs.style),
        "figures": {
            name: embedded(svg, f"f{i}", name, labels)
            for i, (name, svg) in enumerate(inputs.figures.items())
        },
        "captions": {name: caption_of(name, inputs.captions) for name in inputs.figures},
        "emmie": emmie_card(claims, inputs.narrative.emmie, inputs.protocol),
        "completeness": effects.completeness(claims),
        "icons": icon_arrays(claims, inputs.protocol),
    }


def _certainty(claims: Claims, inputs: ReportInputs) -> dict[str, Any]:
    """How certain each answer is, and by which lists of others the review can be judged."""
    admitted, items = admission(claims)
    without_size = claims.has_rows(SummaryOfFindings.file, size_learnt=False)
    return {
        "findings": findings(claims, inputs.protocol),
        "certainty_steps": {
            name: certainty_steps(claims, inputs.protocol, name)
            for name in inputs.protocol.outcomes
        },
        "last_search": last_search(inputs.protocol),
        "admission_sentences": admitted,
        "admission_items": items,
        "swim": inputs.swim if without_size else None,
        "checklist_answers": ANSWERS,
    }


def _who_says_so(claims: Claims, inputs: ReportInputs) -> dict[str, Any]:
    """What speaks of harm, which steps were measured, and who says so, from which documents."""
    protocol, narrative = inputs.protocol, inputs.narrative
    return {
        "harms": harms(claims, protocol, narrative.harms),
        "logic_chain": logic_chain(claims, protocol, narrative.chain),
        "source_sentences": source_sentences(claims, narrative),
        "provenance": provenance(protocol),
    }


def _moderators(claims: Claims, protocol: Protocol) -> dict[str, Any]:
    return {
        "moderators_overview": moderators.overview(claims, protocol),
        "moderators": moderators.moderator_sentences(claims, protocol),
        "moderator_rows": moderators.moderator_rows(claims, protocol),
        "moderator_disputes": moderators.dispute_sentences(claims, protocol),
    }


def _soundness(claims: Claims, protocol: Protocol) -> dict[str, Any]:
    return {
        "other_models": models.other_models(claims, protocol),
        "contrasts": models.contrasts(claims, protocol),
        "checks": checks.overview(claims),
        "warnings": checks.warnings(claims, protocol),
        "soundness": checks.soundness(claims),
        "oddities": checks.oddities(claims),
        "conflicts": rows_of(
            claims.tables[Conflicts.file].replace({"what": {"effect": protocol.measure.line}})
        ),
        "questions": rows_of(claims.tables[Questions.file]),
    }


def _sensitivity(claims: Claims, protocol: Protocol) -> dict[str, dict[str, Any]]:
    """By topic, what the answer on each outcome with an analysed effect hangs on."""
    topics: dict[str, dict[str, Any]] = {
        topic: {} for topic in ("choices", "groups", "small_studies", "unprinted", "next_trial")
    }
    for name in protocol.outcomes:
        if effects.is_fitted(claims, name):
            topics["choices"][name] = choice_sentences(claims, protocol, name)
            topics["groups"][name] = group_sentences(claims, name)
            topics["small_studies"][name] = small_study_sentences(claims, name)
            topics["unprinted"][name] = printing_sentences(claims, protocol, name)
            topics["next_trial"][name] = next_trial_sentences(claims, protocol, name)
    topics["arms"] = arms_by_outcome(claims, protocol, [*topics["choices"]])
    return topics


def _records(claims: Claims, inputs: ReportInputs) -> dict[str, Any]:
    """The studies, what each reported, and where that was read."""
    studies = studies_shown(claims.tables[Studies.file], inputs.figures.values())
    records = study_records(claims, studies, inputs.protocol)
    return {
        "records": records,
        "filters": filters(records, inputs.protocol),
        "not_shown": effects.not_shown(claims, studies),
        "studies": rows_of(studies),
        "effects": rows_of(claims.tables[Effects.file]),
        "sources": {record.study["study_id"]: list(record.sources.values()) for record in records},
    }


def studies_shown(studies: pd.DataFrame, figures: Iterable[str]) -> pd.DataFrame:
    """Studies whose records and references stand on the page: of many, those that figures link."""
    if len(studies) <= MOST_RECORDS:
        return studies
    link = re.compile(rf'{re.escape(RECORD_LINK)}([^"]+)"')
    drawn = {study for figure in figures for study in link.findall(figure)}
    return studies[studies["study_id"].isin(drawn)]


def pooled_rows(claims: Claims, protocol: Protocol) -> list[dict[str, Any]]:
    """Rows of the table of pooled effects: one per outcome, model and setting."""
    return [
        {
            "outcome": protocol.outcomes[row["outcome"]].label,
            "setting": moderators.setting_label(row["setting"], protocol),
            "model": protocol.models[row["model"]].label,
            **row.claimed("studies", "verdict_words"),
            "size": claims.sentence(effects.size_text(row, protocol)),
            "new_setting": claims.sentence(effects.new_setting_text(row)),
            **row.claimed("p_more", "p_less"),
            # Of a size that no study tells, a prior decides how near to none it is.
            "p_practically_none": row.p_practically_none if row["size_learnt"] else "",
        }
        for row in claims.rows(Summary.file, ("fit", "setting"))
        if len(protocol.models[row["model"]].moderators) <= 1
    ]


def embedded(svg: str, prefix: str, name: str, labels: dict[str, str]) -> Markup:
    """SVG to stand inside a page: no XML head, ids that no other figure has, no idle spaces.

    Links lead to a study's record on its page, and are called by the study's label. To a screen
    reader it is one picture with a name, described by the words `reads-<name>`.
    """
    body = svg[svg.index("<svg") :]
    body = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', body)
    body = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", body)
    body = re.sub(r'href="#([^"]+)"', rf'href="#{prefix}-\1"', body)
    body = re.sub(
        rf'xlink:href="{re.escape(RECORD_LINK)}([^"]+)"[^>]*', partial(_link, labels), body
    )
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r">\s+<", "><", body)
    # A picture has no parts; what links out of it has.
    role = "group" if "<a " in body else "img"
    name = f'role="{role}" aria-label="{name.replace("_", " ")}" aria-describedby="reads-{name}"'
    points = re.search(r'<svg[^>]* width="([\d.]+)pt"', body)
    narrow = 'class="narrow" ' if points and float(points[1]) <= FITS_TELEPHONE else ""
    return Markup(body.replace("<svg", f"<svg {narrow}{name}", 1))


def _link(labels: dict[str, str], link: re.Match[str]) -> str:
    """Attributes of a link from a figure to the record of a study."""
    study = link[1]
    name = Markup('href="{}#record-{}" aria-label="Record of {}"')
    return str(name.format(RECORDS_PAGE, study, labels[study]))


def page_environment(templates: Path, printed: set[str]) -> jinja2.Environment:
    """Environment for HTML that marks each claim; `printed` gathers the anchors of the claims."""
    return environment(templates, autoescape=True, finalize=partial(_marked, printed=printed))


def _marked(value: object, printed: set[str]) -> object:
    """A claim, alone or in a sentence, as a marked value that shows its cell.

    The first print of a claim carries its anchor.
    """
    if isinstance(value, Sentence):
        return Markup("").join(escape(_marked(part, printed)) for part in value.parts)
    if not isinstance(value, Claim):
        return value
    anchor = Markup("") if value.id in printed else Markup(' id="{}"').format(value.id)
    printed.add(value.id)
    title = f"{value.file}, {value.row}, {value.column}"
    return Markup('<data class="claim"{} value="{}" title="{}">{}</data>').format(
        anchor, value.value, title, value.text
    )
