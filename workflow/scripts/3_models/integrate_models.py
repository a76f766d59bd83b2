"""Compute the models of all outcomes by numerical integration."""

from functools import lru_cache
from pathlib import Path

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
    """Every outcome with every model that its studies can inform."""
    params = snakemake.params
    models = {name: ModelSpecification.model_validate(m) for name, m in params.models.items()}
    moderators = StudyModerators.read_by_outcome(snakemake.input.moderators)
    for path in snakemake.input.terms:
        outcome, terms = Path(path).stem, Terms.read(path)
        specifications, _ = specify(models, moderators[outcome], terms)
        if specifications:
            priors = BaselinePriors.model_validate(params.baselines[outcome])
            data = dataset(terms, priors, params.sampling_correlation)
            yield from ((outcome, data, specification) for specification in specifications)


def main(snakemake) -> None:
    """Read terms and moderators, integrate, write."""
    limit = Measure(**snakemake.params.measure).limit_on_line
    every = [*cases(snakemake)]
    # Of a single outcome, other laws of statements find the tables that its models have used.
    tabulate = lru_cache(maxsize=1)(tabulated)
    pooled, integrated = integrate_models(every, limit, tabulate)
    log_statuses(integrated)
    IntegratedPooled.write(snakemake.output.pooled, pooled)
    IntegratedFits.write(snakemake.output.integrated, integrated)
    StatementLaws.write(snakemake.output.laws, integrate_laws(every, limit, tabulate))
    sets = {n: Priors.model_validate(p) for n, p in snakemake.params.size_priors.items()}
    SizeEvidence.write(snakemake.output.sizes, size_evidence(every, pooled, sets, limit, tabulate))


if __name__ == "__main__":
    run_step(main, snakemake)
