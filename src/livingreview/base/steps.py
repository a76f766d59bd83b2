"""A step of the workflow: its log, its time, its errors, and its progress on a terminal."""

from __future__ import annotations

import logging
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livingreview.base.errors import Stop, remedy
from livingreview.base.saving import checksum
from livingreview.base.step_records import Origin, write_record

if TYPE_CHECKING:
    import pandas as pd

LOG = logging.getLogger(__name__.partition(".")[0])
# Control sequence that returns to the start of the terminal's line and clears it.
CLEAR = "\r\x1b[K"


def run_step(main: Callable[[Any], None], snakemake: Any) -> None:
    """Run the main function of a script, and keep in its log what it did, warned of, or died of.

    Raises
    ------
    SystemExit
        With status 1, after any error. The build prints errors at its end, from the logs.
    """
    log, start = Path(snakemake.log[0]), time.monotonic()
    try:
        open_log(log)
        LOG.info("%s starts", log.stem)
        inputs = _inputs(snakemake)
        main(snakemake)
        now = _inputs(snakemake)
        if changed := [name for name, read in inputs.items() if now[name] != read]:
            raise Stop(
                f"Changed while {log.stem} read it: {', '.join(changed)}. Nothing was made of it;"
                " run the same command again."
            )
        if record := getattr(snakemake.output, "record", None):
            origin = Origin.model_validate(snakemake.params.origin)
            write_record(record, origin, inputs, snakemake.output)
    except KeyboardInterrupt:
        LOG.error("%s was stopped; run the same command again to go on.", log.stem)
        raise SystemExit(1) from None
    except Exception as error:
        text = remedy(error)
        if not text:
            LOG.info("Traceback:", exc_info=True)
            text = f"{log.stem} met a fault of the program, which {log} traces: {error!r}"
        LOG.info("stopped after %.1f s", time.monotonic() - start)
        LOG.error(text)
        # The log cannot hold it where the disk is full or read-only.
        if not (log.is_file() and text in log.read_text(encoding="utf-8")):
            print(text, file=sys.stderr)
        raise SystemExit(1) from None
    for path in snakemake.output:
        LOG.info("wrote %s", path)
    LOG.info("done in %.1f s", time.monotonic() - start)


def _inputs(snakemake: Any) -> dict[str, str]:
    """Checksums of the inputs that the record of a step names; empty where a file is gone."""
    if getattr(snakemake.output, "record", None) is None:
        return {}
    return {
        name: checksum(Path(path)) if Path(path).exists() else ""
        for name, path in zip(snakemake.params.reads, snakemake.input, strict=True)
        if name
    }


def open_log(path: Path) -> None:
    """Send what this package reports, and the warnings of every library, to a new file."""
    # A log that cannot be written must not stop the step, nor fill the console.
    logging.raiseExceptions = False
    logging.basicConfig(
        filename=path,
        filemode="w",
        encoding="utf-8",
        format="%(asctime)s %(levelname)s %(message)s",
        datefmt="%H:%M:%S",
        force=True,
    )
    LOG.setLevel(logging.INFO)
    warnings.showwarning = log_warning


def log_warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: Any, **__: Any
) -> None:
    """Report a library's warning on one line."""
    LOG.warning(f"{category.__name__}: {message} ({filename}:{lineno})")


def log_statuses(table: pd.DataFrame) -> None:
    """Report of each model or outcome whether it was analysed or refused, and why."""
    for row in table.to_dict("records"):
        name = "/".join(row[key] for key in ("fit", "outcome", "model") if key in row)
        why = f" ({row['reason']})" if isinstance(row["reason"], str) else ""
        LOG.info(f"{name}: {row['status']}{why}")


def show_progress(step: str, done: int, total: int) -> None:
    """Show the share done on the last line of a terminal; a file gets nothing."""
    if sys.stderr.isatty():
        print(f"{CLEAR}{step}: {done / total:.0%}", end="", file=sys.stderr, flush=True)
