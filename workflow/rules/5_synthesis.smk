# Stage 5: posteriors as tables on the scales that people read, and the verdicts they earn.
# Needs: fits and quadrature.csv (stage 3), gate.txt, sampling.csv, and left_out.csv, the posteriors
#        with each study left out (4), terms and
#        moderators (2), published.yaml of the review
# Makes: pooled.csv, study_effects.csv, summary.csv, contrasts.csv, per_1000.csv, moderators.csv,
#        conclusions.csv; sizes_learnt.csv: whether the size of an effect is learnt, or a prior's


rule pool_effects:
    """Write pooled effects, study effects, the summary with its verdicts, counts per 1,000."""
    input:
        fits=FITS,
        integrated=rules.join_models.output.quadrature,
        sizes=rules.join_models.output.quadrature_sizes,
        integrated_contrasts=rules.integrate_contrasts.output.contrasts,
        sampling=rules.check_sampling.output.sampling,
        gate=rules.pass_gate.output.gate,
        # Control groups on record, where the protocol cites no share.
        terms=rules.build_terms.output.terms,
    output:
        pooled=f"{RESULTS}/5_synthesis/pooled.csv",
        study_effects=f"{RESULTS}/5_synthesis/study_effects.csv",
        summary=f"{RESULTS}/5_synthesis/summary.csv",
        contrasts=f"{RESULTS}/5_synthesis/contrasts.csv",
        sizes_learnt=f"{RESULTS}/5_synthesis/sizes_learnt.csv",
        per_1000=f"{RESULTS}/5_synthesis/per_1000.csv",
    params:
        outcomes=lookup(dpath="outcomes", within=CHOICES),
        decisions=lookup(dpath="decisions", within=CHOICES),
        measure=lookup(dpath="measure", within=CHOICES),
    script:
        "../scripts/5_synthesis/pool_effects.py"


rule judge_moderators:
    """Say of each moderator what these studies can teach, and what they cannot."""
    input:
        pooled=rules.pool_effects.output.pooled,
        sizes_learnt=rules.pool_effects.output.sizes_learnt,
        terms=rules.build_terms.output.terms,
        moderators=rules.build_terms.output.moderators,
        left_out=rules.check_fits.output.left_out,
    output:
        moderators=f"{RESULTS}/5_synthesis/moderators.csv",
    params:
        models=lookup(dpath="specifications", within=CHOICES),
        codings=lookup(dpath="codings", within=CHOICES),
        baselines=lookup(dpath="baseline_priors", within=CHOICES),
        sampling_correlation=lookup(dpath="sampling_correlation", within=CHOICES),
        rules=lookup(dpath="decisions/moderators", within=CHOICES),
        measure=lookup(dpath="measure", within=CHOICES),
    script:
        "../scripts/5_synthesis/judge_moderators.py"


rule compare_conclusions:
    """Compare each published conclusion with the results: agrees, differs, or undecided."""
    input:
        fits=expand(f"{RESULTS}/3_models/{{outcome}}.nc", outcome=OUTCOMES),
        models=expand(f"{RESULTS}/3_models/{{outcome}}.models.csv", outcome=OUTCOMES),
        summary=rules.pool_effects.output.summary,
        contrasts=rules.pool_effects.output.contrasts,
        moderators=rules.judge_moderators.output.moderators,
        published=f"{DATA}/published.yaml",
    output:
        conclusions=f"{RESULTS}/5_synthesis/conclusions.csv",
    params:
        decisions=lookup(dpath="decisions", within=CHOICES),
        measure=lookup(dpath="measure", within=CHOICES),
    script:
        "../scripts/5_synthesis/compare_conclusions.py"
