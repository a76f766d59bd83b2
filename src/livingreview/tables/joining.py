"""Tables of single outcomes, joined."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from livingreview.base.saving import write_text


def join_tables(snakemake: Any) -> None:
    """Write the rows of all outcomes under one header, into the output of the inputs' name."""
    outputs = dict(snakemake.output.items())
    for name, paths in snakemake.input.items():
        if name in outputs:
            texts = [Path(path).read_text(encoding="utf-8") for path in paths]
            header = texts[0].partition("\n")[0] + "\n"
            rows = "".join(text.removeprefix(header) for text in texts)
            write_text(outputs[name], header + rows)
