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
import sys
import time
from pathlib import Path
from typing import Any

from snakemake_interface_logger_plugins.common import LogEvent

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
# Last entry in the log of a failed and of a finished step (`steps.run_step`).
_FAILED = re.compile(r"^[\d:]{8} ERROR ", re.MULTILINE)
_DONE = re.compile(r"^[\d:]{8} INFO done in ", re.MULTILINE)
_REASONS = {
    "Forced execution": "as asked",
    "Incomplete output files": "a build was stopped in it",
    "Set of input files has changed": "other files go into it",
    "Software environment definition": "changed: its environment",
}
_ENDED = (
    "ended before it was done and could not say why. Most often the system ends a step"
    " when memory ran out, or somebody stopped the build. Give it more memory, or fewer steps"
    " at once (--cores 1), and run the same command again; what was whole is kept."
)
_SILENT = (
    "No step could say what went wrong; see its error above. SIGKILL, SIGABRT, a MemoryError or"
    " a library that cannot be loaded mean that memory ran out: run the same command again"
    " with more of it, or with --cores 1."
)
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
                return f"{self._now()} {record.rule_name} failed"
            # What a script died of stands in its log.
            case LogEvent.ERROR if record.exception in ("Stop", "ReviewError"):
                return _PLACE.sub("", record.getMessage())
            case LogEvent.ERROR if record.exception != "RuleException" and not self.ended:
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
        errors = dict.fromkeys(error_of(log) for log in self.failed if self._is_new(log))
        self.write("\n".join(filter(None, errors)) or (_SILENT if self.failed else _STOPPED))
        self.ended = True

    def _is_new(self, log: Path) -> bool:
        return log.is_file() and log.stat().st_mtime >= self.start

    def report_success(self, results: Path) -> None:
        """Print where the page is, how the gate judged, and how long it took."""
        gate = results / "4_checks/gate.txt"
        if self.targets and gate.is_file():
            verdict = gate.read_text(encoding="utf-8").partition("\n")[0].rstrip(":")
            self.write(f"Page:   {results / '8_report/page.html'}\nChecks: {verdict} ({gate})")
            questions = results / "1_records/questions.csv"
            if odd := _asked(questions):
                self.write(f"Odd:    {odd} on record, not confirmed ({questions})")
        minutes, seconds = divmod(round(time.time() - self.start), 60)
        self.write(f"Time:   {f'{minutes} min ' if minutes else ''}{seconds} s")


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
    """The first of some names, and how many more there are."""
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def error_of(log: Path) -> str:
    """The error that stopped a step, from its log; nothing where it had not begun, or was done."""
    text = log.read_text(encoding="utf-8").strip()
    if failed := _FAILED.search(text):
        return text[failed.end() :]
    return "" if not text or _DONE.search(text) else f"{log.stem} {_ENDED}"
