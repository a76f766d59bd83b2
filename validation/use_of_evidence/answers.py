"""Answers of the cases by the code of one working tree, from records to posterior.

Which tree is told by ``PYTHONPATH``, its `src` and its `validation/forms_of_evidence`; see the
README. ``answers.py after`` writes `after.csv` and the README's tables.
"""

from __future__ import annotations

import copy
import math
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pipeline
import tables
import yaml
from cases import Case, cases
from reviews import REVIEW, Review

from livingreview.effects.specification import specify
from livingreview.models.nuts.sampling import fit_models
from livingreview.models.quadrature.engine import integrate_models
from livingreview.protocol.run_config import Sampler
from livingreview.records.evidence.statements import SIGNIFICANT_Z

SAMPLER = Sampler(chains=4, tune=1000, draws=2000, target_accept=0.95, attempts=3)
SEED = 20261127
HERE = Path(__file__).resolve().parent
TREE = pipeline.ROOT


def reviewed(case: Case) -> pipeline.Evidence:
    """What stages 1 and 2 make of a case."""
    protocol = yaml.safe_load((TREE / f"config/reviews/{REVIEW}.yaml").read_text("utf-8"))
    records = copy.deepcopy(pipeline.records(REVIEW))
    review = Review(case.outcome, records, protocol | {"review": case.name})
    case.change(review)
    with TemporaryDirectory() as folder:
        reviews = Path(folder) / "config/reviews"
        reviews.mkdir(parents=True)
        text = yaml.safe_dump(review.protocol, sort_keys=False, allow_unicode=True)
        (reviews / f"{case.name}.yaml").write_text(text, encoding="utf-8")
        pipeline.ROOT = Path(folder)
        try:
            return pipeline.evidence(case.name, case.outcome, review.records)
        finally:
            pipeline.ROOT = TREE


def answered(case: Case) -> dict[str, object]:
    """One row of the table: by integration where it serves, else sampled."""
    found = reviewed(case)
    studies = found.studies.set_index("study_id", drop=False)
    models = {case.model: found.protocol.specifications()[case.model]}
    (asked,), _ = specify(models, studies.loc[found.terms["study_id"].unique()], found.terms)
    limit = math.log(found.protocol.decisions.practically_none_effect)
    pooled, told = integrate_models([(case.outcome, found.data, asked)], limit)
    row: dict[str, object] = {"case": case.name, "effects": found.terms["effect_id"].nunique()}
    if told["status"].item() == "answered":
        mu = pooled.set_index("quantity").loc["mu"]
        low, middle, high = (mu[name] for name in ("q2_5", "q50", "q97_5"))
        return row | figures("quadrature", low, middle, high, mu["p_above_zero"])
    ((_, fit),) = fit_models(found.data, [asked], SAMPLER, SEED, case.outcome)
    draws = fit["posterior"]["mu"].to_numpy().ravel()
    low, middle, high = pd.Series(draws).quantile([0.025, 0.5, 0.975])
    row |= figures("nuts", low, middle, high, (draws > 0).mean())
    if case.model == "selection":
        row["significant"] = significant(found.terms)
        row["weight"] = float(fit["posterior"]["printed"].mean())
    return row


def significant(terms: pd.DataFrame) -> int:
    """Estimates that the selection model takes for significant."""
    value = terms["value"] if "value" in terms else terms["log_odds_ratio"]
    bound = terms.get("z_significant", SIGNIFICANT_Z)
    return int((abs(value / terms["standard_error"]) > bound).sum())


def figures(engine: str, low: float, middle: float, high: float, above: float) -> dict[str, object]:
    """Columns of an answer, from quantiles of the pooled log odds ratio."""
    odds = dict(zip(("low", "odds_ratio", "high"), map(math.exp, (low, middle, high)), strict=True))
    return {"engine": engine} | odds | {"p_more": float(above)}


def main(name: str) -> None:
    """Write the answers of all cases, then the README."""
    rows = [answered(case) for case in cases()]
    pd.DataFrame(rows).round(4).to_csv(HERE / f"{name}.csv", index=False)
    tables.write()


if __name__ == "__main__":
    main(sys.argv[1])
