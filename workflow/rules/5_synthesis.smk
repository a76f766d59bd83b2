# Stage 5: posteriors as tables on the scales that people read, and the verdicts they earn.
# Needs: fits (stage 3) that passed the gate (stage 4), posteriors with each study left out (4),
#        studies (1), terms (2), published.yaml of the review
# Makes: pooled.csv, study_effects.csv, summary.csv, contrasts.csv, per_1000.csv, moderators.csv,
#        conclusions.csv


rule pool_effects:
    """Write pooled effects, study effects, the summary with its verdicts, counts per 1,000."""
    input:
        fits=FITS,
        integrated=f"{RESULTS}/3_models/quadrature.csv",
        sampling=f"{RESULTS}/4_checks/sampling.csv",
        gate=f"{RESULTS}/4_checks/gate.txt",
    output:
        pooled=f"{RESULTS}/5_synthesis/pooled.csv",
        study_effects=f"{RESULTS}/5_synthesis/study_effects.csv",
        summary=f"{RESULTS}/5_synthesis/summary.csv",
        contrasts=f"{RESULTS}/5_synthesis/contrasts.csv",
        per_1000=f"{RESULTS}/5_synthesis/per_1000.csv",
    log:
        f"{LOGS}/5_synthesis/pool_effects.log",
    conda:
        ENVIRONMENT
    params:
        outcomes=lookup(dpath="outcomes", within=CHOICES),
        decisions=lookup(dpath="decisions", within=CHOICES),
    script:
        "../scripts/5_synthesis/pool_effects.py"


rule judge_moderators:
    """Say of each moderator what these studies can teach, and what they cannot."""
    input:
        pooled=f"{RESULTS}/5_synthesis/pooled.csv",
        studies=f"{RESULTS}/1_records/studies.csv",
        terms=expand(f"{RESULTS}/2_effects/{{outcome}}.csv", outcome=OUTCOMES),
        left_out=f"{RESULTS}/4_checks/left_out.csv",
    output:
        moderators=f"{RESULTS}/5_synthesis/moderators.csv",
    log:
        f"{LOGS}/5_synthesis/judge_moderators.log",
    conda:
        ENVIRONMENT
    params:
        models=lookup(dpath="specifications", within=CHOICES),
        codings=lookup(dpath="codings", within=CHOICES),
        rules=lookup(dpath="decisions/moderators", within=CHOICES),
    script:
        "../scripts/5_synthesis/judge_moderators.py"


rule compare_conclusions:
    """Hold each published conclusion against these results: agrees, differs, or cannot be told."""
    input:
        fits=expand(f"{RESULTS}/3_models/{{outcome}}.nc", outcome=OUTCOMES),
        models=expand(f"{RESULTS}/3_models/{{outcome}}.models.csv", outcome=OUTCOMES),
        summary=f"{RESULTS}/5_synthesis/summary.csv",
        contrasts=f"{RESULTS}/5_synthesis/contrasts.csv",
        moderators=f"{RESULTS}/5_synthesis/moderators.csv",
        published=f"{DATA}/published.yaml",
    output:
        conclusions=f"{RESULTS}/5_synthesis/conclusions.csv",
    log:
        f"{LOGS}/5_synthesis/compare_conclusions.log",
    conda:
        ENVIRONMENT
    params:
        decisions=lookup(dpath="decisions", within=CHOICES),
    script:
        "../scripts/5_synthesis/compare_conclusions.py"
