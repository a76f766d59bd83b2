# Stage 9: what this run was made of, what changed since the last release, and whether the
# results are what the run made.
# Needs: every result, the configuration, the lock, the state of the repository, and the newest
#        file of data/releases/<review>, where there is one
# Makes: run_config.yaml; steps/, the record of each step;
#        changes.csv, moves.csv, attribution.csv, flow_prisma.csv and, in words, changelog.md;
#        manifest.json; sources/, copies of all files that were read; ro-crate-metadata.json in the
#        results folder itself; results/<review>.zip, only on request; `snakemake audit` makes no file

# Releases are named by their dates, so the last one is the newest.
RELEASES = sorted(
    map(str, Path("data/releases", REVIEW).glob("[0-9]*-[0-9]*-[0-9]*.json"))
)


rule record_run:
    """Write the protocol, the seed and the software versions of this run."""
    input:
        lock="envs/requirements.lock",
        protocol=f"config/reviews/{REVIEW}.yaml",
    output:
        run=f"{RESULTS}/9_audit/run_config.yaml",
    params:
        config=RUN,
    script:
        "../scripts/9_audit/record_run.py"


rule compare_release:
    """List what changed since the last release, how results moved, and why; draft the changelog."""
    input:
        release=RELEASES[-1:],
        records=RECORDS,
        protocol=f"config/reviews/{REVIEW}.yaml",
        run=rules.record_run.output.run,
        studies=rules.extract_records.output.studies,
        terms=rules.build_terms.output.terms,
        pooled=rules.pool_effects.output.pooled,
        summary=rules.pool_effects.output.summary,
        changelog="workflow/report/changelog.md.j2",
    output:
        changes=f"{RESULTS}/9_audit/changes.csv",
        moves=f"{RESULTS}/9_audit/moves.csv",
        attribution=f"{RESULTS}/9_audit/attribution.csv",
        flow=f"{RESULTS}/9_audit/flow_prisma.csv",
        changelog=f"{RESULTS}/9_audit/changelog.md",
    script:
        "../scripts/9_audit/compare_release.py"


rule write_manifest:
    """List each result with its checksum, its rule and its inputs, and what the run was made of."""
    input:
        results=every_result,
        sources=every_source,
        lock="envs/requirements.lock",
    output:
        manifest=f"{RESULTS}/9_audit/manifest.json",
    params:
        sources=every_source,
        steps=lambda wildcards: [step.model_dump() for step in steps()],
        # As they are when the workflow is read; they must be the same when the build ends.
        known=lambda wildcards: {
            name: known_checksum(Path(name)) for name in every_source(wildcards)
        },
        repository=lambda wildcards: repository_state(),
        seed=lookup(dpath="seed", within=RUN),
        review=REVIEW,
        run_config="9_audit/run_config.yaml",
    script:
        "../scripts/9_audit/write_manifest.py"


rule write_crate:
    """Describe results and sources for other software, as a Workflow Run RO-Crate."""
    input:
        manifest=rules.write_manifest.output.manifest,
        sources=every_source,
        citation="CITATION.cff",
    output:
        metadata=f"{RESULTS}/ro-crate-metadata.json",
        sources=directory(f"{RESULTS}/9_audit/sources"),
    params:
        title=lookup(dpath="title", within=CHOICES),
        question=lookup(dpath="question", within=CHOICES),
        sources=every_source,
        repository=lambda wildcards: repository_state(),
        rules=lambda wildcards: {rule.name: rule.docstring for rule in workflow.rules},
    script:
        "../scripts/9_audit/write_crate.py"


rule write_archive:
    """Pack the results of a review, with their sources, into one file: `make archive`."""
    input:
        crate=rules.write_crate.output.metadata,
    output:
        archive=f"{RESULTS}.zip",
    script:
        "../scripts/9_audit/write_archive.py"


rule audit:
    """Compare the present results with the manifest and the claims; build nothing."""
    params:
        # Not an input: Snakemake would first rebuild a result that somebody edited.
        results=RESULTS,
    script:
        "../scripts/9_audit/audit.py"
