# Stage 7: figures of what the studies say, study by study and together.
# Needs: studies and effects (stage 1), likelihood terms (2), models (3), checks (4), synthesis (5),
#        sensitivity (6)
# Makes: each as .svg and .png: evidence_map, forest_<outcome>, directions_<outcome>, densities, and
#        contrasts if the protocol has any; of the checks: ranks, predictive, influence and priors;
#        of the sensitivity analyses: leave_one_out, cumulative, specification_curve_<outcome>,
#        subsets, funnel and next_trial
# A rule draws several of them in one process: starting up costs more than drawing.

CHECK_FIGURES = ["ranks", "predictive", "influence", "priors"]
SENSITIVITY_FIGURES = ["leave_one_out", "cumulative", "subsets", "funnel", "next_trial"]


rule draw_evidence_map:
    """Draw which study says what about which outcome, by year, and what is not weighed."""
    input:
        studies=rules.extract_records.output.studies,
        effects=rules.extract_records.output.effects,
        precision=rules.measure_precision.output.precision,
    output:
        svg=figure("evidence_map", "Figures", "Evidence map"),
        png=f"{RESULTS}/7_figures/evidence_map.png",
    params:
        wording=lookup(dpath="wording", within=CHOICES),
        headings=lookup(dpath="headings", within=CHOICES),
        countries=lookup(dpath="moderators/country/levels", within=CHOICES, default={}),
        treated=lookup(dpath="treated", within=CHOICES),
    script:
        "../scripts/7_figures/draw_evidence_map.py"


rule draw_forests:
    """Draw a forest plot of every outcome."""
    input:
        studies=rules.extract_records.output.studies,
        effects=rules.extract_records.output.effects,
        terms=rules.build_terms.output.terms,
        precision=rules.measure_precision.output.precision,
        models=expand(f"{RESULTS}/3_models/{{outcome}}.models.csv", outcome=OUTCOMES),
        study_effects=rules.pool_effects.output.study_effects,
        summary=rules.pool_effects.output.summary,
    output:
        svg=[figure("forest", "Figures", "Forest plot", name) for name in OUTCOMES],
        png=expand(f"{RESULTS}/7_figures/forest_{{outcome}}.png", outcome=OUTCOMES),
    params:
        wording=lookup(dpath="wording", within=CHOICES),
        designs=lookup(dpath="moderators/design/levels", within=CHOICES, default={}),
        baselines=lookup(dpath="baselines", within=CHOICES),
        measure=lookup(dpath="measure", within=CHOICES),
        treated=lookup(dpath="treated", within=CHOICES),
    script:
        "../scripts/7_figures/draw_forests.py"


rule draw_directions:
    """Draw which way the effects of every outcome point."""
    input:
        studies=rules.extract_records.output.studies,
        effects=rules.extract_records.output.effects,
        precision=rules.measure_precision.output.precision,
    output:
        svg=[figure("directions", "Figures", "Directions", name) for name in OUTCOMES],
        png=expand(f"{RESULTS}/7_figures/directions_{{outcome}}.png", outcome=OUTCOMES),
    params:
        wording=lookup(dpath="wording", within=CHOICES),
        designs=lookup(dpath="moderators/design/levels", within=CHOICES, default={}),
        measure=lookup(dpath="measure", within=CHOICES),
        treated=lookup(dpath="treated", within=CHOICES),
    script:
        "../scripts/7_figures/draw_directions.py"


rule draw_densities:
    """Draw the posterior densities of the pooled effect of every outcome."""
    input:
        fits=FITS,
        summary=rules.pool_effects.output.summary,
    output:
        svg=figure("densities", "Figures", "Posterior densities"),
        png=f"{RESULTS}/7_figures/densities.png",
    params:
        wording=lookup(dpath="wording", within=CHOICES),
        measure=lookup(dpath="measure", within=CHOICES),
        treated=lookup(dpath="treated", within=CHOICES),
    script:
        "../scripts/7_figures/draw_densities.py"


rule draw_contrasts:
    """Draw outcomes against each other, within the studies that report both."""
    input:
        studies=rules.extract_records.output.studies,
        effects=rules.extract_records.output.effects,
        terms=rules.build_terms.output.terms,
        precision=rules.measure_precision.output.precision,
        contrasts=rules.pool_effects.output.contrasts,
    output:
        svg=figure("contrasts", "Figures", "Outcomes against each other"),
        png=f"{RESULTS}/7_figures/contrasts.png",
    params:
        contrasts=lookup(dpath="contrasts", within=CHOICES),
        wording=lookup(dpath="wording", within=CHOICES),
        headings=lookup(dpath="headings", within=CHOICES),
        baselines=lookup(dpath="baselines", within=CHOICES),
        measure=lookup(dpath="measure", within=CHOICES),
        treated=lookup(dpath="treated", within=CHOICES),
    script:
        "../scripts/7_figures/draw_contrasts.py"


rule draw_checks:
    """Draw what the checks found."""
    input:
        fits=expand(f"{RESULTS}/3_models/{{outcome}}.nc", outcome=OUTCOMES),
        predictive=rules.check_fits.output.predictive,
        influence=rules.check_fits.output.influence,
        studies=rules.extract_records.output.studies,
    output:
        ranks=figure("ranks", "Checks", "Ranks of the chains"),
        predictive=figure("predictive", "Checks", "Predictions against reports"),
        influence=figure("influence", "Checks", "Influence of each study"),
        priors=figure("priors", "Checks", "Prior against posterior"),
        png=expand(f"{RESULTS}/7_figures/{{figure}}.png", figure=CHECK_FIGURES),
    params:
        wording=lookup(dpath="wording", within=CHOICES),
        priors=lookup(dpath="specifications/overall/priors", within=CHOICES),
        pareto_k=lookup(dpath="checks/pareto_k_at_most/value", within=CHOICES),
        measure=lookup(dpath="measure", within=CHOICES),
    script:
        "../scripts/7_figures/draw_checks.py"


rule draw_sensitivity:
    """Draw how the pooled effects change under other choices, studies and trials."""
    input:
        variations=rules.join_outcomes.output.variations,
        multiverse=rules.join_outcomes.output.multiverse,
        summary=rules.join_outcomes.output.multiverse_summary,
        subsets=rules.join_outcomes.output.subsets,
        told=rules.join_outcomes.output.told,
        clusters=rules.join_outcomes.output.clusters,
        small_studies=rules.join_outcomes.output.small_studies,
        next_trial=rules.simulate_next_trial.output.chances,
        next_trial_summary=rules.simulate_next_trial.output.summary,
        studies=rules.extract_records.output.studies,
        terms=rules.build_terms.output.terms,
    output:
        leave_one_out=figure("leave_one_out", "Sensitivity", "Each study left out"),
        cumulative=figure("cumulative", "Sensitivity", "Studies added by year"),
        subsets=figure("subsets", "Sensitivity", "Every subset of the studies"),
        funnel=figure("funnel", "Sensitivity", "Effects against their precision"),
        next_trial=figure("next_trial", "Sensitivity", "What a next trial would do"),
        specification_curve=[
            figure("specification_curve", "Sensitivity", "Specification curve", name)
            for name in OUTCOMES
        ],
        png=expand(
            f"{RESULTS}/7_figures/{{figure}}.png",
            figure=SENSITIVITY_FIGURES
            + [f"specification_curve_{name}" for name in OUTCOMES],
        ),
    params:
        wording=lookup(dpath="wording", within=CHOICES),
        baselines=lookup(dpath="baselines", within=CHOICES),
        measure=lookup(dpath="measure", within=CHOICES),
        power=lookup(dpath="sensitivity/next_trial/power", within=CHOICES),
        treated=lookup(dpath="treated", within=CHOICES),
    script:
        "../scripts/7_figures/draw_sensitivity.py"
