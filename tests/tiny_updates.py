"""States of the tiny review, made without sampling, and what an update of it does."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from livingreview.audit.updates.states import State, state_of
from livingreview.effects.data_set import dataset
from livingreview.effects.design_matrix import design_matrix
from livingreview.effects.specification import specify
from livingreview.effects.terms import build_terms
from livingreview.models.quadrature.engine import answer, integrate_models
from livingreview.protocol.review import Protocol
from livingreview.records.reading import read_studies
from livingreview.records.record_tables import extract
from livingreview.synthesis.verdicts import verdict
from livingreview.tables.effects import Terms
from livingreview.tables.models import Pooled
from livingreview.tables.records import Studies
from livingreview.tables.synthesis import Summary

TINY = Path(__file__).parent / "tiny_review"
RUN = {
    "config": {"seed": 1, "sampler": {"draws": 500}},
    "python": "3.13.0",
    "packages": {"numpy": "2.0.0", "scipy": "1.14.0"},
}
Data = dict[str, Any]


def protocol_data() -> Data:
    """The tiny protocol as data, to be changed."""
    return yaml.safe_load((TINY / "protocol.yaml").read_text())


def records_data() -> dict[str, Data]:
    """The tiny records as data by study, to be changed."""
    paths = sorted((TINY / "studies").glob("*.yaml"))
    return {path.stem: yaml.safe_load(path.read_text()) for path in paths}


def invented_trial(events: int = 9, total: int = 210) -> Data:
    """A trial with counts that never took place."""
    trial = records_data()["alpha"]
    trial["study_id"] = "invented"
    trial["citation"] = {
        "label": "Invented trial 2025",
        "text": "An invented trial, made up for a test",
        "year": 2025,
    }
    pill, none = trial["effects"][0]["evidence"][0]["arms"]
    pill |= {"events": events, "total": total}
    none |= {"events": 70, "total": 205}
    return trial


def state(folder: Path, protocol: Data, records: dict[str, Data], run: Data = RUN) -> State:
    """State of a review as a build would leave it, its posteriors by integration alone.

    The rows that a build samples are those of integration under the sampler's name, so that
    the published figures are known without one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, record in records.items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(record, sort_keys=False))
    chosen = Protocol.model_validate(protocol)
    levels, domains = chosen.moderator_levels(), chosen.risk_of_bias_domains
    paths = [folder / f"{name}.yaml" for name in records]
    read = read_studies(paths, chosen.outcomes, levels, domains)
    baselines = {name: o.assumed for name, o in chosen.outcomes.items()}
    tables = extract(read, baselines, list(chosen.moderators), list(domains))
    terms = Terms.validate(build_terms(read, tables.effects, baselines))
    studies = Studies.validate(tables.studies).set_index("study_id", drop=False)
    cases, counts = [], {}
    for name, outcome in chosen.outcomes.items():
        of_outcome = terms[terms["outcome"] == name]
        of_studies = studies.loc[of_outcome["study_id"].unique()]
        priors = outcome.priors
        models = {k: m for k, m in chosen.specifications().items() if m.kind == "hierarchical"}
        for specification in specify(models, of_studies, of_outcome)[0]:
            cases.append((name, dataset(of_outcome, priors), specification))
            for setting, n in zip(
                specification.design.settings, specification.design.setting_studies, strict=True
            ):
                counts[f"{name}/{specification.name}", setting] = n
    integrated, _ = integrate_models(cases, math.log(1.1))
    sampled = integrated.assign(engine="nuts", ess_bulk=1600.0)
    results = {
        Terms.file.format(outcome=name): terms[terms["outcome"] == name] for name in baselines
    }
    results[Studies.file] = studies.reset_index(drop=True)
    pooled = pd.concat([sampled, integrated], ignore_index=True)
    results[Pooled.file] = Pooled.validate(pooled.assign(size_learnt=True))
    results[Summary.file] = _summary(integrated, counts, chosen)
    return state_of(chosen, read, results, run)


def _summary(integrated: pd.DataFrame, counts: dict, protocol: Protocol) -> pd.DataFrame:
    """Rows of summary.csv that a state keeps."""
    by_name = integrated.set_index(["fit", "quantity"])
    rows = []
    for (fit, setting), studies in counts.items():
        suffix = "" if setting == "all_studies" else f"[{setting}]"
        mu, new = by_name.loc[(fit, f"mu{suffix}")], by_name.loc[(fit, f"theta_new{suffix}")]
        more, less, none = mu["p_above_zero"], mu["p_below_zero"], mu["p_practically_none"]
        earned = verdict(more, less, none, studies, protocol.decisions)
        rows.append(
            {
                "fit": fit,
                "outcome": fit.split("/")[0],
                "model": fit.split("/")[1],
                "setting": setting,
                "studies": studies,
                "size_learnt": True,
                "effect": np.exp(mu["q50"]),
                "effect_low": np.exp(mu["q2_5"]),
                "effect_high": np.exp(mu["q97_5"]),
                "new_setting_low": np.exp(new["q2_5"]),
                "new_setting_high": np.exp(new["q97_5"]),
                "tau": by_name.loc[(fit, "tau")]["q50"],
                "p_more": more,
                "p_less": less,
                "p_practically_none": none,
                "verdict": earned.id,
                "verdict_words": earned.words,
            }
        )
    return pd.DataFrame(rows)


def refitted(found: State, outcome: str, **other: Any) -> dict[str, float]:
    """Medians of the overall fit of a state, by a fit of its own that shares no table.

    `other` replaces parts of the analysis: `terms` (a frame), `priors`, `baseline`.
    """
    analysis = found.analyses[outcome]
    terms = other.get("terms", analysis.frame())
    data = dataset(terms, other.get("baseline", analysis.baseline))
    design = design_matrix(pd.DataFrame({"study_id": data.studies}), {})
    priors = other.get("priors", analysis.model.priors)
    quantities = answer(data, design, priors, math.log(1.1)).quantities
    return {name: quantities[name]["q50"] for name in ("mu", "tau")}
