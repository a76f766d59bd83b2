# What is made by what from what, asked of Snakemake itself, and the state of the repository.

import subprocess
from functools import cache
from itertools import product

from livingreview.audit.manifest import Step
from livingreview.base.modules import code_of, modules_of
from livingreview.base.saving import STEP_RECORDS
from snakemake.io import get_flag_value, is_flagged
from snakemake.iocontainers import Wildcards

# They describe all other results, and so cannot be among them.
OF_THE_WHOLE = ("write_manifest", "write_crate", "write_archive")


def script_of(step) -> Path:
    """Script of a rule."""
    return Path(workflow.basedir, str(step.script).replace("../", "workflow/", 1))


def code_files(step) -> set[str]:
    """Script of a rule and the modules that it uses, by their paths below the root."""
    script = script_of(step)
    used = [script, *modules_of(script, SOURCE)]
    return {path.relative_to(workflow.basedir).as_posix() for path in used}


def below_root(path) -> str:
    """Path of a rule's file below the root, also where it lies in object storage."""
    if not is_flagged(path, "storage_object"):
        return str(path)
    query = get_flag_value(path, "storage_object").query
    return query.removeprefix(f"{workflow.storage_settings.default_storage_prefix}/")


@cache
def steps() -> list[Step]:
    """Every rule that the target needs, for each of its wildcards, as Snakemake knows it.

    What is made for a time only, such as the shares of a table, is passed over: a step that reads
    it counts as reading what that was made from. So the number of shares does not show.
    """
    makers, passing = {}, set()
    for maker in workflow.rules:
        names = sorted(maker.wildcard_names)
        known = {"scatteritem": scatter.outcomes("{scatteritem}")}
        for values in product(*(known.get(name, OUTCOMES) for name in names)):
            wildcards = Wildcards(fromdict=dict(zip(names, values)))
            for path in maker.expand_output(wildcards)[0]:
                makers[below_root(path)] = maker, wildcards
                if is_flagged(path, "temp"):
                    passing.add(below_root(path))

    def read_by(maker, wildcards) -> set[str]:
        inputs = maker.expand_input(wildcards)[0]
        read = {below_root(path) for path in inputs if not path.is_ancient}
        origins = [read_by(*makers[path]) for path in read & passing]
        return (read - passing).union(*origins)

    targets = workflow.get_rule("all").input
    steps_by, waiting = {}, [below_root(path) for path in targets if not callable(path)]
    while waiting:
        maker, wildcards = makers.get(waiting.pop(), (None, None))
        if maker is None or maker.name in OF_THE_WHOLE:
            continue
        made = tuple(sorted(map(below_root, maker.expand_output(wildcards)[0])))
        if made not in steps_by:
            read = read_by(maker, wildcards) | code_files(maker)
            outputs = (path.removeprefix(f"{RESULTS}/") for path in made)
            steps_by[made] = Step(rule=maker.name, inputs=sorted(read), outputs=outputs)
            waiting += read
    return [steps_by[made] for made in sorted(steps_by)]


def every_result(wildcards) -> list[str]:
    """Every file that a step of this review makes."""
    return sorted(f"{RESULTS}/{file}" for step in steps() for file in step.outputs)


def every_source(wildcards) -> list[str]:
    """Every file that a step reads and none makes, and the workflow itself."""
    read = {path for step in steps() for path in step.inputs}
    workflow_files = {
        Path(file.get_path_or_uri(secret_free=True)).relative_to(workflow.basedir)
        for file in workflow.included
    }
    apart = [
        "config/config.yaml",
        "profiles/default/config.yaml",
        "workflow/console.py",
    ]
    return sorted(
        (read - set(every_result(wildcards)))
        | set(map(str, workflow_files))
        | set(apart)
    )


@cache
def repository_state() -> dict[str, str | bool | None]:
    """Commit, its day, and whether files differ from it; nothing of a folder that is no repository."""

    def git(*words: str) -> str | None:
        run = subprocess.run(
            ["git", *words], cwd=workflow.basedir, capture_output=True, text=True
        )
        return run.stdout.strip() if run.returncode == 0 else None

    if git("rev-parse", "--show-prefix") != "":
        return {"commit": None, "date": None, "uncommitted_changes": None}
    return {
        "commit": git("rev-parse", "HEAD"),
        "date": git("log", "-1", "--format=%cs"),
        "uncommitted_changes": git("status", "--porcelain") != "",
    }
