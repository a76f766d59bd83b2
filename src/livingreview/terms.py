"""Stage 2: one row per likelihood term of the effects that are analysed."""

from __future__ import annotations

from typing import Any

import pandas as pd

from livingreview.evidence import Route, routes
from livingreview.extraction import Records, effect_id
from livingreview.records import Effect, Study
from livingreview.statuses import ANALYSED

TERM_COLUMNS = (
    "term_id",
    "effect_id",
    "study_id",
    "outcome",
    "kind",
    "alternative",
    "likelihood",
    "baseline_id",
    "arm",
    "treated",
    "events",
    "total",
    "log_odds_ratio",
    "standard_error",
    "z_low",
    "z_high",
    "n_treated",
    "n_control",
    "assumption",
    "formula",
)


def build_terms(
    records: Records, effects: pd.DataFrame, baselines: dict[str, float]
) -> pd.DataFrame:
    """Likelihood terms of all analysed effects.

    Parameters
    ----------
    records : list of (Document, Study)
    effects : DataFrame
        The table of stage 1, which says which route of which effect is analysed.
    baselines : dict of float
        Control probability assumed for each outcome.

    Returns
    -------
    DataFrame
        Columns `TERM_COLUMNS`. Effects of one study that share a control arm
        share its row, so that its people are counted once.
    """
    chosen = effects[effects.status == ANALYSED].set_index("effect_id")
    rows: list[dict[str, Any]] = []
    for _, study in records:
        controls: set[str] = set()
        for effect in study.effects:
            name = effect_id(study, effect)
            if name not in chosen.index:
                continue
            ways = routes(effect, baselines[effect.outcome])
            piece, alternative = chosen.loc[name, "piece"], chosen.loc[name, "alternative"]
            way = next(w for w in ways if (w.piece, w.alternative) == (piece, alternative))
            rows += _rows(study, effect, way, controls)
    return pd.DataFrame(rows, columns=list(TERM_COLUMNS))


def _rows(study: Study, effect: Effect, way: Route, controls: set[str]) -> list[dict[str, Any]]:
    """Rows of one effect; a control arm that is already in is not repeated."""
    name = effect_id(study, effect)
    rows = []
    for term in way.terms:
        of_control = term.likelihood == "binomial" and term.arm == effect.control
        baseline = None
        if term.likelihood == "binomial":
            control = next(t for t in way.terms if t.arm == effect.control)
            baseline = (
                f"{study.study_id}/{effect.outcome}/{effect.control}/"
                f"{control.events:.0f}_of_{control.total:.0f}"
            )
            if of_control and baseline in controls:
                continue
            controls.add(baseline)
        elif term.likelihood == "interval":
            baseline = name
        rows.append(
            {
                "term_id": f"{baseline if of_control else name}/{term.likelihood}",
                "effect_id": None if of_control else name,
                "study_id": study.study_id,
                "outcome": effect.outcome,
                "kind": way.kind,
                "alternative": way.alternative,
                "likelihood": term.likelihood,
                "baseline_id": baseline,
                "arm": term.arm or None,
                "treated": None if term.likelihood != "binomial" else int(not of_control),
                "events": term.events,
                "total": term.total,
                "log_odds_ratio": term.log_odds_ratio,
                "standard_error": term.standard_error,
                "z_low": term.z_low,
                "z_high": term.z_high,
                "n_treated": term.n_treated,
                "n_control": term.n_control,
                "assumption": way.assumption or None,
                "formula": way.formula,
            }
        )
    return rows
