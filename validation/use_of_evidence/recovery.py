"""Coverage and bias where the truth is known, from record files to posterior.

Which code answers is told by ``PYTHONPATH``, as for `answers.py`. ``recovery.py after`` writes
`recovery_after.csv` and the README's tables; with names of settings behind it, those only, in
their order. Two processes.
"""

from __future__ import annotations

import math
import sys
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import pandas as pd
import pipeline
import tables
from reviews import REVIEW
from simulated_reviews import OUTCOME, Setting, settings

from livingreview.models.quadrature.engine import integrate_models
from livingreview.protocol.priors import Prior

HERE = Path(__file__).resolve().parent
REVIEWS = 400
PROCESSES = 2
SEED = 20261127
# Of the log of an arm's size, as too few sizes are known to tell less.
LEAST_SD = 0.5


def answer(name: str, i: int) -> list[tuple]:
    """Quantities of one review: setting, number, quantity, truth, mean, low, high."""
    setting = {s.name: s for s in settings()}[name]
    rng = np.random.default_rng([SEED, i, *name.encode()])
    records = setting.reports(setting.truth, rng)
    found = pipeline.evidence(REVIEW, OUTCOME, records)
    if found.terms.empty:
        return [(name, i, "mu", setting.truth.mu, np.nan, np.nan, np.nan)]
    data = with_sizes_known(found)
    pooled, told = integrate_models([(OUTCOME, data, found.overall)], 0.1)
    if told["status"].item() != "answered":
        raise RuntimeError(f"{name} {i}: {told['reason'].item()}")
    rows = []
    for quantity, row in pooled.set_index("quantity").iterrows():
        if quantity in ("mu", "tau", "omega"):
            truth = getattr(setting.truth, quantity)
            rows.append((name, i, quantity, truth, row["mean"], row["q2_5"], row["q97_5"]))
    return rows


def with_sizes_known(found: pipeline.Evidence):
    """Terms as arrays; the prior of a size is that of the sizes that this review tells."""
    outcome = found.protocol.outcomes[OUTCOME]
    if not hasattr(outcome, "sizes"):
        return found.data
    known = np.log(pd.concat([found.terms["n_control"], found.terms["total"]]).dropna())
    if known.size < 2 or not found.terms["n_control"].isna().any():
        return found.data
    prior = Prior.parse(f"log_normal({known.mean():.4f}, {max(known.std(), LEAST_SD):.4f})")
    sizes = outcome.sizes.model_copy(update={"prior": prior})
    changed = outcome.model_copy(update={"sizes": sizes})
    protocol = found.protocol.model_copy(update={"outcomes": {OUTCOME: changed}})
    return pipeline.Evidence(**(vars(found) | {"protocol": protocol})).data


def recovered(name: str) -> pd.DataFrame:
    """Every review of a setting."""
    tasks = [(name, i) for i in range(REVIEWS)]
    with Pool(PROCESSES) as pool:
        rows = [row for part in pool.starmap(answer, tasks, chunksize=20) for row in part]
    columns = ["setting", "review", "quantity", "truth", "mean", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Coverage of 95% intervals and bias of posterior means, by setting and quantity."""
    rows = []
    for (name, quantity), group in table.groupby(["setting", "quantity"], sort=False):
        told = group.dropna()
        misses = told["mean"] - told["truth"]
        rows.append(
            {
                "setting": name,
                "quantity": quantity,
                "truth": group["truth"].iloc[0],
                "reviews": len(told),
                "coverage": told["truth"].between(told["low"], told["high"]).mean(),
                "bias": misses.mean(),
                "bias_error": misses.std(ddof=1) / math.sqrt(len(told)),
                "width": (told["high"] - told["low"]).mean(),
            }
        )
    return pd.DataFrame(rows)


def asked(name: str) -> list[Setting]:
    """Settings that the code of this name can answer; in the order of the command line, if any."""
    can = {s.name: s for s in settings() if s.before or name == "after"}
    return [can[chosen] for chosen in sys.argv[2:] or can]


def main(name: str) -> None:
    """Write the table of one code, with what it had of other settings."""
    path = HERE / f"recovery_{name}.csv"
    order = [s.name for s in settings()]
    for setting in asked(name):
        parts = [summary(recovered(setting.name))]
        if path.exists():
            earlier = pd.read_csv(path)
            parts.append(earlier[earlier["setting"] != setting.name])
        table = pd.concat(parts)
        table = table.sort_values("setting", key=lambda c: c.map(order.index), kind="stable")
        table.round(4).to_csv(path, index=False)
    tables.write()


if __name__ == "__main__":
    main(sys.argv[1])
