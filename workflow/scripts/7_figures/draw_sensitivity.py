"""Draw how the pooled effects change under other choices, studies and trials."""

from pathlib import Path

from livingreview.base.measures import Measure
from livingreview.base.steps import run_step
from livingreview.figures.cumulative import draw_cumulative
from livingreview.figures.funnel import draw_funnel
from livingreview.figures.leave_one_out import draw_leave_one_out
from livingreview.figures.next_trial import draw_next_trial
from livingreview.figures.reported import reported_table
from livingreview.figures.saving import write_figure
from livingreview.figures.specification_curve import draw_specification_curve
from livingreview.figures.subsets import draw_subsets
from livingreview.figures.variants import Variants
from livingreview.figures.wording import Wording, outcome_words
from livingreview.tables.effects import Terms
from livingreview.tables.records import Studies
from livingreview.tables.sensitivity import (
    Multiverse,
    MultiverseSummary,
    NextTrialChances,
    NextTrialSummary,
    SmallStudyEffects,
    SubsetClusters,
    Subsets,
    Variations,
    VariedOutcomes,
)


def main(snakemake) -> None:
    """Read the tables of stage 6, draw, write."""
    inputs, params = snakemake.input, snakemake.params
    wording = Wording(outcome_words(params.wording), Measure(**params.measure), params.treated)
    variants = Variants(
        Variations.read(inputs.variations),
        VariedOutcomes.read(inputs.told),
        Studies.read(inputs.studies),
        wording,
    )
    multiverse = Multiverse.read(inputs.multiverse)
    summary = MultiverseSummary.read(inputs.summary)
    subsets = Subsets.read(inputs.subsets)
    clusters = SubsetClusters.read(inputs.clusters)
    small_studies = SmallStudyEffects.read(inputs.small_studies)
    next_trial = NextTrialChances.read(inputs.next_trial)
    next_summary = NextTrialSummary.read(inputs.next_trial_summary)
    reported = {
        name: reported_table(Terms.read(path), params.baselines[name], wording.measure)
        for name, path in zip(wording.outcomes, inputs.terms, strict=True)
    }
    figures = {
        "leave_one_out": draw_leave_one_out(variants),
        "cumulative": draw_cumulative(variants),
        "subsets": draw_subsets(subsets, clusters, variants),
        "funnel": draw_funnel(reported, small_studies, variants),
        "next_trial": draw_next_trial(next_trial, next_summary, params.power, wording),
    }
    files = {snakemake.output[name]: figure for name, figure in figures.items()}
    curves = zip(wording.outcomes, snakemake.output.specification_curve, strict=True)
    for outcome, file in curves:
        files[file] = draw_specification_curve(outcome, multiverse, summary, variants)
    for file, figure in files.items():
        write_figure(figure, file, Path(file).with_suffix(".png"))


if __name__ == "__main__":
    run_step(main, snakemake)
