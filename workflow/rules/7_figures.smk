# Stage 7: figures of what the studies say, study by study and together.
# Needs: studies and effects (stage 1), likelihood terms (2), models (3), synthesis (5)
# Makes: evidence_map, forest_<outcome> and densities, each as .svg and .png


rule draw_evidence_map:
    """Draw which study says what about which outcome, and on what kind of evidence."""
    input:
        studies=f"{RESULTS}/1_records/studies.csv",
        effects=f"{RESULTS}/1_records/effects.csv",
        library=library(
            "claims",
            "errors",
            "figures/evidence_map",
            "figures/marks",
            "figures/saving",
            "figures/style",
            "figures/wording",
            "saving",
            "selection",
            "statuses",
            "tables/base",
            "tables/records",
        ),
    output:
        svg=report(
            f"{RESULTS}/7_figures/evidence_map.svg",
            caption="../report/captions/evidence_map.rst",
            category="Figures",
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
        library=library(
            "claims",
            "errors",
            "evidence/ranges",
            "evidence/statements",
            "figures/forest",
            "figures/forest_rows",
            "figures/reported",
            "figures/saving",
            "figures/style",
            "figures/wording",
            "saving",
            "selection",
            "statuses",
            "tables/base",
            "tables/effects",
            "tables/models",
            "tables/records",
            "tables/synthesis",
            "two_by_two",
        ),
    output:
        svg=report(
            expand(f"{RESULTS}/7_figures/forest_{{outcome}}.svg", outcome=OUTCOMES),
            caption="../report/captions/forest.rst",
            category="Figures",
        ),
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
        library=library(
            "claims",
            "errors",
            "figures/densities",
            "figures/saving",
            "figures/style",
            "figures/wording",
            "fits",
            "saving",
            "selection",
            "tables/base",
            "tables/synthesis",
        ),
    output:
        svg=report(
            f"{RESULTS}/7_figures/densities.svg",
            caption="../report/captions/densities.rst",
            category="Figures",
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
