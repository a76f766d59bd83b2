"""From records in memory to a posterior, along the path of stages 1 to 3."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import yaml

from livingreview.effects.data_set import Dataset, dataset
from livingreview.effects.specification import Specification, specify
from livingreview.effects.terms import alternative_terms, build_terms, with_route
from livingreview.models.quadrature.engine import integrate_models
from livingreview.protocol.review import Protocol, read_protocol
from livingreview.records.reading import read_studies
from livingreview.records.record_tables import extract

ROOT = Path(__file__).resolve().parents[2]
STATISTICS = ("mean", "sd", "q2_5", "q5", "q50", "q95", "q97_5")


class _NoAliases(yaml.SafeDumper):
    """A record file may hold no YAML alias."""

    def ignore_aliases(self, data: object) -> bool:
        """Write every value in full."""
        return True


@dataclass(frozen=True)
class Evidence:
    """What stages 1 and 2 make of a set of records, for one outcome.

    Attributes
    ----------
    outcome : str
    terms, alternatives, studies, effects : DataFrame
        As those stages write them.
    protocol : Protocol
    """

    outcome: str
    terms: pd.DataFrame
    alternatives: pd.DataFrame
    studies: pd.DataFrame
    effects: pd.DataFrame
    protocol: Protocol

    @property
    def data(self) -> Dataset:
        """Terms as arrays."""
        priors = self.protocol.outcomes[self.outcome].priors
        return dataset(self.terms, priors, self.protocol.sampling_correlation.value)

    @property
    def overall(self) -> Specification:
        """The review's model without moderators, for the studies that have a term."""
        studies = self.studies.set_index("study_id", drop=False)
        models = {"overall": self.protocol.specifications()["overall"]}
        (found,), _ = specify(models, studies.loc[self.terms["study_id"].unique()], self.terms)
        return found


@cache
def protocol(review: str) -> Protocol:
    """Protocol of a shipped review."""
    return read_protocol(ROOT / f"config/reviews/{review}.yaml")


def records(review: str) -> list[dict[str, Any]]:
    """Shipped records as plain data."""
    paths = sorted((ROOT / f"data/raw/{review}/studies").glob("*.yaml"))
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths]


def evidence(review: str, outcome: str, changed: list[dict[str, Any]]) -> Evidence:
    """Write record files and read them back as stages 1 and 2 do."""
    rules = protocol(review)
    assumed = rules.assumed()
    domains = list(rules.risk_of_bias_domains)
    with TemporaryDirectory() as folder:
        for record in changed:
            text = yaml.dump(record, Dumper=_NoAliases, sort_keys=False)
            (Path(folder) / f"{record['study_id']}.yaml").write_text(text, encoding="utf-8")
        paths = Path(folder).glob("*.yaml")
        read = read_studies(paths, rules.outcomes, rules.moderator_levels(), domains)
    tables = extract(read, assumed, list(rules.moderators), domains)
    terms = build_terms(read, tables.effects, assumed)
    return Evidence(
        outcome=outcome,
        terms=terms[terms["outcome"] == outcome],
        alternatives=alternative_terms(read, tables.effects, assumed),
        studies=tables.studies,
        effects=tables.effects[tables.effects["outcome"] == outcome],
        protocol=rules,
    )


def reported(review: str, outcome: str, form: Callable[[dict], dict]) -> Evidence:
    """Evidence of a shipped review with every record changed by `form`."""
    return evidence(review, outcome, [form(record) for record in records(review)])


def with_alternative(found: Evidence, alternative: str) -> Evidence:
    """Evidence with every effect that has a route of that name analysed along it."""
    terms = found.terms
    routes = found.alternatives[found.alternatives["choice"] == alternative]
    for effect, piece in routes[["of_effect", "piece"]].drop_duplicates().itertuples(index=False):
        terms = with_route(terms, found.alternatives, effect, piece, alternative)
    return Evidence(**(vars(found) | {"terms": terms}))


def posterior(found: Evidence) -> pd.DataFrame:
    """Posterior of the overall model by quadrature.

    Returns
    -------
    DataFrame
        `STATISTICS` by quantity: mu, tau, theta_new.
    """
    limit = math.log(found.protocol.decisions.practically_none_effect)
    pooled, told = integrate_models([(found.outcome, found.data, found.overall)], limit)
    if (told["status"] != "answered").any():
        raise RuntimeError(told["reason"].item())
    return pooled.set_index("quantity")[list(STATISTICS)].astype(float)
