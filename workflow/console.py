"""What a build prints: a line for each step that starts, and how the build ended.

It stands in for the handler by which Snakemake writes to the screen. Snakemake's own log file
keeps all details.
"""

from __future__ import annotations

import csv
import errno
import logging
import os
import re
import resource
import sys
import time
from pathlib import Path
from typing import Any

from snakemake_interface_logger_plugins.common import LogEvent

from livingreview.base.build_lock import kept_out
from livingreview.base.errors import remedy
from livingreview.base.steps import CLEAR

# Beginnings of Snakemake's plain messages that a user must see; its other plain messages are
# about its internal work.
_NOTICES = (
    "Nothing to be done",
    "This was a dry-run",
    "Terminating processes",
    "Trying to restart",
    "Will exit after",
)
# What Snakemake puts around the text of an error that our code raised: a line with the place
# before it, and a traceback after it.
_PLACE = re.compile(r"\A\w+ in .*, line \d+:\n|(?:\n  File .*, line \d+, in .*)+\Z")
# A stop of ours within an input function, which Snakemake wraps once or more.
_STOP = re.compile(r"^\s*Stop: (.*?)\n\s*Wildcards:", re.MULTILINE | re.DOTALL)
# Last entry in the log of a failed and of a finished step (`steps.run_step`).
_FAILED = re.compile(r"^[\d:]{8} ERROR ", re.MULTILINE)
_DONE = re.compile(r"^[\d:]{8} INFO done in ", re.MULTILINE)
_REASONS = {
    "Forced execution": "as asked",
    "Incomplete output files": "a build was stopped in it",
    "Set of input files has changed": "other files go into it",
    "Software environment definition": "changed: its environment",
}
_AGAIN = "run the same command again; what was whole is kept."
_SIGNAL = re.compile(r"died with <Signals\.(SIG\w+)")
# Signals that a process gets from others, and does not raise by what it does.
_FROM_OUTSIDE = ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP")
# Where the system counts processes that it ended for want of memory: all, or those of a container.
_COUNTS_OF_MEMORY = ("/proc/vmstat", "/sys/fs/cgroup/memory.events")
_STOPPED = "The build was stopped; run the same command again to go on."


class Console(logging.Handler):
    """Prints those records of Snakemake's log that a user must know, and the end of a build.

    Parameters
    ----------
    screen : Handler, optional
        Snakemake's own handler for the screen, which tells what the user wants to see; without
        it another logger prints, and only the end of the build is printed here.
    """

    def __init__(self, screen: logging.Handler | None):
        super().__init__()
        self.screen = screen
        self.start = time.time()
        self.works = self.ended = False
        self.targets = self.steps = self.total = 0
        self.failed: list[Path] = []
        self.signals: dict[Path, str] = {}
        self.signal = ""
        self.ended_for_memory = ended_for_memory()
        # Of the review that is built.
        self.review_lock = Path()
        # What differs from the record of each step that was made from other things than now.
        self.misfits: dict[str, list[str]] = {}

    @classmethod
    def attach(cls, *, details: bool) -> Console:
        """Take the place of Snakemake's handler for the screen, unless all details are wanted."""
        logger = logging.getLogger("snakemake.logging")
        screens = [h for h in logger.handlers if h.name == "DefaultStreamHandler"]
        console = cls(screens[0] if screens and not details else None)
        if console.screen:
            logger.removeHandler(console.screen)
        logger.addHandler(console)
        return console

    def emit(self, record: logging.LogRecord) -> None:
        """Print a record, if it is worth a user's attention."""
        text = self.line(record)
        if text and self.screen and self.screen.filter(record):
            self.write(text)

    def write(self, text: str) -> None:
        """Print a text, over the progress that a step may have shown on the terminal."""
        clear = CLEAR if sys.stderr.isatty() else ""
        print(f"{clear}{text}", file=sys.stderr, flush=True)

    def line(self, record: Any) -> str:
        """Text to print for a record of Snakemake's log; empty when nothing is to be printed."""
        match getattr(record, "event", None):
            case LogEvent.WORKFLOW_STARTED:
                self.works = True
            case LogEvent.RUN_INFO:
                self.targets = record.stats.get("all", 0)
                self.total = record.stats["total"]
                steps = self.total - self.targets
                return f"{steps} step{'s' if steps != 1 else ''} to do"
            case LogEvent.PROGRESS:
                self.total = record.total
            case LogEvent.JOB_INFO if record.rule_name != "all":
                self.steps += 1
                return f"{self._now()} {step_line(record, self.misfits)}"
            case LogEvent.JOB_ERROR:
                # Behind a step's own log stand those of the cluster.
                self.failed += map(Path, record.log[:1])
                self.signals |= dict.fromkeys(map(Path, record.log[:1]), self.signal)
                return f"{self._now()} {record.rule_name} failed"
            # What a script died of stands in its log, unless a signal ended it.
            case LogEvent.ERROR if record.exception == "RuleException":
                ended = _SIGNAL.search(record.getMessage())
                self.signal = ended[1] if ended else ""
            case LogEvent.ERROR if record.exception == "LockException":
                return kept_out(self.review_lock)
            case LogEvent.ERROR if record.exception in ("Stop", "ReviewError"):
                return _PLACE.sub("", record.getMessage())
            case LogEvent.ERROR if stop := _STOP.search(record.getMessage()):
                return stop[1]
            case LogEvent.ERROR if not self.ended:
                # Snakemake writes as well, and meets a full disk first where a step just ended.
                text = record.getMessage()
                is_full = os.strerror(errno.ENOSPC) in text
                return remedy(OSError(errno.ENOSPC, text)) if is_full else text
            case None:
                return self._in_passing(record)
        return ""

    def _now(self) -> str:
        total = self.total - self.targets
        return f"[{time.strftime('%H:%M:%S')} {self.steps:{len(str(total))}}/{total}]"

    def _in_passing(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        if record.levelno >= logging.WARNING:
            wanted = not (self.ended or text.startswith("Exiting because a job"))
        else:
            wanted = not self.works or text.startswith(_NOTICES)
        return text if wanted else ""

    def report_failure(self) -> None:
        """Print each error that stopped a step, once, and nothing after it."""
        errors = dict.fromkeys(map(self._error, self.failed))
        self.write("\n".join(filter(None, errors)) or _STOPPED)
        self.ended = True

    def _error(self, log: Path) -> str:
        """What stopped a step: by its log, or by what the system knows of its end."""
        error = error_of(log) if self._is_new(log) else None
        if error is None:
            ran_out = ended_for_memory() > self.ended_for_memory
            return how_it_ended(log.stem, self.signals[log], ran_out)
        return error

    def _is_new(self, log: Path) -> bool:
        return log.is_file() and log.stat().st_mtime >= self.start

    def report_success(self, results: Path, changed: list[str]) -> None:
        """Print where the page is, how the gate judged, the time it took, and late changes."""
        gate = results / "4_checks/gate.txt"
        if self.targets and gate.is_file():
            verdict = gate.read_text(encoding="utf-8").partition("\n")[0].rstrip(":")
            self.write(f"Page:   {results / '8_report/page.html'}\nChecks: {verdict} ({gate})")
            questions = results / "1_records/questions.csv"
            if odd := _asked(questions):
                self.write(f"Odd:    {odd} on record, not confirmed ({questions})")
        minutes, seconds = divmod(round(time.time() - self.start), 60)
        self.write(f"Time:   {f'{minutes} min ' if minutes else ''}{seconds} s")
        if changed:
            self.write(
                f"Changed after it was read, and so not in these results: {', '.join(changed)}. Run"
                " the same command again."
            )


def _asked(questions: Path) -> int:
    """How many questions about records stand."""
    if not questions.is_file():
        return 0
    with questions.open(encoding="utf-8", newline="") as file:
        return sum(row["status"] == "asked" for row in csv.DictReader(file))


def step_line(record: Any, misfits: dict[str, list[str]]) -> str:
    """Name of a step, its wildcards, what it does, and why it runs."""
    parts = [record.rule_name, *map(str, (record.wildcards or {}).values())]
    name = " ".join(parts)
    # A message may break lines where the source does.
    what = " ".join((record.rule_msg or "").split()).removesuffix(".")
    changed = [names for path, names in misfits.items() if Path(path).stem == ".".join(parts)]
    why = f"changed: {_first(changed[0])}" if changed else reason(record.reason)
    return f"{name}: {what}{f' ({why})' if why else ''}"


def reason(text: str) -> str:
    """Why a step runs, in a few words, from Snakemake's reason; nothing where it never ran."""
    if text.startswith("Missing output files"):
        return ""
    for start, words in _REASONS.items():
        if start in text:
            return words
    if "Params have changed" in text:
        return "changed: its settings or code"
    if files := re.search(r"Updated input files: ([^;]+)", text):
        return f"changed: {_first(sorted(files[1].split(', ')))}"
    if files := re.search(r"updated by another job: ([^;]+)", text):
        return f"made anew: {_first(sorted(files[1].split(', ')))}"
    return ""


def _first(names: list[str]) -> str:
    """The first of some names, and how many more there are; modules without their package."""
    first = names[0].removeprefix("livingreview/")
    return first if len(names) == 1 else f"{first} and {len(names) - 1} more"


def error_of(log: Path) -> str | None:
    """The error that stopped a step, from its log; None where the log ends without a word of it."""
    text = log.read_text(encoding="utf-8").strip()
    if failed := _FAILED.search(text):
        return text[failed.end() :]
    return "" if _DONE.search(text) else None


def ended_for_memory() -> int:
    """How many processes the system has ended for want of memory, as far as it can be asked."""
    texts = [Path(file).read_text() for file in _COUNTS_OF_MEMORY if os.access(file, os.R_OK)]
    return sum(int(n) for text in texts for n in re.findall(r"^oom_kill (\d+)", text, re.MULTILINE))


def how_it_ended(step: str, signal: str, memory_ran_out: bool) -> str:
    """What is known of the end of a step that could not say why: no more than the system says."""
    if memory_ran_out:
        return (
            f"{step}: memory ran out, and the system ended a process. Give it more memory, or"
            f" fewer steps at once (--cores 1), and {_AGAIN}"
        )
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    limited = f" Here a process may have {limit >> 20} MiB of memory (ulimit -v)."
    limited = limited if limit != resource.RLIM_INFINITY else ""
    if signal in _FROM_OUTSIDE:
        end = f"was ended by {signal}, a signal from outside; the system reports no want of memory"
    elif signal:
        end = f"was ended by {signal}; what a library had to say of it, if anything, stands above"
    else:
        end = "ended before it was done, and left no word of why; what it printed stands above"
    return f"{step} {end}.{limited} To go on, {_AGAIN}"
