"""Write how many people each effect is of, and what it could have called significant."""

from livingreview.base.steps import run_step
from livingreview.effects.precision import precision_table
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.tables.effects import Precision, Terms


def main(snakemake) -> None:
    """Read the terms, measure outcome by outcome, write."""
    priors = snakemake.params.baselines
    terms = Terms.read_by_outcome(snakemake.input.terms)
    for (outcome, of_outcome), path in zip(terms.items(), snakemake.output.precision, strict=True):
        assumed = BaselinePriors.model_validate(priors[outcome])
        Precision.write(path, precision_table(of_outcome, assumed))


if __name__ == "__main__":
    run_step(main, snakemake)
