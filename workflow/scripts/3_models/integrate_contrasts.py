"""Compute contrasts of two outcomes by numerical integration."""

from livingreview.base.measures import Measure
from livingreview.base.steps import run_step
from livingreview.models.quadrature.contrasts import integrate_contrasts
from livingreview.protocol.models import ModelSpecification
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.tables.effects import Terms
from livingreview.tables.models import IntegratedContrasts


def main(snakemake) -> None:
    """Read the terms of all outcomes, integrate, write."""
    params = snakemake.params
    table = integrate_contrasts(
        Terms.read_by_outcome(snakemake.input.terms),
        {name: ModelSpecification.model_validate(m) for name, m in params.models.items()},
        {name: BaselinePriors.model_validate(b) for name, b in params.baselines.items()},
        params.sampling_correlation,
        Measure(**params.measure).limit_on_line,
    )
    IntegratedContrasts.write(snakemake.output.contrasts, table)


if __name__ == "__main__":
    run_step(main, snakemake)
