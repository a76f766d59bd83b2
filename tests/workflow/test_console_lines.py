"""Which of Snakemake's records are printed, and in which words."""

import logging
from pathlib import Path

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from console import Console, reason


def record(text: str = "", level: int = logging.INFO, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("snakemake.logging", level, "", 0, text, None, None)
    made.__dict__ |= extra
    return made


def job(rule: str, why: str = "Missing output files: a.csv", **wildcards: str) -> logging.LogRecord:
    facts = {"rule_name": rule, "rule_msg": "Sample it.\n", "wildcards": wildcards, "reason": why}
    return record(event=LogEvent.JOB_INFO, **facts)


@pytest.fixture
def console() -> Console:
    console = Console(logging.StreamHandler())
    assert console.line(record(event=LogEvent.WORKFLOW_STARTED)) == ""
    counts = {"fit_models": 2, "all": 1, "total": 3}
    assert console.line(record(event=LogEvent.RUN_INFO, stats=counts)) == "2 steps to do"
    return console


def test_a_step_takes_one_line(console: Console):
    assert console.line(job("fit_models", outcome="relapse")).endswith(
        " 1/2] fit_models relapse: Sample it"
    )
    assert console.line(job("fit_models", "Forced execution", outcome="recovery")).endswith(
        " 2/2] fit_models recovery: Sample it (as asked)"
    )
    assert console.line(job("all")) == ""


def test_a_step_that_was_made_from_other_things_names_them(console: Console):
    console.misfits = {"results/tiny/9_audit/steps/fit_models.relapse.json": ["a.yaml", "b.py"]}
    line = console.line(job("fit_models", "Forced execution", outcome="relapse"))
    assert line.endswith("Sample it (changed: a.yaml and 1 more)")
    line = console.line(job("fit_models", "Forced execution", outcome="recovery"))
    assert line.endswith("Sample it (as asked)")


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("Missing output files: a.csv; Input files updated by another job: b.csv", ""),
        ("Incomplete output files: a.csv", "a build was stopped in it"),
        ("Updated input files: z.yaml, a.yaml", "changed: a.yaml and 1 more"),
        (
            "Updated input files: z.yaml; Input files updated by another job: b.csv",
            "changed: z.yaml",
        ),
        ("Input files updated by another job: b.csv", "made anew: b.csv"),
        (
            "Params have changed since last execution: before: 1 now: 2",
            "changed: its settings or code",
        ),
    ],
)
def test_reason_is_told_in_a_few_words(why: str, words: str):
    assert reason(why) == words


def test_snakemakes_own_work_is_left_out_and_what_matters_is_not(console: Console):
    for text in ("Building DAG of jobs...", "Select jobs to execute...", "Execute 2 jobs..."):
        assert console.line(record(text)) == ""
    nothing = "Nothing to be done (all requested files are present and up to date)."
    assert console.line(record(nothing)) == nothing
    assert console.line(record("Your clock is skewed.", logging.WARNING)) == "Your clock is skewed."
    # Other commands than a build, such as --lint, answer in Snakemake's words.
    assert (
        Console(None).line(record("Unlocked working directory.")) == "Unlocked working directory."
    )


def error(text: str, exception: str) -> logging.LogRecord:
    return record(text, logging.ERROR, event=LogEvent.ERROR, exception=exception)


def test_a_mistake_is_printed_without_its_place_in_the_program(console: Console):
    text = (
        'ReviewError in file "/a/common.smk", line 29:\n1 problem\n  a.yaml: found x\n'
        '  File "/a/common.smk", line 29, in <module>\n  File "/a/b.py", line 3, in read'
    )
    assert console.line(error(text, "ReviewError")) == "1 problem\n  a.yaml: found x"
    assert console.line(error("Error: no such rule", "ApiError")) == "Error: no such rule"


def test_nothing_follows_the_error_of_a_step(
    console: Console, tmp_path: Path, capsys: pytest.CaptureFixture
):
    log = tmp_path / "check_records.log"
    log.write_text("10:00:00 INFO check_records starts\n10:00:01 ERROR 1 problem\n  a.yaml\n")
    console.start = 0.0
    assert console.line(error("RuleException: exit status 1", "RuleException")) == ""
    failed = record(event=LogEvent.JOB_ERROR, rule_name="check_records", log=[str(log)])
    for _ in range(2):
        assert console.line(failed).endswith("] check_records failed")
    exiting = "Exiting because a job execution failed. Look below for error messages"
    assert console.line(record(exiting, logging.ERROR)) == ""
    console.report_failure()
    assert capsys.readouterr().err == "1 problem\n  a.yaml\n"
    assert console.line(error("WorkflowError: At least one job", "WorkflowError")) == ""
    assert console.line(record("--keep-incomplete mode is set", logging.WARNING)) == ""


def test_a_step_that_left_no_word_is_not_passed_over(
    console: Console, tmp_path: Path, capsys: pytest.CaptureFixture
):
    console.report_failure()
    assert capsys.readouterr().err.startswith("The build was stopped; run the same command again")
    # The log of an earlier build tells nothing of this one.
    log = tmp_path / "fit_models.log"
    log.write_text("10:00:00 ERROR of an earlier build\n")
    console.start += 60
    console.line(record(event=LogEvent.JOB_ERROR, rule_name="fit_models", log=[str(log)]))
    console.report_failure()
    words = capsys.readouterr().err
    assert words.startswith("fit_models ended before it was done, and left no word of why")
    assert "memory" not in words
    killed = error("Command 'python a.py' died with <Signals.SIGKILL: 9>.", "RuleException")
    assert console.line(killed) == ""
    console.line(record(event=LogEvent.JOB_ERROR, rule_name="fit_models", log=[str(log)]))
    console.report_failure()
    words = capsys.readouterr().err
    assert words.startswith("fit_models was ended by SIGKILL, a signal from outside;")
    console.ended_for_memory -= 1
    console.report_failure()
    assert capsys.readouterr().err.startswith("fit_models: memory ran out, and the system")


def test_another_build_of_the_review_is_named_in_place_of_snakemakes_lock(
    console: Console, tmp_path: Path
):
    console.review_lock = tmp_path / ".tiny.lock"
    console.review_lock.write_text("process 7 since 10:00: snakemake --cores 4")
    words = console.line(error("LockException: Directory cannot be locked", "LockException"))
    assert words.startswith("Another build of this review is at work (process 7 since 10:00: ")


def test_success_says_where_the_page_is_and_how_the_gate_judged(
    console: Console, tmp_path: Path, capsys: pytest.CaptureFixture
):
    gate = tmp_path / "4_checks/gate.txt"
    gate.parent.mkdir()
    gate.write_text("26 of 28 checks passed, 2 warn:\n  tau\n  mu\n")
    console.start -= 65
    console.report_success(tmp_path, [])
    page, checks, spent = capsys.readouterr().err.splitlines()
    assert page == f"Page:   {tmp_path}/8_report/page.html"
    assert checks == f"Checks: 26 of 28 checks passed, 2 warn ({gate})"
    assert spent == "Time:   1 min 5 s"
    console.report_success(tmp_path, ["a.yaml"])
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("Changed after it was read, and so not in these results: a.yaml.")


def test_another_logger_and_quiet_builds_are_respected(capsys: pytest.CaptureFixture):
    Console(None).emit(record("Unlocked working directory."))
    screen = logging.StreamHandler()
    screen.addFilter(lambda _: False)
    Console(screen).emit(record("Unlocked working directory."))
    assert capsys.readouterr().err == ""


def test_a_full_disk_is_named_where_snakemake_meets_it(console: Console):
    text = "Error recording metadata for finished job ([Errno 28] No space left on device)."
    assert console.line(error(text, "WorkflowError")).startswith("The disk is full: make room")


def test_a_stop_within_an_input_function_is_printed_without_what_snakemake_puts_around_it(
    console: Console,
):
    text = (
        'InputFunctionException in rule all in file "/a/Snakefile", line 66:\nError:\n'
        "  InputFunctionException (rule fit, line 80, /a/b.smk):\n    Error:\n"
        "      Stop: Another build is at work.\n    Wildcards:\n\n    Traceback:\n      File a"
    )
    words = console.line(error(text, "InputFunctionException"))
    assert words == "Another build is at work."
