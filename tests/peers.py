"""Figures of other software from `validation/`, and the same 13 trials as our data sets."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd

from livingreview.effects.data_set import Dataset, dataset
from livingreview.effects.design_matrix import DesignMatrix, design_matrix
from livingreview.effects.terms import build_terms
from livingreview.protocol.models import Priors
from livingreview.protocol.priors import Prior
from livingreview.protocol.review import Protocol, read_protocol
from livingreview.records.reading import read_studies
from livingreview.records.record_tables import Records, extract
from livingreview.tables.effects import Terms

ROOT = Path(__file__).parents[1]
LIMIT = math.log(1.1)
# Names of one quantity, in `pinned.json` and in `pooled.csv`.
QUANTITIES = {
    "mu": "mu",
    "tau": "tau",
    "omega": "omega",
    "theta_new": "theta_new",
    "slope": "beta[latitude]",
}
LEVELS = {"0.025": "q2_5", "0.05": "q5", "0.5": "q50", "0.95": "q95", "0.975": "q97_5"}


def figures(peer: str) -> dict[str, dict]:
    """Pinned values of a peer, by the name of the figure."""
    text = (ROOT / "validation" / peer / "pinned.json").read_text(encoding="utf-8")
    return {f["name"]: f["values"] for f in json.loads(text)["figures"] if "values" in f}


def as_figure(answer: dict[str, dict[str, float]]) -> dict[str, dict]:
    """The quadrature engine's answer in the form of a pinned figure."""
    return {
        quantity: {name: answer[ours][name] for name in ("mean", "sd")}
        | {"quantiles": {p: answer[ours][name] for p, name in LEVELS.items()}}
        for quantity, ours in QUANTITIES.items()
        if ours in answer
    }


def trials() -> list[dict[str, str]]:
    with (ROOT / "validation/trials.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def protocol() -> Protocol:
    return read_protocol(ROOT / "config/reviews/bcg_vaccine.yaml")


def records() -> Records:
    of_review = protocol()
    paths = (ROOT / "data/raw/bcg_vaccine/studies").glob("*.yaml")
    levels, domains = of_review.moderator_levels(), of_review.risk_of_bias_domains
    return read_studies(paths, of_review.outcomes, levels, domains)


def counts() -> tuple[Dataset, pd.DataFrame]:
    """The shipped records as exact counts, through stages 1 and 2; and their studies."""
    of_review, read = protocol(), records()
    baselines = {name: o.assumed for name, o in of_review.outcomes.items()}
    tables = extract(read, baselines, list(of_review.moderators), ["allocation"])
    terms = build_terms(read, tables.effects, baselines)
    return dataset(terms, of_review.outcomes["tuberculosis"].priors), tables.studies


def estimates(measure: str = "OR") -> tuple[Dataset, pd.DataFrame]:
    """Metafor's log ratios and variances as normal estimates; and their studies."""
    given = figures("metafor")[f"log{measure}"]
    names = [f"trial_{i:02d}" for i in range(1, len(given["yi"]) + 1)]
    terms = Terms.frame(
        [
            {"study_id": name, "effect_id": name, "likelihood": "normal"}
            | {"value": y, "standard_error": np.sqrt(v)}
            for name, y, v in zip(names, given["yi"], given["vi"], strict=True)
        ]
    )
    latitudes = [float(trial["latitude"]) for trial in trials()]
    studies = pd.DataFrame({"study_id": names, "moderator_latitude": latitudes})
    return dataset(terms, protocol().outcomes["tuberculosis"].priors), studies


def design(studies: pd.DataFrame, model: str) -> DesignMatrix:
    """Columns of a model of the shipped protocol."""
    return design_matrix(studies, protocol().specifications()[model].moderators)


def schools() -> tuple[Dataset, DesignMatrix, Priors]:
    """56 schools in 11 districts, as effects of studies; and the priors of their reference."""
    text = (ROOT / "tests/data/schools_in_districts.json").read_text(encoding="utf-8")
    terms = [
        {"study_id": f"d{district}", "effect_id": f"d{district}/{school}", "likelihood": "normal"}
        | {"value": y, "standard_error": math.sqrt(v)}
        for district, effects in json.loads(text)["districts"].items()
        for school, (y, v) in enumerate(effects)
    ]
    data = dataset(Terms.frame(terms), protocol().outcomes["tuberculosis"].priors, 0.0)
    studies = pd.DataFrame({"study_id": data.studies})
    return data, design_matrix(studies, {}), priors("1")


def priors(mu_sd: str = "1.5") -> Priors:
    """The priors that the peers were given."""
    default = protocol().specifications()["overall"].priors
    return default.model_copy(update={"mu": Prior.parse(f"normal(0, {mu_sd})")})
