# Stage 9: what this run was made of, and whether the results are what it made.
# Needs: every result, the configuration, the lock, the state of the repository
# Makes: run_config.yaml, manifest.json, sources/ (copies of all that was read), and in the
#        results folder itself ro-crate-metadata.json; `snakemake audit` makes nothing

import subprocess
from functools import cache
from itertools import product

from livingreview.manifest import Step
from snakemake.iocontainers import Wildcards

# They describe all other results, and so cannot be among them.
OF_THE_WHOLE = ("write_manifest", "write_crate", "write_archive")


@cache
def steps() -> list[Step]:
    """Every rule that the target needs, for each of its wildcards, as Snakemake knows it."""
    makers = {}
    for rule in workflow.rules:
        names = sorted(rule.wildcard_names)
        for values in product(OUTCOMES, repeat=len(names)):
            wildcards = Wildcards(fromdict=dict(zip(names, values)))
            for path in rule.expand_output(wildcards)[0]:
                makers[str(path)] = rule, wildcards
    found, waiting = {}, list(map(str, workflow.get_rule("all").input))
    while waiting:
        maker, wildcards = makers.get(waiting.pop(), (None, None))
        if maker is None or maker.name in OF_THE_WHOLE:
            continue
        made = tuple(sorted(map(str, maker.expand_output(wildcards)[0])))
        if made not in found:
            read = set(map(str, maker.expand_input(wildcards)[0]))
            found[made] = Step(rule=maker.name, inputs=sorted(read), outputs=made)
            waiting += read
    return [found[made] for made in sorted(found)]


def every_result(wildcards) -> list[str]:
    """Every file that a step of this review makes."""
    return sorted(path for step in steps() for path in step.outputs)


def every_source(wildcards) -> list[str]:
    """Every file that a step reads and none makes, and the workflow itself."""
    read = {path for step in steps() for path in step.inputs}
    workflow_files = {
        Path(file.get_path_or_uri(secret_free=True)).relative_to(workflow.basedir)
        for file in workflow.included
    }
    configuration = ["config/config.yaml", "profiles/default/config.yaml"]
    return sorted(
        (read - set(every_result(wildcards)))
        | set(map(str, workflow_files))
        | set(configuration)
    )


@cache
def repository_state() -> dict[str, str | bool | None]:
    """Commit, its day, and whether files differ from it; nothing of a folder that is no repository."""

    def git(*words: str) -> str | None:
        told = subprocess.run(
            ["git", *words], cwd=workflow.basedir, capture_output=True, text=True
        )
        return told.stdout.strip() if told.returncode == 0 else None

    if git("rev-parse", "--show-prefix") != "":
        return {"commit": None, "date": None, "uncommitted_changes": None}
    return {
        "commit": git("rev-parse", "HEAD"),
        "date": git("log", "-1", "--format=%cs"),
        "uncommitted_changes": git("status", "--porcelain") != "",
    }


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
            "claims",
            "errors",
            "manifest",
            "page",
            "selection",
            "unclaimed",
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
