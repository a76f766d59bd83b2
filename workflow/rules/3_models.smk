# Stage 3: fit every model of the protocol to every outcome.
# Needs: likelihood terms (stage 2), moderators of the studies (stage 1)
# Makes: <outcome>.nc, one branch per model with posterior, sampler record, log likelihood;
#        <outcome>.refusals.csv, models that the studies of an outcome cannot inform


rule fit_models:
    """Sample all models of one outcome in one process: compiling costs more than sampling."""
    input:
        terms=f"{RESULTS}/2_effects/{{outcome}}.csv",
        studies=f"{RESULTS}/1_records/studies.csv",
        library=library(
            "dataset",
            "documents",
            "errors",
            "fits",
            "likelihood",
            "models",
            "moderators",
            "packing",
            "priors",
            "protocol",
            "records",
            "run_config",
            "sampling",
            "saving",
            "specification",
            "statuses",
            "tables",
        ),
    output:
        fits=f"{RESULTS}/3_models/{{outcome}}.nc",
        refusals=f"{RESULTS}/3_models/{{outcome}}.refusals.csv",
    log:
        f"{LOGS}/3_models/fit_models.{{outcome}}.log",
    benchmark:
        f"{LOGS}/3_models/fit_models.{{outcome}}.benchmark.tsv"
    conda:
        ENVIRONMENT
    params:
        models=lookup(dpath="specifications", within=CHOICES),
        baseline=lookup(dpath="baseline_priors/{outcome}", within=CHOICES),
        sampler=lookup(dpath="sampler", within=RUN),
        seed=lookup(dpath="seed", within=RUN),
    script:
        "../scripts/3_models/fit_models.py"
