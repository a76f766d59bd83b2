# Stage 9: what this run was made of.
# Needs: nothing but the configuration and the lock
# Makes: run_config.yaml


rule record_run:
    """Write the protocol, the seed and the software versions of this run."""
    input:
        lock="envs/requirements.lock",
        protocol=f"config/reviews/{REVIEW}.yaml",
        library=library(
            "contradictions",
            "documents",
            "errors",
            "patterns",
            "priors",
            "protocol/checks",
            "protocol/decisions",
            "protocol/models",
            "protocol/moderators",
            "protocol/names",
            "protocol/outcomes",
            "protocol/review",
            "protocol/sensitivity",
            "records",
            "saving",
            "tables/base",
            "vocabulary",
        ),
    output:
        run=f"{RESULTS}/9_audit/run_config.yaml",
    log:
        f"{LOGS}/9_audit/record_run.log",
    conda:
        ENVIRONMENT
    params:
        config=RUN,
    script:
        "../scripts/9_audit/record_run.py"
