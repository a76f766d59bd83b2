"""Vary every choice of each outcome's analysis."""

import math
from pathlib import Path

from livingreview.errors import told_plainly
from livingreview.priors import Prior
from livingreview.protocol.models import Priors
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.sensitivity import Sensitivity
from livingreview.saving import write_table
from livingreview.sensitivity import Outcome, alternative_baselines
from livingreview.sensitivity_tables import TABLES, sensitivity_tables
from livingreview.tables.base import read_table
from livingreview.tables.effects import AlternativeTerms, Terms
from livingreview.tables.records import Studies


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
    tables = sensitivity_tables(outcomes(snakemake), rules, limit, params.seed)
    for name, model in TABLES.items():
        write_table(output[name], tables[name], model)


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        main(snakemake)
