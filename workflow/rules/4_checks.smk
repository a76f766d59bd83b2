# Stage 4: hold every fit against the protocol's limits.
# Needs: fits (stage 3)
# Makes: sampling.csv, parity.csv (sampling against integration), checks.csv; gate.txt only when every check passed

FITS = expand(f"{RESULTS}/3_models/{{outcome}}.nc", outcome=FITTED)


rule check_fits:
    """Diagnose every reported quantity, compare the engines, and judge both."""
    input:
        fits=FITS,
        integrated=f"{RESULTS}/3_models/quadrature.csv",
        library=library(
            "checks",
            "contradictions",
            "decisions",
            "documents",
            "errors",
            "fits",
            "parity",
            "patterns",
            "priors",
            "protocol/checks",
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
        sampling=f"{RESULTS}/4_checks/sampling.csv",
        parity=f"{RESULTS}/4_checks/parity.csv",
        checks=f"{RESULTS}/4_checks/checks.csv",
    log:
        f"{LOGS}/4_checks/check_fits.log",
    conda:
        ENVIRONMENT
    params:
        limits=lookup(dpath="checks", within=CHOICES),
    script:
        "../scripts/4_checks/check_fits.py"


rule pass_gate:
    """Stop the build when a check failed; the tables that show why are kept."""
    input:
        checks=f"{RESULTS}/4_checks/checks.csv",
        library=library(
            "checks",
            "contradictions",
            "documents",
            "errors",
            "patterns",
            "protocol/checks",
            "records",
            "saving",
            "tables/base",
            "tables/checks",
            "vocabulary",
        ),
    output:
        gate=f"{RESULTS}/4_checks/gate.txt",
    log:
        f"{LOGS}/4_checks/pass_gate.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/4_checks/pass_gate.py"
