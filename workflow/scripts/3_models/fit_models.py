"""Fit all models of one outcome."""

from livingreview.base.steps import log_statuses, run_step
from livingreview.effects.data_set import dataset
from livingreview.effects.specification import specify, too_many
from livingreview.models.diagnostics import SamplingLimits
from livingreview.models.fits import write_fits
from livingreview.models.nuts.sampling import fit_models
from livingreview.models.quadrature.drawn_fits import draw_models
from livingreview.protocol.models import ModelSpecification
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.run_config import Sampler
from livingreview.tables.effects import StudyModerators, Terms
from livingreview.tables.models import Models


def main(snakemake) -> None:
    """Read terms and moderators, sample or draw, write."""
    params, outcome = snakemake.params, snakemake.wildcards.outcome
    terms = Terms.read(snakemake.input.terms)
    studies = StudyModerators.read(snakemake.input.moderators)
    models = {name: ModelSpecification.model_validate(m) for name, m in params.models.items()}
    sampler = Sampler(**params.sampler)
    specifications, statuses = specify(models, studies, terms)
    statuses.insert(0, "outcome", outcome)
    fits, beyond = {}, too_many(sampler.most_studies, studies["study_id"].nunique())
    if specifications:
        priors = BaselinePriors.model_validate(params.baseline)
        data = dataset(terms, priors, params.sampling_correlation)
        limits = SamplingLimits(
            params.r_hat_at_most, params.ess_bulk_at_least, params.ess_tail_at_least
        )
        if beyond is None:
            fits = dict(fit_models(data, specifications, sampler, params.seed, outcome, limits))
        else:
            size = sampler.chains * sampler.draws
            fits, refusals = draw_models(data, specifications, size, params.seed, outcome)
            for name, why in refusals.items():
                row = statuses["model"] == name, ["status", "reason", "studies", "left_out"]
                reason = f"{beyond}, and integration cannot serve it: {why}"
                statuses.loc[row] = ["refused", reason, 0, None]
    statuses["engine"] = None
    statuses.loc[statuses["status"] == "fitted", "engine"] = "quadrature" if beyond else "nuts"
    log_statuses(statuses)
    write_fits(snakemake.output.fits, fits)
    Models.write(snakemake.output.models, statuses)


if __name__ == "__main__":
    run_step(main, snakemake)
