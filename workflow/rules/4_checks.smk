# Stage 4: hold every fit against the protocol's limits.
# Needs: fits (stage 3)
# Makes: sampling.csv, checks.csv; gate.txt only when every check passed

FITS = expand(f"{RESULTS}/3_models/{{outcome}}.nc", outcome=OUTCOMES)


rule check_sampling:
    """Compute the sampling diagnostics of every reported quantity, and judge them."""
    input:
        fits=FITS,
        library=library(
            "checks",
            "documents",
            "errors",
            "fits",
            "priors",
            "protocol",
            "records",
            "saving",
            "statuses",
            "tables",
        ),
    output:
        sampling=f"{RESULTS}/4_checks/sampling.csv",
        checks=f"{RESULTS}/4_checks/checks.csv",
    log:
        f"{LOGS}/4_checks/check_sampling.log",
    conda:
        ENVIRONMENT
    params:
        limits=lookup(dpath="checks", within=CHOICES),
    script:
        "../scripts/4_checks/check_sampling.py"


rule pass_gate:
    """Stop the build when a check failed; the tables that show why are kept."""
    input:
        checks=f"{RESULTS}/4_checks/checks.csv",
        library=library(
            "checks",
            "documents",
            "errors",
            "priors",
            "protocol",
            "records",
            "saving",
            "statuses",
            "tables",
        ),
    output:
        gate=f"{RESULTS}/4_checks/gate.txt",
    log:
        f"{LOGS}/4_checks/pass_gate.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/4_checks/pass_gate.py"
