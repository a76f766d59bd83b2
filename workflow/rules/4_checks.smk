# Stage 4: whether each fit converged, agrees with its evidence, and depends on one study or prior.
# Needs: fits (stage 3), likelihood terms and moderators by outcome (stage 2)
# Makes: sampling.csv and trajectories.csv, diagnostics of the sampler;
#        parity.csv, results of sampling compared with those of integration;
#        small_groups.csv, what the law of statements from small groups moves;
#        predictive.csv, reports predicted by prior and posterior;
#        influence.csv and left_out.csv, fits with each study left out;
#        power_scaling.csv, how far prior and likelihood move the results; reml.csv;
#        unchecked.csv, fits that these tables leave out, and why;
#        checks.csv, the verdict of every check; gate.txt, only when no check stops the build

FITS = expand(f"{RESULTS}/3_models/{{outcome}}.nc", outcome=FITTED)


rule check_sampling:
    """Diagnose the sampling of every reported quantity; compare sampling with integration."""
    input:
        fits=FITS,
        integrated=rules.join_models.output.quadrature,
        laws=rules.join_models.output.quadrature_laws,
        integrated_contrasts=rules.integrate_contrasts.output.contrasts,
    output:
        sampling=f"{RESULTS}/4_checks/sampling.csv",
        trajectories=f"{RESULTS}/4_checks/trajectories.csv",
        parity=f"{RESULTS}/4_checks/parity.csv",
        small_groups=f"{RESULTS}/4_checks/small_groups.csv",
    params:
        parity_errors=lookup(dpath="checks/parity_errors_at_most/value", within=CHOICES),
    script:
        "../scripts/4_checks/check_sampling.py"


rule check_fits:
    """Check each fit: simulate reports, omit each study, vary the priors, compare with REML."""
    input:
        fits=FITS,
        terms=rules.build_terms.output.terms,
        moderators=rules.build_terms.output.moderators,
    output:
        predictive=f"{RESULTS}/4_checks/predictive.csv",
        influence=f"{RESULTS}/4_checks/influence.csv",
        left_out=f"{RESULTS}/4_checks/left_out.csv",
        power_scaling=f"{RESULTS}/4_checks/power_scaling.csv",
        reml=f"{RESULTS}/4_checks/reml.csv",
        unchecked=f"{RESULTS}/4_checks/unchecked.csv",
    benchmark:
        f"{LOGS}/4_checks/check_fits.benchmark.tsv"
    resources:
        mem_mb=memory(1000),
        runtime=15,
    params:
        models=lookup(dpath="specifications", within=CHOICES),
        baselines=lookup(dpath="baseline_priors", within=CHOICES),
        sampling_correlation=lookup(dpath="sampling_correlation", within=CHOICES),
        limits=lookup(dpath="checks", within=CHOICES),
        seed=lookup(dpath="seed", within=RUN),
    script:
        "../scripts/4_checks/check_fits.py"


rule judge_checks:
    """Compare the result of every check with the limit that the protocol sets."""
    input:
        sampling=rules.check_sampling.output.sampling,
        trajectories=rules.check_sampling.output.trajectories,
        parity=rules.check_sampling.output.parity,
        small_groups=rules.check_sampling.output.small_groups,
        predictive=rules.check_fits.output.predictive,
        influence=rules.check_fits.output.influence,
        power_scaling=rules.check_fits.output.power_scaling,
        reml=rules.check_fits.output.reml,
        terms=rules.build_terms.output.terms,
        questions=rules.check_records.output.questions,
    output:
        checks=f"{RESULTS}/4_checks/checks.csv",
    params:
        limits=lookup(dpath="checks", within=CHOICES),
        measure=lookup(dpath="measure", within=CHOICES),
    script:
        "../scripts/4_checks/judge_checks.py"


rule pass_gate:
    """Print warnings of the checks; stop the build if a check demands it, and keep all tables."""
    input:
        checks=rules.judge_checks.output.checks,
    output:
        gate=f"{RESULTS}/4_checks/gate.txt",
    script:
        "../scripts/4_checks/pass_gate.py"
