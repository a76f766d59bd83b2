"""Compute the models of one outcome by numerical integration."""

from functools import lru_cache

from livingreview.base.measures import Measure
from livingreview.base.steps import log_statuses, run_step
from livingreview.effects.data_set import dataset
from livingreview.effects.specification import specify
from livingreview.models.quadrature.engine import integrate_models, tabulated
from livingreview.models.quadrature.size_evidence import size_evidence
from livingreview.models.quadrature.statement_laws import integrate_laws
from livingreview.protocol.models import ModelSpecification, Priors
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.tables.effects import StudyModerators, Terms
from livingreview.tables.models import IntegratedFits, IntegratedPooled, SizeEvidence, StatementLaws


def cases(snakemake):
    """Each model that the studies of the outcome can inform."""
    inputs, params = snakemake.input, snakemake.params
    models = {name: ModelSpecification.model_validate(m) for name, m in params.models.items()}
    terms = Terms.read(inputs.terms)
    specifications, _ = specify(models, StudyModerators.read(inputs.moderators), terms)
    if specifications:
        priors = BaselinePriors.model_validate(params.baseline)
        data = dataset(terms, priors, params.sampling_correlation)
        for specification in specifications:
            yield snakemake.wildcards.outcome, data, specification


def main(snakemake) -> None:
    """Read terms and moderators, integrate, write."""
    limit = Measure(**snakemake.params.measure).limit_on_line
    output, every = snakemake.output, [*cases(snakemake)]
    # Other laws of statements find the tables that the models have used.
    tabulate = lru_cache(maxsize=1)(tabulated)
    pooled, integrated = integrate_models(every, limit, tabulate)
    log_statuses(integrated)
    IntegratedPooled.write(output.quadrature, pooled)
    IntegratedFits.write(output.quadrature_models, integrated)
    StatementLaws.write(output.quadrature_laws, integrate_laws(every, limit, tabulate))
    sets = {n: Priors.model_validate(p) for n, p in snakemake.params.size_priors.items()}
    sizes = size_evidence(every, pooled, sets, limit, tabulate)
    SizeEvidence.write(output.quadrature_sizes, sizes)


if __name__ == "__main__":
    run_step(main, snakemake)
