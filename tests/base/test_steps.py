"""What a step leaves in its log, and what reaches the screen."""

import errno
import logging
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from console import Console, error_of
from livingreview.base.errors import Stop
from livingreview.base.saving import checksum
from livingreview.base.step_records import StepRecord
from livingreview.base.steps import LOG, run_step, show_progress

Run = Callable[[Callable[[SimpleNamespace], None]], str]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    root, show = logging.getLogger(), warnings.showwarning
    handlers = root.handlers[:]
    yield tmp_path / "fit_models.relapse.log"
    logging.raiseExceptions = True
    for handler in root.handlers:
        handler.close()
    root.handlers[:] = handlers
    warnings.showwarning = show


def run(main: Callable[[SimpleNamespace], None], log: Path) -> None:
    run_step(main, SimpleNamespace(log=[str(log)], output=["a.csv", "b.csv"]))


def messages(log: Path) -> list[str]:
    return [line.split(" ", 1)[1] for line in log.read_text().splitlines()]


@pytest.mark.filterwarnings("default")
def test_log_keeps_what_a_step_did_and_warned_of_and_its_time(log: Path):
    log.write_text("of an earlier run")

    def main(snakemake: SimpleNamespace) -> None:
        assert messages(log) == ["INFO fit_models.relapse starts"]
        LOG.info("overall: fitted")
        warnings.warn("a library warns", stacklevel=1)

    run(main, log)
    start, fitted, warned, *wrote, done = messages(log)
    assert start == "INFO fit_models.relapse starts"
    assert fitted == "INFO overall: fitted"
    assert warned.startswith("WARNING UserWarning: a library warns (")
    assert wrote == ["INFO wrote a.csv", "INFO wrote b.csv"]
    assert done == "INFO done in 0.0 s"
    assert error_of(log) == ""


def fail(error: Exception) -> Callable[[SimpleNamespace], None]:
    def main(snakemake: SimpleNamespace) -> None:
        raise error

    return main


def test_an_error_stands_once_in_the_log_and_reaches_the_console_from_there(
    log: Path, capsys: pytest.CaptureFixture
):
    with pytest.raises(SystemExit, match="1"):
        run(fail(Stop("1 problem\n  no space")), log)
    assert log.read_text().endswith(" ERROR 1 problem\n  no space\n")
    assert log.read_text().count("no space") == 1
    assert capsys.readouterr().err == ""
    assert error_of(log) == "1 problem\n  no space"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "a.csv"), "The disk is full: make room"),
        # As h5py tells it when a file is closed.
        (
            RuntimeError("Can't decrement (error message = 'No space left on device')"),
            "The disk is",
        ),
        (OSError(errno.EROFS, "Read-only file system"), "make their folder writable"),
        (PermissionError(errno.EACCES, "Permission denied"), "make their folder writable"),
        (MemoryError("Unable to allocate 33.0 GiB"), "Memory ran out. Give it more memory"),
    ],
)
def test_what_the_system_refuses_is_told_in_words(log: Path, error: Exception, words: str):
    with pytest.raises(SystemExit, match="1"):
        run(fail(error), log)
    assert words in error_of(log)


def test_a_log_that_cannot_be_written_leaves_the_error_to_the_screen(
    tmp_path: Path, log: Path, capsys: pytest.CaptureFixture
):
    with pytest.raises(SystemExit, match="1"):
        run(fail(Stop("unused")), tmp_path / "missing" / "step.log")
    assert "No such file or directory" in capsys.readouterr().err


def test_a_fault_of_the_program_keeps_its_traceback_in_the_log(log: Path):
    with pytest.raises(SystemExit, match="1"):
        run(fail(ZeroDivisionError("by zero")), log)
    assert "Traceback (most recent call last)" in log.read_text()
    assert error_of(log) == (
        f"fit_models.relapse met a fault of the program, which {log} traces:"
        " ZeroDivisionError('by zero')"
    )


def test_a_step_that_the_user_stops_says_so_and_how_to_go_on(log: Path):
    def main(snakemake: SimpleNamespace) -> None:
        raise KeyboardInterrupt

    with pytest.raises(SystemExit, match="1"):
        run(main, log)
    assert error_of(log) == "fit_models.relapse was stopped; run the same command again to go on."


def test_a_killed_step_is_named(log: Path):
    log.write_text("10:00:00 INFO fit_models.relapse starts\n")
    assert error_of(log) is None
    log.write_text("")
    assert error_of(log) is None


def test_progress_is_shown_on_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    show_progress("relapse/overall", 1, 4)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    show_progress("relapse/overall", 1, 4)
    Console(None).write("next")
    assert capsys.readouterr().err == "\r\x1b[Krelapse/overall: 25%\r\x1b[Knext\n"


def test_an_input_that_changes_while_a_step_reads_it_stops_the_step(tmp_path: Path, log: Path):
    study, record = tmp_path / "alpha.yaml", tmp_path / "results/9_audit/steps/extract.json"
    study.write_text("events: 20")
    record.parent.mkdir(parents=True)

    class Outputs(list):
        record: str

    outputs = Outputs([str(record)])
    outputs.record = str(record)
    step = SimpleNamespace(
        log=[str(log)],
        output=outputs,
        input=[str(study)],
        params=SimpleNamespace(
            reads=["data/raw/alpha.yaml"],
            origin={"settings": {"seed": "a"}, "code": {"extract.py": "b"}},
        ),
    )
    run_step(lambda snakemake: None, step)
    made = StepRecord.read(record)
    assert made is not None and made.inputs == {"data/raw/alpha.yaml": checksum(study)}
    record.unlink()
    for change in (lambda: study.write_text("events: 21"), study.unlink):
        with pytest.raises(SystemExit):
            run_step(lambda snakemake, change=change: change(), step)
        assert "Changed while fit_models.relapse read it: data/raw/alpha.yaml." in log.read_text()
        assert not record.exists()
