"""Join the sensitivity tables of all parts of the outcomes, table by table."""

from pathlib import Path

from livingreview.base.saving import write_text
from livingreview.base.steps import run_step


def joined(shares: list[Path]) -> str:
    """Rows of all shares under one header."""
    texts = [share.read_text(encoding="utf-8") for share in shares]
    header = texts[0].partition("\n")[0] + "\n"
    return header + "".join(text.removeprefix(header) for text in texts)


def main(snakemake) -> None:
    """Read, join, write."""
    shares = [Path(path) for path in snakemake.input.shares]
    for table in snakemake.params.tables:
        of_table = [share for share in shares if share.name.endswith(f".{table}.csv")]
        write_text(snakemake.output[table], joined(of_table))


if __name__ == "__main__":
    run_step(main, snakemake)
