"""Fit the models of all outcomes at once."""

from livingreview.base.steps import log_statuses, run_step
from livingreview.effects.data_set import joint_dataset
from livingreview.effects.refusal import Refusal
from livingreview.effects.specification import too_many
from livingreview.models.diagnostics import SamplingLimits
from livingreview.models.fits import write_fits
from livingreview.models.nuts.sampling import fit_joint
from livingreview.protocol.models import JOINT, ModelSpecification
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.run_config import Sampler
from livingreview.tables.effects import Terms
from livingreview.tables.models import Models


def contrast_statuses(data, specification):
    """Rows of `Models` of the contrasts: from how many studies, or why none."""
    for name, pair in specification.differences.items():
        row = {
            "outcome": JOINT,
            "model": name,
            "status": "fitted",
            "engine": "nuts",
            "reason": None,
        }
        studies = set()
        if set(pair) <= {*data.outcomes}:
            studies = set(data.effect_study[data.reporting_all(pair)])
        if not studies:
            row |= {"status": "refused", "engine": None, "reason": "no study reports both outcomes"}
        left_out = [study for i, study in enumerate(data.studies) if i not in studies]
        yield row | {"studies": len(studies), "left_out": " ".join(left_out) or None}


def main(snakemake) -> None:
    """Read the terms of all outcomes, sample, write."""
    params = snakemake.params
    terms = Terms.read(*snakemake.input.terms)
    baselines = {
        name: BaselinePriors.model_validate(priors) for name, priors in params.baselines.items()
    }
    fits, rows, sampler = {}, [], Sampler(**params.sampler)
    for name, model in params.models.items():
        row = {"outcome": JOINT, "model": name, "status": "fitted", "engine": "nuts"}
        row |= {"reason": None}
        row |= {"studies": terms["study_id"].nunique(), "left_out": None}
        try:
            if terms["outcome"].nunique() < 2:
                raise Refusal("fewer than two outcomes have an effect that can be analysed")
            if reason := too_many(sampler.most_studies, row["studies"]):
                raise Refusal(reason)
            data = joint_dataset(terms, baselines, params.sampling_correlation)
            specification = ModelSpecification.model_validate(model)
            limits = SamplingLimits(
                params.r_hat_at_most, params.ess_bulk_at_least, params.ess_tail_at_least
            )
            fits |= dict(fit_joint(data, name, specification, sampler, params.seed, limits))
            rows += [row, *contrast_statuses(data, specification)]
        except Refusal as refusal:
            refused = {"status": "refused", "engine": None, "reason": str(refusal), "studies": 0}
            rows.append(row | refused)
    write_fits(snakemake.output.fits, fits)
    models = Models.frame(rows)
    log_statuses(models)
    Models.write(snakemake.output.models, models)


if __name__ == "__main__":
    run_step(main, snakemake)
