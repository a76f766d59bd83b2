# Stage 7: figures of what the studies say, study by study and together.
# Needs: studies and effects (stage 1), likelihood terms (2), models (3), checks (4), synthesis (5),
#        sensitivity (6)
# Makes: each as .svg and .png: evidence_map, forest_<outcome>, directions_<outcome>, densities, and
#        contrasts if the protocol has any; of the checks: ranks, predictive, influence and priors;
#        of the sensitivity analyses: leave_one_out, cumulative, specification_curve_<outcome>,
#        subsets, funnel and next_trial
# A rule draws several of them in one process: starting up costs more than drawing.

CONTRAST_FIGURES = ["contrasts"] if CHOICES["contrasts"] else []
CHECK_FIGURES = ["ranks", "predictive", "influence", "priors"]
SENSITIVITY_FIGURES = ["leave_one_out", "cumulative", "subsets", "funnel", "next_trial"]


rule draw_evidence:
    """Draw which study says what about which outcome, by year, and which way effects point."""
    input:
        studies=rules.extract_records.output.studies,
        effects=rules.extract_records.output.effects,
        precision=rules.measure_precision.output.precision,
    output:
        map=figure("evidence_map", "Figures", "Evidence map"),
        map_png=f"{RESULTS}/7_figures/evidence_map.png",
        directions=[
            figure("directions", "Figures", "Directions", name) for name in OUTCOMES
        ],
        directions_png=expand(
            f"{RESULTS}/7_figures/directions_{{outcome}}.png", outcome=OUTCOMES
        ),
    params:
        wording=lookup(dpath="wording", within=CHOICES),
        headings=lookup(dpath="headings", within=CHOICES),
        countries=lookup(dpath="moderators/country/levels", within=CHOICES, default={}),
        designs=lookup(dpath="moderators/design/levels", within=CHOICES, default={}),
        measure=lookup(dpath="measure", within=CHOICES),
        treated=lookup(dpath="treated", within=CHOICES),
    script:
        "../scripts/7_figures/draw_evidence.py"


rule draw_effects:
    """Draw effects study by study, pooled, and of outcomes against each other."""
    input:
        studies=rules.extract_records.output.studies,
        effects=rules.extract_records.output.effects,
        terms=rules.build_terms.output.terms,
        precision=rules.measure_precision.output.precision,
        fits=FITS,
        models=expand(f"{RESULTS}/3_models/{{outcome}}.models.csv", outcome=OUTCOMES),
        study_effects=rules.pool_effects.output.study_effects,
        summary=rules.pool_effects.output.summary,
        contrasts=rules.pool_effects.output.contrasts,
    output:
        forests=[figure("forest", "Figures", "Forest plot", name) for name in OUTCOMES],
        forests_png=expand(
            f"{RESULTS}/7_figures/forest_{{outcome}}.png", outcome=OUTCOMES
        ),
        densities=figure("densities", "Figures", "Posterior densities"),
        densities_png=f"{RESULTS}/7_figures/densities.png",
        # None where the protocol compares no outcomes.
        contrasts=[
            figure(name, "Figures", "Outcomes against each other")
            for name in CONTRAST_FIGURES
        ],
        contrasts_png=expand(
            f"{RESULTS}/7_figures/{{figure}}.png", figure=CONTRAST_FIGURES
        ),
    params:
        contrasts=lookup(dpath="contrasts", within=CHOICES),
        wording=lookup(dpath="wording", within=CHOICES),
        headings=lookup(dpath="headings", within=CHOICES),
        designs=lookup(dpath="moderators/design/levels", within=CHOICES, default={}),
        baselines=lookup(dpath="baselines", within=CHOICES),
        measure=lookup(dpath="measure", within=CHOICES),
        treated=lookup(dpath="treated", within=CHOICES),
    script:
        "../scripts/7_figures/draw_effects.py"


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
        next_trial=rules.join_outcomes.output.next_trial,
        next_trial_summary=rules.join_outcomes.output.next_trial_summary,
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
