"""How fast integration answers where studies give several effects: fits a second, by form.

Run with `.venv/bin/python benchmarks/integrated_effects.py`; prints a table. Reviews of 20 made-up
studies with 1 to 8 effects each and a sampling correlation of 0.5: tables are made once, then each
study is left out. Seconds are those of a processor; set `OMP_NUM_THREADS=1`.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from livingreview.effects.data_set import Dataset, dataset
from livingreview.models.quadrature.locations import likelihoods_of
from livingreview.models.quadrature.pooled_effect import pooled_effects
from livingreview.protocol.models import Priors
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior
from livingreview.records.evidence.statements import SIGNIFICANT_Z
from livingreview.tables.effects import Terms

STUDIES, MOST_EFFECTS, CORRELATION = 20, 8, 0.5
LIMIT = float(np.log(1.1))
PRIORS = Priors(
    mu=Prior.parse("normal(0, 1.5)"),
    beta=Prior.parse("normal(0, 1)"),
    tau=Prior.parse("half_normal(0.5)"),
)
BASELINE = BaselinePriors(
    findings=Prior.parse("normal(-1, 0.5)"), counts=Prior.parse("normal(0, 10)")
)
FORMS = ("estimates", "findings", "counts", "shared controls", "mixed")


def review(form: str, seed: int = 1) -> Dataset:
    """A review of made-up studies whose evidence has one form, or several."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(STUDIES):
        people = int(rng.integers(60, 400))
        for j in range(int(rng.integers(1, MOST_EFFECTS + 1))):
            kind = FORMS[int(rng.integers(3))] if form == "mixed" else form
            rows += effect_rows(f"s{i}", j, kind, people, rng)
    return dataset(Terms.frame(rows), BASELINE, CORRELATION)


def effect_rows(
    study: str, j: int, kind: str, people: int, rng: np.random.Generator
) -> list[dict[str, object]]:
    """Terms of one effect."""
    common = {"study_id": study, "effect_id": f"{study}/{j}"}
    if kind == "estimates":
        error = 4 / people**0.5
        value = float(rng.normal(0.2, np.hypot(error, 0.3)))
        return [common | {"likelihood": "normal", "value": value, "standard_error": error}]
    if kind == "findings":
        low, high = [(0.0, SIGNIFICANT_Z), (-SIGNIFICANT_Z, SIGNIFICANT_Z), (0.0, np.inf)][j % 3]
        finding = {"z_low": low, "z_high": high, "n_treated": people, "n_control": people}
        return [common | {"likelihood": "interval", "baseline_id": f"{study}/{j}"} | finding]
    control = f"{study}/c" if kind == "shared controls" else f"{study}/c{j}"
    arms = {"likelihood": "binomial", "baseline_id": control, "total": people}
    treated = {"treated": 1, "events": int(rng.binomial(people, 0.33))}
    rows = [common | arms | treated]
    if j == 0 or kind == "counts":
        of_control = {"effect_id": None, "treated": 0, "events": people * 3 // 10}
        rows.append(common | arms | of_control)
    return rows


def measured(form: str) -> dict[str, object]:
    """Seconds of the first fit, which makes the tables, and fits a second from then on."""
    data = review(form)
    start = time.process_time()
    likelihoods = likelihoods_of([data])
    everyone = np.ones((1, STUDIES), dtype=bool)
    pooled_effects(likelihoods, everyone, PRIORS, LIMIT)
    first = time.process_time() - start
    without_one = ~np.eye(STUDIES, dtype=bool)
    pooled_effects(likelihoods, without_one, PRIORS, LIMIT)
    start = time.process_time()
    result = pooled_effects(likelihoods, without_one, PRIORS, LIMIT)
    seconds = time.process_time() - start
    return {
        "form": form,
        "effects": len(data.effects),
        "first fit with tables, s": round(first, 2),
        "fits a second": round(STUDIES / seconds, 1),
        "largest movement": f"{result.movement.max():.0e}",
    }


if __name__ == "__main__":
    print(pd.DataFrame([measured(form) for form in FORMS]).to_string(index=False))
