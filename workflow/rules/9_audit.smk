# Stage 9: what this run was made of, and whether the results are what it made.
# Needs: every result, the configuration, the lock, the state of the repository
# Makes: run_config.yaml, manifest.json, sources/ (copies of all that was read), and in the
#        results folder itself ro-crate-metadata.json; `snakemake audit` makes nothing


rule record_run:
    """Write the protocol, the seed and the software versions of this run."""
    input:
        lock="envs/requirements.lock",
        protocol=f"config/reviews/{REVIEW}.yaml",
        library=library(
            "contradictions",
            "documents",
            "errors",
            "manifest",
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


rule write_manifest:
    """List each result with its checksum, its rule and its inputs, and what the run was made of."""
    input:
        results=every_result,
        sources=every_source,
        lock="envs/requirements.lock",
        protocol=f"config/reviews/{REVIEW}.yaml",
        library=library(
            "errors",
            "manifest",
            "saving",
            "tables/base",
        ),
    output:
        manifest=f"{RESULTS}/9_audit/manifest.json",
    log:
        f"{LOGS}/9_audit/write_manifest.log",
    conda:
        ENVIRONMENT
    params:
        steps=lambda wildcards: [step.model_dump() for step in steps()],
        repository=lambda wildcards: repository_state(),
        seed=lookup(dpath="seed", within=RUN),
        review=REVIEW,
        run_config="9_audit/run_config.yaml",
    script:
        "../scripts/9_audit/write_manifest.py"


rule write_crate:
    """Describe the results and their sources as a Workflow Run RO-Crate, for others' tools."""
    input:
        manifest=f"{RESULTS}/9_audit/manifest.json",
        sources=every_source,
        citation="CITATION.cff",
        library=library(
            "crate",
            "errors",
            "manifest",
            "saving",
            "tables/base",
        ),
    output:
        metadata=f"{RESULTS}/ro-crate-metadata.json",
        sources=directory(f"{RESULTS}/9_audit/sources"),
    log:
        f"{LOGS}/9_audit/write_crate.log",
    conda:
        ENVIRONMENT
    params:
        title=lookup(dpath="title", within=CHOICES),
        question=lookup(dpath="question", within=CHOICES),
        repository=lambda wildcards: repository_state(),
        rules=lambda wildcards: {rule.name: rule.docstring for rule in workflow.rules},
    script:
        "../scripts/9_audit/write_crate.py"


rule write_archive:
    """Pack the results of a review, with their sources, into one file: `make archive`."""
    input:
        crate=f"{RESULTS}/ro-crate-metadata.json",
        library=library(
            "archive",
            "errors",
            "saving",
            "tables/base",
        ),
    output:
        archive=f"{RESULTS}.zip",
    log:
        f"{LOGS}/9_audit/write_archive.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/9_audit/write_archive.py"


rule audit:
    """Hold the results, as they stand, against the manifest and the claims; build nothing."""
    input:
        library=library(
            "auditing",
            "captions",
            "choice_sentences",
            "claims",
            "contradictions",
            "documents",
            "errors",
            "evidence_sentences",
            "manifest",
            "moderators",
            "page",
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
            "selection",
            "sentences",
            "unclaimed",
            "varied_outcome",
        ),
    log:
        f"{LOGS}/9_audit/audit.log",
    conda:
        ENVIRONMENT
    params:
        # Not inputs: Snakemake would first build anew what an edited file stands before.
        results=RESULTS,
    script:
        "../scripts/9_audit/audit.py"
