# Stage 7: figures of what the studies say, study by study and together.
# Needs: studies and effects (stage 1), likelihood terms (2), models (3), checks (4), synthesis (5),
#        sensitivity (6)
# Makes: each as .svg and .png, evidence_map, forest_<outcome>, densities, and contrasts where the
#        protocol has some; of the checks, ranks, predictive, influence and priors; of the sensitivity
#        analyses, leave_one_out, cumulative, specification_curve_<outcome>, subsets, funnel and next_trial

CHECK_FIGURES = ["ranks", "predictive", "influence", "priors"]
SENSITIVITY_FIGURES = [
    "leave_one_out",
    "cumulative",
    "subsets",
    "funnel",
    "next_trial",
] + [f"specification_curve_{outcome}" for outcome in OUTCOMES]


rule draw_evidence_map:
    """Draw which study says what about which outcome, and on what kind of evidence."""
    input:
        studies=f"{RESULTS}/1_records/studies.csv",
        effects=f"{RESULTS}/1_records/effects.csv",
    output:
        svg=report(
            f"{RESULTS}/7_figures/evidence_map.svg",
            caption="../report/captions/evidence_map.rst",
            category="Figures",
            labels={"figure": "Evidence map"},
        ),
        png=f"{RESULTS}/7_figures/evidence_map.png",
    log:
        f"{LOGS}/7_figures/draw_evidence_map.log",
    conda:
        ENVIRONMENT
    params:
        wording=lookup(dpath="wording", within=CHOICES),
        designs=lookup(dpath="moderators/design/levels", within=CHOICES, default={}),
        treated=lookup(dpath="treated", within=CHOICES),
    script:
        "../scripts/7_figures/draw_evidence_map.py"


rule draw_forests:
    """Draw a forest plot of every outcome in one process: starting up costs more than drawing."""
    input:
        studies=f"{RESULTS}/1_records/studies.csv",
        effects=f"{RESULTS}/1_records/effects.csv",
        terms=expand(f"{RESULTS}/2_effects/{{outcome}}.csv", outcome=OUTCOMES),
        models=expand(f"{RESULTS}/3_models/{{outcome}}.models.csv", outcome=OUTCOMES),
        study_effects=f"{RESULTS}/5_synthesis/study_effects.csv",
        summary=f"{RESULTS}/5_synthesis/summary.csv",
    output:
        svg=[
            report(
                f"{RESULTS}/7_figures/forest_{outcome}.svg",
                caption="../report/captions/forest.rst",
                category="Figures",
                labels={"figure": f"Forest plot, {outcome}"},
            )
            for outcome in OUTCOMES
        ],
        png=expand(f"{RESULTS}/7_figures/forest_{{outcome}}.png", outcome=OUTCOMES),
    log:
        f"{LOGS}/7_figures/draw_forests.log",
    conda:
        ENVIRONMENT
    params:
        wording=lookup(dpath="wording", within=CHOICES),
        designs=lookup(dpath="moderators/design/levels", within=CHOICES, default={}),
        baselines=lookup(dpath="baselines", within=CHOICES),
        limit=lookup(dpath="decisions/practically_none_odds_ratio", within=CHOICES),
        treated=lookup(dpath="treated", within=CHOICES),
    script:
        "../scripts/7_figures/draw_forests.py"


rule draw_densities:
    """Draw the posterior densities of the pooled effect of every outcome."""
    input:
        fits=FITS,
        summary=f"{RESULTS}/5_synthesis/summary.csv",
    output:
        svg=report(
            f"{RESULTS}/7_figures/densities.svg",
            caption="../report/captions/densities.rst",
            category="Figures",
            labels={"figure": "Posterior densities"},
        ),
        png=f"{RESULTS}/7_figures/densities.png",
    log:
        f"{LOGS}/7_figures/draw_densities.log",
    conda:
        ENVIRONMENT
    params:
        wording=lookup(dpath="wording", within=CHOICES),
        limit=lookup(dpath="decisions/practically_none_odds_ratio", within=CHOICES),
        treated=lookup(dpath="treated", within=CHOICES),
    script:
        "../scripts/7_figures/draw_densities.py"


rule draw_contrasts:
    """Draw outcomes against each other, by the model of all outcomes at once."""
    input:
        fits=f"{RESULTS}/3_models/joint.nc",
        contrasts=f"{RESULTS}/5_synthesis/contrasts.csv",
    output:
        svg=report(
            f"{RESULTS}/7_figures/contrasts.svg",
            caption="../report/captions/contrasts.rst",
            category="Figures",
            labels={"figure": "Outcomes against each other"},
        ),
        png=f"{RESULTS}/7_figures/contrasts.png",
    log:
        f"{LOGS}/7_figures/draw_contrasts.log",
    conda:
        ENVIRONMENT
    params:
        contrasts=CONTRASTS,
        wording=lookup(dpath="wording", within=CHOICES),
        limit=lookup(dpath="decisions/practically_none_odds_ratio", within=CHOICES),
        treated=lookup(dpath="treated", within=CHOICES),
    script:
        "../scripts/7_figures/draw_contrasts.py"


rule draw_checks:
    """Draw what the checks found, in one process: starting up costs more than drawing."""
    input:
        fits=expand(f"{RESULTS}/3_models/{{outcome}}.nc", outcome=OUTCOMES),
        predictive=f"{RESULTS}/4_checks/predictive.csv",
        influence=f"{RESULTS}/4_checks/influence.csv",
        studies=f"{RESULTS}/1_records/studies.csv",
    output:
        ranks=report(
            f"{RESULTS}/7_figures/ranks.svg",
            caption="../report/captions/ranks.rst",
            category="Checks",
            labels={"figure": "Ranks of the chains"},
        ),
        predictive=report(
            f"{RESULTS}/7_figures/predictive.svg",
            caption="../report/captions/predictive.rst",
            category="Checks",
            labels={"figure": "Predictions against reports"},
        ),
        influence=report(
            f"{RESULTS}/7_figures/influence.svg",
            caption="../report/captions/influence.rst",
            category="Checks",
            labels={"figure": "Influence of each study"},
        ),
        priors=report(
            f"{RESULTS}/7_figures/priors.svg",
            caption="../report/captions/priors.rst",
            category="Checks",
            labels={"figure": "Prior against posterior"},
        ),
        png=expand(f"{RESULTS}/7_figures/{{figure}}.png", figure=CHECK_FIGURES),
    log:
        f"{LOGS}/7_figures/draw_checks.log",
    conda:
        ENVIRONMENT
    params:
        wording=lookup(dpath="wording", within=CHOICES),
        priors=lookup(dpath="specifications/overall/priors", within=CHOICES),
        pareto_k=lookup(dpath="checks/pareto_k_at_most/value", within=CHOICES),
        limit=lookup(dpath="decisions/practically_none_odds_ratio", within=CHOICES),
    script:
        "../scripts/7_figures/draw_checks.py"


rule draw_sensitivity:
    """Draw how the pooled effects change under other choices, studies and trials, in one process."""
    input:
        variations=f"{RESULTS}/6_sensitivity/variations.csv",
        multiverse=f"{RESULTS}/6_sensitivity/multiverse.csv",
        summary=f"{RESULTS}/6_sensitivity/multiverse_summary.csv",
        subsets=f"{RESULTS}/6_sensitivity/subsets.csv",
        told=f"{RESULTS}/6_sensitivity/told.csv",
        clusters=f"{RESULTS}/6_sensitivity/clusters.csv",
        small_studies=f"{RESULTS}/6_sensitivity/small_studies.csv",
        next_trial=f"{RESULTS}/6_sensitivity/next_trial.csv",
        next_trial_summary=f"{RESULTS}/6_sensitivity/next_trial_summary.csv",
        studies=f"{RESULTS}/1_records/studies.csv",
        terms=expand(f"{RESULTS}/2_effects/{{outcome}}.csv", outcome=OUTCOMES),
    output:
        leave_one_out=report(
            f"{RESULTS}/7_figures/leave_one_out.svg",
            caption="../report/captions/leave_one_out.rst",
            category="Sensitivity",
            labels={"figure": "Each study left out"},
        ),
        cumulative=report(
            f"{RESULTS}/7_figures/cumulative.svg",
            caption="../report/captions/cumulative.rst",
            category="Sensitivity",
            labels={"figure": "Studies added by year"},
        ),
        subsets=report(
            f"{RESULTS}/7_figures/subsets.svg",
            caption="../report/captions/subsets.rst",
            category="Sensitivity",
            labels={"figure": "Every subset of the studies"},
        ),
        funnel=report(
            f"{RESULTS}/7_figures/funnel.svg",
            caption="../report/captions/funnel.rst",
            category="Sensitivity",
            labels={"figure": "Effects against their precision"},
        ),
        next_trial=report(
            f"{RESULTS}/7_figures/next_trial.svg",
            caption="../report/captions/next_trial.rst",
            category="Sensitivity",
            labels={"figure": "What a next trial would do"},
        ),
        specification_curve=[
            report(
                f"{RESULTS}/7_figures/specification_curve_{outcome}.svg",
                caption="../report/captions/specification_curve.rst",
                category="Sensitivity",
                labels={"figure": f"Specification curve, {outcome}"},
            )
            for outcome in OUTCOMES
        ],
        png=expand(f"{RESULTS}/7_figures/{{figure}}.png", figure=SENSITIVITY_FIGURES),
    log:
        f"{LOGS}/7_figures/draw_sensitivity.log",
    conda:
        ENVIRONMENT
    params:
        wording=lookup(dpath="wording", within=CHOICES),
        baselines=lookup(dpath="baselines", within=CHOICES),
        limit=lookup(dpath="decisions/practically_none_odds_ratio", within=CHOICES),
        wanted=lookup(dpath="sensitivity/next_trial/power", within=CHOICES),
        treated=lookup(dpath="treated", within=CHOICES),
    script:
        "../scripts/7_figures/draw_sensitivity.py"
