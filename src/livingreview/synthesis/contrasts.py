"""Contrasts of two outcomes: the studies that report both, and all studies as the sensitivity.

Studies that report one of the outcomes only differ from the others in more than the outcome, so
that a difference between outcomes could come from a difference between studies. The answer is that
of the studies with both; a contrast is settled only where all studies say the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from livingreview.base.measures import Measure
from livingreview.models.posterior import median_and_interval
from livingreview.models.quadrature.contrasts import ANSWER, OTHERS, chosen
from livingreview.protocol.decisions import Decisions
from livingreview.synthesis.size import LearntSizes
from livingreview.synthesis.verdicts import step_with
from livingreview.tables.synthesis import Contrasts

UNCORRELATED, OF_ALL, _ = OTHERS


def contrast_table(
    fits: Iterable[tuple[str, xr.DataTree]],
    integrated: pd.DataFrame,
    decisions: Decisions,
    measure: Measure,
    learnt: LearntSizes,
) -> pd.DataFrame:
    """One row per contrast of a joint model (columns of `Contrasts`).

    `integrated`: rows of `livingreview.tables.models.IntegratedContrasts`. Sampled ones stand for
    those that integration cannot serve. `learnt`: a comparison with an outcome whose size is not
    learnt has no size either.
    """
    sampled = {name: fit["posterior"].to_dataset() for name, fit in fits}
    # The model of all outcomes has contrasts of all studies, and a name that is none of theirs.
    sampled = {name: draws for name, draws in sampled.items() if "contrast" in draws}
    own = [name for name, draws in sampled.items() if name.partition("/")[2] in draws["difference"]]
    rows = []
    # Of too many studies to sample, contrasts are integrated alone.
    for name in dict.fromkeys([*own, *integrated["fit"]]):
        key = name.partition("/")[2]
        quantity = integrated["quantity"].where(integrated["fit"] == name, "")
        of_contrast = integrated[quantity == f"contrast[{key}]"]
        uncorrelated: dict[str, Any] = {}
        if of_contrast.empty:
            posterior = sampled[name]
            of_all = next(
                draws
                for fit, draws in sampled.items()
                if fit != name and key in draws["difference"]
            )
            pair = list(map(str, posterior["outcome"].to_numpy()))
            answer, everyone = (_drawn(draws, key, pair, measure) for draws in (posterior, of_all))
        else:
            pair = quantity.str.extract(r"^mu\[(.*)\]$")[0].dropna().unique().tolist()
            answer, uncorrelated, everyone = (
                _integrated(chosen(of_contrast, choice), measure)
                for choice in (ANSWER, UNCORRELATED, OF_ALL)
            )
        sized = all(map(learnt.of_all_studies, pair))
        rows.append(_row(name, key, answer, uncorrelated, everyone, sized, decisions))
    return Contrasts.frame(rows)


def _row(
    fit: str,
    key: str,
    answer: dict[str, Any],
    uncorrelated: dict[str, Any],
    everyone: dict[str, Any],
    sized: bool,
    decisions: Decisions,
) -> dict[str, Any]:
    """Row of `Contrasts` from the three ways of answering one."""
    steps = [
        step_with(max(of["p_above"], of["p_below"]), of["studies"], decisions)
        for of in (answer, everyone)
    ]
    clear = decisions.verdicts[0].id
    sides = [of["p_above"] > of["p_below"] for of in (answer, everyone)]
    kept = ["p_above", *(("comparison", "comparison_low", "comparison_high") if sized else ())]
    return {
        "fit": fit,
        "contrast": key,
        "size_learnt": sized,
        **{name: answer[name] for name in ("engine", "studies", *kept, "p_below")},
        **{f"uncorrelated_{name}": uncorrelated.get(name) for name in kept},
        **{f"all_{name}": everyone[name] for name in ("studies", *kept, "p_below")},
        "step": steps[0],
        "all_step": steps[1],
        "settled": steps == [clear, clear] and sides[0] == sides[1],
    }


def _drawn(posterior: xr.Dataset, key: str, pair: list[str], measure: Measure) -> dict[str, Any]:
    """A contrast of a pair of outcomes as sampled."""
    draws = posterior["contrast"].sel(difference=key).to_numpy().ravel()
    outcomes = map(str, posterior["outcome"].to_numpy())
    counts = dict(zip(outcomes, posterior.attrs["setting_studies"], strict=True))
    return {
        "engine": "nuts",
        "studies": int(min(counts[outcome] for outcome in pair)),
        **median_and_interval("comparison", draws, measure.natural),
        "p_above": float(np.mean(draws > 0)),
        "p_below": float(np.mean(draws < 0)),
    }


def _integrated(rows: pd.DataFrame, measure: Measure) -> dict[str, Any]:
    """A contrast as integrated."""
    [row] = rows.to_dict("records")
    return {
        "engine": "quadrature",
        "studies": row["studies"],
        **{
            f"comparison{end}": float(measure.natural(np.array(row[quantile])))
            for end, quantile in (("", "q50"), ("_low", "q2_5"), ("_high", "q97_5"))
        },
        "p_above": row["p_above_zero"],
        "p_below": row["p_below_zero"],
    }
