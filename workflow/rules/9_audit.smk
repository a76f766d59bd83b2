# Stage 9: what this run was made of, and what changed since the last release.
# Needs: the configuration and the lock; records, terms (stage 2), results (stage 5), and
#        the newest file of data/releases/<review>, where there is one
# Makes: run_config.yaml; changes.csv, moves.csv, attribution.csv, flow_prisma.csv and, in
#        words, changelog.md

# Named by their dates, so that the last is the newest.
RELEASES = sorted(
    map(str, Path("data/releases", REVIEW).glob("[0-9]*-[0-9]*-[0-9]*.json"))
)


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


rule compare_release:
    """List what changed since the last release, how results moved, and what explains the moves."""
    input:
        release=RELEASES[-1:],
        records=RECORDS,
        protocol=f"config/reviews/{REVIEW}.yaml",
        run=f"{RESULTS}/9_audit/run_config.yaml",
        studies=f"{RESULTS}/1_records/studies.csv",
        terms=expand(f"{RESULTS}/2_effects/{{outcome}}.csv", outcome=OUTCOMES),
        pooled=f"{RESULTS}/5_synthesis/pooled.csv",
        summary=f"{RESULTS}/5_synthesis/summary.csv",
        library=library(
            "contradictions",
            "dataset",
            "documents",
            "errors",
            "moderators",
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
            "quadrature/heterogeneity",
            "quadrature/marginals",
            "quadrature/normal",
            "quadrature/pooled_effect",
            "quadrature/study_likelihoods",
            "quadrature/study_tables",
            "records",
            "saving",
            "statuses",
            "tables/base",
            "tables/effects",
            "tables/models",
            "tables/records",
            "tables/synthesis",
            "tables/updates",
            "updates/attribution",
            "updates/build",
            "updates/changes",
            "updates/comparison",
            "updates/differences",
            "updates/moves",
            "updates/prisma",
            "updates/releases",
            "updates/states",
            "updates/tables",
            "vocabulary",
        ),
    output:
        changes=f"{RESULTS}/9_audit/changes.csv",
        moves=f"{RESULTS}/9_audit/moves.csv",
        attribution=f"{RESULTS}/9_audit/attribution.csv",
        flow=f"{RESULTS}/9_audit/flow_prisma.csv",
    log:
        f"{LOGS}/9_audit/compare_release.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/9_audit/compare_release.py"


rule draft_changelog:
    """Draft the entry of the changelog: the same sentences as on the page."""
    input:
        changes=f"{RESULTS}/9_audit/changes.csv",
        moves=f"{RESULTS}/9_audit/moves.csv",
        attribution=f"{RESULTS}/9_audit/attribution.csv",
        flow=f"{RESULTS}/9_audit/flow_prisma.csv",
        protocol=f"config/reviews/{REVIEW}.yaml",
        template="workflow/report/changelog.md.j2",
        library=library(
            "change_sentences",
            "claims",
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
            "tables/updates",
            "vocabulary",
        ),
    output:
        changelog=f"{RESULTS}/9_audit/changelog.md",
    log:
        f"{LOGS}/9_audit/draft_changelog.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/9_audit/draft_changelog.py"
