# Stage 5: posteriors as tables on the scales that people read, and the verdicts they earn.
# Needs: fits (stage 3) that passed the gate (stage 4)
# Makes: pooled.csv, study_effects.csv, summary.csv, contrasts.csv


rule pool_effects:
    """Write pooled effects, study effects, and the summary with its verdicts."""
    input:
        fits=FITS,
        integrated=f"{RESULTS}/3_models/quadrature.csv",
        sampling=f"{RESULTS}/4_checks/sampling.csv",
        gate=f"{RESULTS}/4_checks/gate.txt",
        library=library(
            "contradictions",
            "decisions",
            "documents",
            "errors",
            "fits",
            "patterns",
            "priors",
            "protocol/decisions",
            "protocol/models",
            "protocol/moderators",
            "protocol/outcomes",
            "records",
            "saving",
            "synthesis",
            "tables/base",
            "tables/checks",
            "tables/models",
            "tables/synthesis",
            "vocabulary",
        ),
    output:
        pooled=f"{RESULTS}/5_synthesis/pooled.csv",
        study_effects=f"{RESULTS}/5_synthesis/study_effects.csv",
        summary=f"{RESULTS}/5_synthesis/summary.csv",
        contrasts=f"{RESULTS}/5_synthesis/contrasts.csv",
    log:
        f"{LOGS}/5_synthesis/pool_effects.log",
    conda:
        ENVIRONMENT
    params:
        outcomes=lookup(dpath="outcomes", within=CHOICES),
        decisions=lookup(dpath="decisions", within=CHOICES),
    script:
        "../scripts/5_synthesis/pool_effects.py"
