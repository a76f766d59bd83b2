"""Vary every choice of each outcome's analysis."""

import math
from pathlib import Path

import pandas as pd

from livingreview.errors import told_plainly
from livingreview.moderators import Refusal
from livingreview.priors import Prior
from livingreview.protocol import BaselinePriors, Priors, Sensitivity
from livingreview.saving import write_table
from livingreview.sensitivity import (
    Analyses,
    Outcome,
    alternative_baselines,
    described,
    multiverse,
    multiverse_summary,
    subsets,
    variations,
)
from livingreview.tables import (
    AlternativeTerms,
    Multiverse,
    MultiverseSummary,
    Studies,
    Subsets,
    Terms,
    ToldSensitivity,
    Variations,
    read_table,
)


def outcomes(snakemake):
    """What the analyses of each outcome may choose from."""
    params = snakemake.params
    studies = read_table(snakemake.input.studies, Studies)
    alternatives = read_table(snakemake.input.alternatives, AlternativeTerms)
    priors = {name: Priors.model_validate(p) for name, p in params.priors.items()}
    for path in snakemake.input.terms:
        name, terms = Path(path).stem, read_table(path, Terms)
        settings = {key: Prior.parse(text) for key, text in params.settings[name].items()}
        baselines = alternative_baselines(
            BaselinePriors.model_validate(params.baselines[name]), settings
        )
        others = alternatives[alternatives["outcome"] == name]
        yield Outcome(name, terms, others, studies, baselines, priors)


def main(snakemake) -> None:
    """Read, vary, write."""
    params, output = snakemake.params, snakemake.output
    rules = Sensitivity.model_validate(params.sensitivity)
    limit = math.log(params.practically_none)
    tables = {"variations": [], "multiverse": [], "summary": [], "subsets": [], "told": []}
    for outcome in outcomes(snakemake):
        told = {"outcome": outcome.name, "status": "varied", "reason": None, "possible": 0}
        try:
            if outcome.terms.empty:
                raise Refusal("no effect on this outcome can be analysed")
            analyses = Analyses(outcome)
        except Refusal as refusal:
            tables["told"].append(told | {"status": "refused", "reason": str(refusal)})
            continue
        named = variations(analyses)
        labels = pd.DataFrame([row[:2] for row in named], columns=["analysis", "variant"])
        specifications, possible = multiverse(analyses, rules.most_specifications, params.seed)
        chosen = subsets(analyses, rules.most_subsets, params.seed)
        # All at once: the study tables are made once.
        every = [*(choice for *_, choice in named), *specifications, *chosen]
        pooled = analyses.pooled(every, limit)
        first, second = len(named), len(named) + len(specifications)
        choices = described(specifications)
        of_choices = pooled.iloc[first:second].reset_index(drop=True)
        kept = pd.DataFrame({"included": [" ".join(analyses.studies(choice)) for choice in chosen]})
        summary = multiverse_summary(choices, of_choices, rules.decisive_probability)
        parts = {
            "variations": pd.concat([labels, pooled.iloc[:first]], axis=1),
            "multiverse": pd.concat([choices, of_choices], axis=1),
            "summary": summary.to_frame().T,
            "subsets": pd.concat([kept, pooled.iloc[second:].reset_index(drop=True)], axis=1),
        }
        for name, part in parts.items():
            part.insert(0, "outcome", outcome.name)
            tables[name].append(part)
        tables["told"].append(told | {"possible": possible})
    for name, model in (
        ("variations", Variations),
        ("multiverse", Multiverse),
        ("summary", MultiverseSummary),
        ("subsets", Subsets),
    ):
        joined = pd.concat(tables[name], ignore_index=True) if tables[name] else pd.DataFrame()
        write_table(output[name], model.frame(joined.infer_objects().to_dict("records")), model)
    write_table(output.told, ToldSensitivity.frame(tables["told"]), ToldSensitivity)


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        main(snakemake)
