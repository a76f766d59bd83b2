"""`livingreview release`: freeze the results of a finished build, to be committed."""

from __future__ import annotations

import datetime
import logging
from pathlib import Path
from typing import Annotated

import typer

from livingreview.base.documents import read_document
from livingreview.base.errors import Problem, ReviewError, Stop
from livingreview.base.step_records import STEP_RECORDS
from livingreview.commands.review_files import ReviewFiles, review_files, write_new

PATTERN = "[0-9]*-[0-9]*-[0-9]*.json"


def release(
    review: Annotated[
        str | None,
        typer.Option(help="Review to release; without it, the one in config/config.yaml."),
    ] = None,
    date: Annotated[
        str | None, typer.Option(help="Day of the release, YYYY-MM-DD; today without it.")
    ] = None,
) -> None:
    """Freeze the results of a finished build under data/releases, to be committed.

    The next build is compared with the newest release: its page says what changed since, how
    the results moved, and how much of that each change explains.
    """
    files = review_files(review)
    path = files.root / "data/releases" / files.review / f"{checked_date(date)}.json"
    refuse_unless_newest(path)
    refuse_unless_complete(files)
    refuse_unless_up_to_date(files)
    write_new({path: release_of_build(files, path.stem)})
    typer.echo(f"Released: {path}\nCommit this file; the next build is compared with it.")


def checked_date(text: str | None) -> str:
    """Day of the release, refused if it lies ahead, where no later release could follow it."""
    today = datetime.date.today()
    if text is None:
        return today.isoformat()
    try:
        day = datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        day = ""
    if day != text or day > today.isoformat():
        allowed = f"a day as YYYY-MM-DD, not after {today.isoformat()}"
        raise ReviewError([Problem("--date", 0, "", repr(text), allowed)])
    return text


def refuse_unless_newest(path: Path) -> None:
    """Refuse a release of the day of another one, or of a day before: none is replaced."""
    for other in sorted(path.parent.glob(PATTERN)):
        if other.stem >= path.stem:
            found = f"a release of {path.stem}"
            allowed = "a later day, as releases are never replaced; give it with --date"
            raise ReviewError([Problem(str(other), 0, "", found, allowed)])


def built_files(files: ReviewFiles) -> list[Path]:
    """Configuration of the build's run, then the tables that a release is read from."""
    from livingreview.protocol.review import read_protocol
    from livingreview.tables.effects import Terms
    from livingreview.tables.models import Pooled
    from livingreview.tables.records import Studies
    from livingreview.tables.synthesis import Summary

    outcomes = read_protocol(files.protocol).outcomes
    terms = [Terms.file.format(outcome=outcome) for outcome in outcomes]
    built = ["9_audit/run_config.yaml", Studies.file, *terms, Pooled.file, Summary.file]
    return [files.root / "results" / files.review / file for file in built]


def refuse_unless_complete(files: ReviewFiles) -> None:
    """Refuse a build that did not pass the gate, or that lacks what a release is made of."""
    from livingreview.tables.checks import Checks

    results = files.root / "results" / files.review
    checked, gate = results / Checks.file, results / "4_checks/gate.txt"
    mend = f"Nothing was released. Run `make results REVIEW={files.review}` first."
    if checked.exists() and not gate.exists():
        raise Stop(f"The build did not pass the gate; {checked} says which check failed. {mend}")
    needed = [results / "8_report/page.html", gate, *built_files(files)]
    if missing := [str(path) for path in needed if not path.exists()]:
        raise Stop(f"The build is not complete; missing: {', '.join(missing)}. {mend}")


def refuse_unless_up_to_date(files: ReviewFiles) -> None:
    """Refuse a build that is older than a record, the protocol or a method."""
    if due := due_steps(files):
        raise Stop(
            "The build is older than what it is made from; these steps would run again: "
            f"{', '.join(due)}. Nothing was released."
            f" Run `make results REVIEW={files.review}` first."
        )


def due_steps(files: ReviewFiles) -> list[str]:
    """Names of the steps that the workflow would run again, read off their step records."""
    from snakemake.api import SnakemakeApi
    from snakemake.exceptions import WorkflowError
    from snakemake.settings import types

    root = files.root.resolve()
    profile = read_document(root / "profiles/default/config.yaml").data
    triggers = types.RerunTrigger.parse_choices_set(profile["rerun-triggers"])
    quiet = types.OutputSettings(dryrun=True, log_level_override=logging.ERROR)
    due: list[str] = []
    try:
        with SnakemakeApi(quiet) as snakemake:
            workflow = snakemake.workflow(
                types.ResourceSettings(cores=1),
                types.ConfigSettings(config={"review": files.review}),
                snakefile=root / "Snakefile",
                workdir=root,
            )
            plan = workflow.dag(types.DAGSettings(rerun_triggers=triggers))
            plan.execute_workflow(
                pseudo_executor="dryrun",
                execution_settings=types.ExecutionSettings(lock=False),
                updated_files=due,
            )
    except WorkflowError as error:
        raise Stop(f"The workflow cannot say whether the build is up to date:\n{error}") from None
    return sorted({Path(file).name.partition(".")[0] for file in due if STEP_RECORDS in file})


def release_of_build(files: ReviewFiles, date: str) -> str:
    """Text of a release: the state of the present build."""
    from livingreview.audit.updates.releases import release_text, released
    from livingreview.audit.updates.state_reading import read_state

    run, *tables = built_files(files)
    state = read_state(files.protocol, files.records, run, tables)
    return release_text(released(state, date))
