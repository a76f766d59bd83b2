# Stage 3: fit every model of the protocol to every outcome.
# Needs: likelihood terms, and moderators of the studies, by outcome (stage 2)
# Makes: <outcome>.nc, one branch per model with posterior and sampler record;
#        <outcome>.models.csv: each model fitted to which studies, or refused and why;
#        joint.nc and joint.models.csv for models of several outcomes at once;
#        quadrature.csv and quadrature.models.csv, the same by numerical integration, of each outcome
#        (<outcome>.quadrature.csv) and of all, as the other quadrature tables;
#        quadrature.laws.csv, with other laws of statements from small groups;
#        quadrature.sizes.csv, what the rule on the size of an effect looks at;
#        quadrature.contrasts.csv, contrasts of two outcomes by numerical integration

# Of each outcome, and joined.
INTEGRATED = ["quadrature", "quadrature.models", "quadrature.laws", "quadrature.sizes"]


rule fit_models:
    """Sample all models of one outcome in one process: compiling costs more than sampling."""
    input:
        terms=f"{RESULTS}/2_effects/{{outcome}}.csv",
        moderators=f"{RESULTS}/2_effects/{{outcome}}.moderators.csv",
    output:
        fits=f"{RESULTS}/3_models/{{outcome}}.nc",
        models=f"{RESULTS}/3_models/{{outcome}}.models.csv",
    benchmark:
        f"{LOGS}/3_models/fit_models.{{outcome}}.benchmark.tsv"
    resources:
        mem_mb=memory(1500),
        runtime=20,
    params:
        models=lookup(dpath="specifications", within=CHOICES),
        baseline=lookup(dpath="baseline_priors/{outcome}", within=CHOICES),
        sampler=lookup(dpath="sampler", within=RUN),
        r_hat_at_most=lookup(dpath="checks/r_hat_at_most/value", within=CHOICES),
        ess_bulk_at_least=lookup(dpath="checks/ess_bulk_at_least/value", within=CHOICES),
        ess_tail_at_least=lookup(dpath="checks/ess_tail_at_least/value", within=CHOICES),
        sampling_correlation=lookup(dpath="sampling_correlation", within=CHOICES),
        seed=lookup(dpath="seed", within=RUN),
    message:
        "Sample all models of {wildcards.outcome}."
    script:
        "../scripts/3_models/fit_models.py"


rule fit_joint:
    """Sample the models of all outcomes at once, in which effects of a study are correlated."""
    input:
        terms=rules.build_terms.output.terms,
    output:
        fits=f"{RESULTS}/3_models/joint.nc",
        models=f"{RESULTS}/3_models/joint.models.csv",
    benchmark:
        f"{LOGS}/3_models/fit_joint.benchmark.tsv"
    resources:
        mem_mb=memory(1500),
        runtime=20,
    params:
        models=lookup(dpath="joint_specifications", within=CHOICES),
        baselines=lookup(dpath="baseline_priors", within=CHOICES),
        sampler=lookup(dpath="sampler", within=RUN),
        r_hat_at_most=lookup(dpath="checks/r_hat_at_most/value", within=CHOICES),
        ess_bulk_at_least=lookup(dpath="checks/ess_bulk_at_least/value", within=CHOICES),
        ess_tail_at_least=lookup(dpath="checks/ess_tail_at_least/value", within=CHOICES),
        sampling_correlation=lookup(dpath="sampling_correlation", within=CHOICES),
        seed=lookup(dpath="seed", within=RUN),
    script:
        "../scripts/3_models/fit_joint.py"


rule integrate_models:
    """Compute models of an outcome by integration; list those that it cannot serve, and why."""
    input:
        terms=f"{RESULTS}/2_effects/{{outcome}}.csv",
        moderators=f"{RESULTS}/2_effects/{{outcome}}.moderators.csv",
    output:
        **tables_of_outcome("3_models", INTEGRATED),
    benchmark:
        f"{LOGS}/3_models/integrate_models.{{outcome}}.benchmark.tsv"
    params:
        models=lookup(dpath="specifications", within=CHOICES),
        size_priors=lookup(dpath="size_priors", within=CHOICES),
        baseline=lookup(dpath="baseline_priors/{outcome}", within=CHOICES),
        sampling_correlation=lookup(dpath="sampling_correlation", within=CHOICES),
        measure=lookup(dpath="measure", within=CHOICES),
    message:
        "Compute models of {wildcards.outcome} by numerical integration."
    script:
        "../scripts/3_models/integrate_models.py"


rule join_models:
    """Join the tables of integration of all outcomes into one file for each table."""
    input:
        **tables_of_each("3_models", INTEGRATED),
    output:
        **tables_of_all("3_models", INTEGRATED),
    script:
        "../scripts/3_models/join_models.py"


rule integrate_contrasts:
    """Compute contrasts of two outcomes by numerical integration: studies with both, and all."""
    input:
        terms=rules.build_terms.output.terms,
    output:
        contrasts=f"{RESULTS}/3_models/quadrature.contrasts.csv",
    benchmark:
        f"{LOGS}/3_models/integrate_contrasts.benchmark.tsv"
    params:
        models=lookup(dpath="joint_specifications", within=CHOICES),
        baselines=lookup(dpath="baseline_priors", within=CHOICES),
        sampling_correlation=lookup(dpath="sampling_correlation", within=CHOICES),
        measure=lookup(dpath="measure", within=CHOICES),
    script:
        "../scripts/3_models/integrate_contrasts.py"
