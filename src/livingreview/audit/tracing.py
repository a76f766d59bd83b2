"""From a number on the page down to the lines of the records that it rests on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from livingreview.audit.manifest import MANIFEST, Manifest, read_manifest
from livingreview.audit.printed_page import PrintedClaim, printed_claims
from livingreview.audit.verification import RUN_CONFIG, pages_of, read_result, recorded_claims
from livingreview.base.errors import Stop
from livingreview.base.measures import measure_of
from livingreview.effects.forms.registry import FORMS
from livingreview.protocol.models import JOINT
from livingreview.protocol.moderators import NOT_KNOWN
from livingreview.report.row_selection import Selection
from livingreview.tables.effects import Terms
from livingreview.tables.models import Models
from livingreview.tables.records import Effects, Ledger, Routes, Studies
from livingreview.tables.synthesis import Conclusions, Moderators, StudyEffects, Summary

MOST_SHOWN = 10
# Tables and columns whose values follow from a rule of the protocol.
RULED = (Summary.file, Moderators.file, Conclusions.file)
VERDICTS = ("verdict", "verdict_words")
# As in docs/methods.md, "Models" and "Evidence".
STRUCTURES = {
    "hierarchical": "θ = μ + xᵀβ + τ u, u ~ Normal(0, 1)",
    "robust": "θ = μ + xᵀβ + τ u, u ~ Student-t with {degrees:g} degrees of freedom",
    "shrinkage": "θ = μ + xᵀβ + τ u, u ~ Normal(0, 1), β ~ regularised horseshoe",
    "selection": "θ = μ + xᵀβ + τ u, u ~ Normal(0, 1); results that are not significant are"
    " printed with relative probability ω ~ {omega}",
    "bias_adjusted": "θ = μ + √(τ² + κ² h) u, u ~ Normal(0, 1), h = 1 for a study at high risk of"
    " bias, else 0, κ ~ {kappa}",
    "joint": "θ = μ_o + τ_o (L u)_o for outcome o, u ~ Normal(0, 1), LLᵀ ~ LKJ({lkj:g})",
}


@dataclass
class TraceNode:
    """A line of the tree, and the lines below it."""

    words: str
    branches: list[TraceNode] = field(default_factory=list)

    def lines(self, depth: int = 0) -> list[str]:
        """The tree as indented text."""
        below = (line for branch in self.branches for line in branch.lines(depth + 1))
        return ["  " * depth + self.words, *below]


def chosen(claims: pd.DataFrame, part: str) -> Any:
    """The claim with this anchor, or the only one with this part in its anchor.

    Raises
    ------
    Stop
        If none or several fit.
    """
    fitting = claims[claims["id"] == part]
    if fitting.empty:
        fitting = claims[claims["id"].str.contains(part, regex=False)]
    if len(fitting) == 1:
        return next(fitting.itertuples())
    if fitting.empty:
        raise Stop(f"No claim has {part!r} in its name; 8_report/claims.csv lists all names.")
    shown = "\n".join(f"  {name}" for name in fitting["id"][:MOST_SHOWN])
    more = "\n  …" if len(fitting) > MOST_SHOWN else ""
    raise Stop(f"{len(fitting)} claims have {part!r} in their names; take one:\n{shown}{more}")


class Tracer:
    """Follows claims through the results of one review."""

    def __init__(self, results: Path):
        self._results = results
        self._tables: dict[str, pd.DataFrame] = {}

    def trace(self, part: str) -> TraceNode:
        """Tree below the claim with this name, or with this part in its name."""
        claim = chosen(recorded_claims(self._results), part)
        selection = Selection.parse(claim.row)
        rows = selection.rows(self._table(claim.file))
        made = self._entries_by_file[claim.file]
        cell = TraceNode(f"{claim.file}, {claim.row}, {claim.column} = {claim.value}")
        cell.branches.append(TraceNode(f"made by the rule {made.rule}; printed as {claim.style}"))
        if selection.how == "count":
            key_columns = {key for key, _ in selection.where}
            lines = [self._line(row, key_columns) for row in _rows(rows)]
            cell.branches.append(TraceNode("the rows:", lines))
        else:
            if selection.how in ("min", "max"):
                rows = rows[rows[claim.column] == rows[claim.column].agg(selection.how)]
            if claim.file in RULED and claim.column in VERDICTS:
                cell.branches += [self._rule(row) for row in _rows(rows)]
            cell.branches += [self._below(row) for row in _rows(rows)]
        title = f"{claim.file}, {claim.row}, {claim.column}"
        around = (
            (page, c.around)
            for page, printed in self._printed.items()
            for c in printed
            if (c.title, c.text) == (title, claim.text)
        )
        page, words = next(around, ("no page", claim.text))
        printed = TraceNode(f"{page}: “{words}”", [cell])
        return TraceNode(f"{claim.id}: {claim.text}", [printed])

    @cached_property
    def _printed(self) -> dict[str, list[PrintedClaim]]:
        return {name: printed_claims(page) for name, page in pages_of(self._results).items()}

    @cached_property
    def _manifest(self) -> Manifest:
        return read_manifest(self._results / MANIFEST)

    @cached_property
    def _entries_by_file(self) -> dict[str, Any]:
        return {entry.file: entry for entry in self._manifest.results}

    @cached_property
    def _protocol(self) -> dict[str, Any]:
        text = (self._results / RUN_CONFIG).read_text(encoding="utf-8")
        return yaml.safe_load(text)["protocol"]

    def _table(self, file: str) -> pd.DataFrame:
        if file not in self._tables:
            self._tables[file] = read_result(self._results / file)
        return self._tables[file]

    def _rule(self, row: dict[str, Any]) -> TraceNode:
        """The rule of the protocol that a verdict follows, and what it saw."""
        words = f"decision rule “{row['verdict']}”"
        if "conclusion" in row:
            rules = self._protocol["decisions"]["published"]
            return TraceNode(
                f"{words}: agrees from the verdict “{rules['agrees']}” on, and with a significant"
                f" result from “{rules['agrees_with_significant']}” on; compared with"
                f" {row['compared_with'] or 'nothing'}, its probability here {row['probability']}."
                f" {row['reason'] or rules['reason']}"
            )
        if "p_more" not in row:  # a verdict on a moderator
            return TraceNode(
                f"{words}: {row['reason']}; probability of the direction {row['p_direction']:.3f},"
                f" contraction {row['contraction']:.2f}"
            )
        decisions = self._protocol["decisions"]
        rules = {rule["id"]: rule["probability"] for rule in decisions["verdicts"]}
        probability = rules.get(row["verdict"])
        needed = f" needs a probability of {probability:g}" if probability is not None else ""
        return TraceNode(
            f"{words}{needed}; here more {row['p_more']:.3f}, less {row['p_less']:.3f}, practically"
            f" none {row['p_practically_none']:.3f}, studies {row['studies']}."
            f" {decisions['reason']}"
        )

    def _below(self, row: dict[str, Any]) -> TraceNode:
        """What one row of a result rests on."""
        if fit := row.get("fit"):
            outcome, model = fit.split("/", 1)
            return self._fit(outcome, model)
        if effect := row.get("effect_id"):
            return self._effect(effect)
        if study := row.get("study_id"):
            return self._study(study, self._rows_of(Effects.file, study_id=study))
        outcome, model = row.get("outcome"), row.get("model")
        if outcome is not None and outcome in self._protocol["outcomes"]:
            if model and self._rows_of(_models(outcome), model=model, status="fitted"):
                return self._fit(outcome, model)
            return self._outcome(outcome)
        return self._line(row)

    def _fit(self, outcome: str, model: str) -> TraceNode:
        """A model, its priors, and the studies that it was fitted to."""
        models = self._protocol["models"]
        # A contrast has a fit of its own, by the model that names it.
        chosen_model = models.get(model) or next(
            options for options in models.values() if model in options["contrasts"]
        )
        priors = self._protocol["prior_sets"][chosen_model["priors"]]
        spread = f"τ ~ {priors['tau']}" if priors.get("tau") else f"τ² ~ {priors['tau_squared']}"
        moderators = chosen_model["moderators"]
        words = f"fit {outcome}/{model}: {chosen_model['label']} ({chosen_model['kind']})"
        structure = STRUCTURES[chosen_model["kind"]].format(**chosen_model)
        branch = TraceNode(words, [TraceNode(f"model: {structure}")])
        effects = self._rows_of(StudyEffects.file, fit=f"{outcome}/{model}")
        if len({row["study_id"] for row in effects}) < len(effects) and outcome != JOINT:
            correlation = self._protocol["sampling_correlation"]
            branch.branches.append(
                TraceNode(
                    "studies with several effects: θ has ω w more, w ~ Normal(0, 1), ω with the"
                    f" prior of τ; their errors are correlated by {correlation['value']:g}."
                    f" {correlation['reason']}"
                )
            )
        prior_words = f"priors “{chosen_model['priors']}”: μ ~ {priors['mu']}, {spread}"
        if moderators:
            prior_words += f", β ~ {priors['beta']}; moderators: {', '.join(moderators)}"
        branch.branches.append(TraceNode(f"{prior_words}. {priors['reason']}"))
        joint = outcome == JOINT
        outcomes = list(self._protocol["outcomes"]) if joint else [outcome]
        fitted = self._rows_of(_models(outcome), model=model)
        left_out = str(fitted[0].get("left_out") or "").split() if fitted else []
        for name in outcomes:
            terms = self._table(Terms.file.format(outcome=name))
            studies = [study for study in terms["study_id"].unique() if study not in left_out]
            below = branch
            if joint:
                below = TraceNode(self._protocol["outcomes"][name]["label"])
                branch.branches.append(below)
            for study in studies:
                effects = self._rows_of(
                    Effects.file, study_id=study, outcome=name, status="analysed"
                )
                below.branches.append(self._study(study, effects, moderators))
        return branch

    def _outcome(self, outcome: str) -> TraceNode:
        """Every effect on record for an outcome."""
        effects = self._rows_of(Effects.file, outcome=outcome)
        label = self._protocol["outcomes"][outcome]["label"]
        return TraceNode(label, [self._effect(row["effect_id"]) for row in effects])

    def _study(
        self, study: str, effects: list[dict[str, Any]], moderators: list[str] | None = None
    ) -> TraceNode:
        [row] = self._rows_of(Studies.file, study_id=study)
        levels = ", ".join(
            f"{name}: {row.get(f'moderator_{name}') or NOT_KNOWN}" for name in moderators or []
        )
        words = f"{row['label']} ({row['design_detail']})" + (f"; {levels}" if levels else "")
        return TraceNode(words, [self._effect(effect["effect_id"]) for effect in effects])

    def _effect(self, effect_id: str) -> TraceNode:
        """An effect: its terms, the route analysed, and what was reported, by source."""
        [row] = self._rows_of(Effects.file, effect_id=effect_id)
        months = row["follow_up_months"]
        months = "" if months is None else f" at {months:g} months"
        words = f"{effect_id}: {row['measure']}{months}; {row['status']}, {row['kind']}"
        branch = TraceNode(words + (f" ({row['reason']})" if row["reason"] else ""))
        for route in self._rows_of(Routes.file, effect_id=effect_id, status="analysed"):
            branch.branches.append(_route(route, measure_of(self._protocol).line))
        terms = self._table(Terms.file.format(outcome=row["outcome"]))
        own = terms[terms["effect_id"] == effect_id]
        shared = terms["effect_id"].isna() & terms["baseline_id"].isin(own["baseline_id"].dropna())
        for term in pd.concat([own, terms[shared]]).to_dict("records"):
            formula = FORMS[term["likelihood"]].traced(term)
            branch.branches.append(TraceNode(f"likelihood term: {formula}"))
        reported = self._rows_of(Ledger.file, effect_id=effect_id)
        piece = f".evidence[{row['piece']}]."
        branch.branches += _sources([r for r in reported if piece in r["field"]] or reported)
        return branch

    def _line(self, row: dict[str, Any], key_columns: Collection[str] = ()) -> TraceNode:
        """A row in one line, with its record's file; numbers only in `key_columns`."""
        study = row.get("study_id")
        if study is None:
            cells = (
                f"{key}={value}"
                for key, value in row.items()
                if value is not None and (key in key_columns or not isinstance(value, float))
            )
            return TraceNode(", ".join(cells))
        records = (s.file for s in self._manifest.sources if s.file.endswith(f"/{study}.yaml"))
        name = row.get("effect_id") or study
        reason = f": {row['reason']}" if row.get("reason") else ""
        return TraceNode(f"{name}{reason} ({next(records, 'no record')})")

    def _rows_of(self, file: str, **where: str) -> list[dict[str, Any]]:
        return _rows(Selection.matching("cell", where).rows(self._table(file)))


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dicts, empty cells as None."""
    return table.astype(object).where(table.notna(), None).to_dict("records")


def _models(outcome: str) -> str:
    """File that tells which models were fitted to an outcome."""
    return Models.file.format(outcome=outcome)


def _route(route: dict[str, Any], line: str) -> TraceNode:
    """The way from the evidence to θ, whose name is `line`."""
    words = f"route analysed: {route['kind']}, {route['alternative']}; formula: {route['formula']}"
    if route["value"] is not None:
        error = route["standard_error"]
        words += (
            f"; {line} {route['value']:.3f},"
            f" standard error {'unknown' if error is None else f'{error:.3f}'}"
        )
    if route["assumption"]:
        words += f"; assumed: {route['assumption']}"
    return TraceNode(words)


def _sources(reported: list[dict[str, Any]]) -> list[TraceNode]:
    """Reported values, below the source that each was read from."""
    branches: dict[tuple[str, ...], TraceNode] = {}
    for row in reported:
        source = (row["source_url"], row["source_locator"], row["source_kind"])
        branch = branches.setdefault(source, TraceNode("{}; {} ({})".format(*source)))
        place = f"{row['record_file']}:{row['record_line']}"
        branch.branches.append(TraceNode(f"{row['field']} = {row['value']}   {place}"))
    return list(branches.values())
