# What is made by what from what, asked of Snakemake itself, and the state of the repository.

import subprocess
from functools import cache
from itertools import product
from typing import NamedTuple

from livingreview.audit.manifest import Step
from livingreview.base.modules import code_of, modules_of
from livingreview.base.saving import checksum, known_checksum
from livingreview.base.step_records import STEP_RECORDS, Origin, StepRecord
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


class Maker(NamedTuple):
    """A rule for the values of its wildcards, in the order of their names."""

    step: object
    values: tuple[str, ...]

    @property
    def wildcards(self) -> Wildcards:
        """As Snakemake has them."""
        named = zip(sorted(self.step.wildcard_names), self.values, strict=True)
        return Wildcards(fromdict=dict(named))

    @property
    def inputs(self) -> list:
        """What the rule reads, in its order."""
        return self.step.expand_input(self.wildcards)[0]

    @property
    def outputs(self) -> list[str]:
        """What the rule makes, below the root, in its order."""
        return [below_root(path) for path in self.step.expand_output(self.wildcards)[0]]


@cache
def makers() -> dict[str, Maker]:
    """Who makes it, by each file that a rule of the review can make."""
    by_file = {}
    for step in workflow.rules:
        # The only wildcard of a step is the outcome.
        for values in product(OUTCOMES, repeat=len(step.wildcard_names)):
            maker = Maker(step, values)
            by_file |= dict.fromkeys(maker.outputs, maker)
    return by_file


def maker_of(step, wildcards) -> Maker:
    """A rule for wildcards as Snakemake has them."""
    return Maker(step, tuple(wildcards[name] for name in sorted(step.wildcard_names)))


@cache
def names_read(maker: Maker) -> list[str | None]:
    """Each input below the root, in their order; None of a file that is only waited for."""
    return [None if path.is_ancient else below_root(path) for path in maker.inputs]


@cache
def origin_of(maker: Maker) -> Origin:
    """What a step is made from besides the content of its inputs."""
    settings = {"inputs": list(filter(None, names_read(maker)))}
    for name, value in maker.step.params.items():
        if name not in ("origin", "reads"):
            settings[name] = value(maker.wildcards) if callable(value) else value
    return Origin.of(settings, code_of(script_of(maker.step), SOURCE))


@cache
def steps() -> list[Step]:
    """Every rule that the target needs, for each of its wildcards, as Snakemake knows it."""
    targets = workflow.get_rule("all").input
    steps_by, waiting = {}, [below_root(path) for path in targets if not callable(path)]
    while waiting:
        maker = makers().get(waiting.pop())
        if maker is None or maker.step.name in OF_THE_WHOLE:
            continue
        made = tuple(sorted(maker.outputs))
        if made not in steps_by:
            read = {*filter(None, names_read(maker)), *code_files(maker.step)}
            outputs = (path.removeprefix(f"{RESULTS}/") for path in made)
            name = maker.step.name
            steps_by[made] = Step(rule=name, inputs=sorted(read), outputs=outputs)
            waiting += read
    return [steps_by[made] for made in sorted(steps_by)]


def misfit(maker: Maker, record: Path) -> list[str]:
    """What differs from the record of a finished step: inputs, modules, settings; else nothing.

    Snakemake's own records say so too, unless they were lost, or results came from elsewhere.
    """
    made = StepRecord.read(record)
    if made is None:
        return []
    names = filter(None, names_read(maker))
    inputs = {name: known_checksum(Path(name)) for name in names}
    return made.differences(origin_of(maker), inputs)


def run_misfits(step, record: str):
    """An input function, of no file: what a step made of other things than now is made again."""
    looked_at = set()

    def add(wildcards) -> list:
        path = record.format(**wildcards)
        keep_others_out()
        # To compare, inputs are asked for again.
        if (
            path not in looked_at
            and workflow.is_main_process
            and workflow.dag is not None
        ):
            looked_at.add(path)
            if changed := misfit(maker_of(step, wildcards), Path(path)):
                console.misfits[path] = changed
                workflow.dag.forcefiles.add(path)
        return []

    return add


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
        "workflow/forking.py",
    ]
    return sorted(
        (read - set(every_result(wildcards)))
        | set(map(str, workflow_files))
        | set(apart)
    )


def changed_sources() -> list[str]:
    """Sources that are not what they were when the workflow was read."""
    paths = [Path(name) for name in every_source(None)]
    return [
        str(path)
        for path in paths
        if path.exists() and checksum(path) != known_checksum(path)
    ]


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
