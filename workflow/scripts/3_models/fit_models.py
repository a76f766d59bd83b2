"""Fit all models of one outcome."""

from livingreview.base.steps import log_statuses, run_step
from livingreview.effects.data_set import dataset
from livingreview.effects.specification import specify
from livingreview.models.diagnostics import SamplingLimits
from livingreview.models.fits import write_fits
from livingreview.models.nuts.sampling import fit_models
from livingreview.protocol.models import ModelSpecification
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.run_config import Sampler
from livingreview.tables.effects import StudyModerators, Terms
from livingreview.tables.models import Models


def main(snakemake) -> None:
    """Read terms and moderators, sample, write."""
    params, outcome = snakemake.params, snakemake.wildcards.outcome
    terms = Terms.read(snakemake.input.terms)
    studies = StudyModerators.read(snakemake.input.moderators)
    models = {name: ModelSpecification.model_validate(m) for name, m in params.models.items()}
    sampler = Sampler(**params.sampler)
    specifications, statuses = specify(models, studies, terms, sampler.most_studies)
    statuses.insert(0, "outcome", outcome)
    fits = {}
    if specifications:
        priors = BaselinePriors.model_validate(params.baseline)
        data = dataset(terms, priors, params.sampling_correlation)
        limits = SamplingLimits(
            params.r_hat_at_most, params.ess_bulk_at_least, params.ess_tail_at_least
        )
        fits = dict(fit_models(data, specifications, sampler, params.seed, outcome, limits))
    log_statuses(statuses)
    write_fits(snakemake.output.fits, fits)
    Models.write(snakemake.output.models, statuses)


if __name__ == "__main__":
    run_step(main, snakemake)
