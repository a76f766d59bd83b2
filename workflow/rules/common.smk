# What every stage shares: the review's protocol, its names, and the paths.

from dataclasses import replace

from livingreview.base.documents import read_document
from livingreview.base.errors import ReviewError, Stop
from livingreview.base.validation import validated
from livingreview.protocol.review import Protocol, finished_protocol
from livingreview.protocol.run_config import RunConfig, checked_config
from livingreview.records.reading import record_files
from snakemake.utils import update_config


def run_config() -> RunConfig:
    """Checked configuration of this run, command line merged in.

    Files are read anew: Snakemake keeps the last of repeated keys, and takes `010` for 8.
    """
    merged = {}
    for file in ("config/config.yaml", *workflow.overwrite_configfiles):
        document = read_document(Path(file))
        update_config(merged, document.data)
        validated(replace(document, data=merged), RunConfig)
    return checked_config(config)


def protocol_of(review: str) -> Protocol:
    """Checked protocol of a review."""
    known = sorted(path.stem for path in Path("config/reviews").glob("*.yaml"))
    if review not in known:
        raise Stop(f"config review: found {review!r}; allowed: {', '.join(known)}")
    return finished_protocol(Path("config/reviews") / f"{review}.yaml")


def records_of(folder: Path) -> list[str]:
    """Files of all records; none may be passed over for its name."""
    records, problems = record_files(folder)
    if problems:
        raise ReviewError(problems)
    return list(map(str, records))


def tables_of_outcome(stage: str, names: list[str]) -> dict[str, str]:
    """Files of tables of one outcome, by names that Python allows."""
    return {
        name.replace(".", "_"): f"{RESULTS}/{stage}/{{outcome}}.{name}.csv"
        for name in names
    }


def tables_of_each(stage: str, names: list[str]) -> dict[str, list[str]]:
    """The same of every outcome."""
    of_outcome = tables_of_outcome(stage, names)
    return {name: expand(file, outcome=OUTCOMES) for name, file in of_outcome.items()}


def tables_of_all(stage: str, names: list[str]) -> dict[str, str]:
    """Files that hold the rows of all outcomes."""
    return {name.replace(".", "_"): f"{RESULTS}/{stage}/{name}.csv" for name in names}


def memory(mem_mb: int):
    """Memory that a job asks a cluster for: tried again, it asks for four times as much."""
    return lambda wildcards, attempt: mem_mb * 4 ** (attempt - 1)


def figure(name: str, category: str, label: str, outcome: str | None = None):
    """A figure, with its place in Snakemake's own report; some have one for each outcome."""
    return report(
        f"{RESULTS}/7_figures/{name}{f'_{outcome}' if outcome else ''}.svg",
        caption=f"../report/captions/{name}.rst",
        category=category,
        labels={"figure": f"{label}, {outcome}" if outcome else label},
    )


def readers_table(path: str):
    """A table for readers below stage 8, with its place in Snakemake's own report."""
    name = Path(path).name
    return report(
        f"{RESULTS}/8_report/{path}.csv",
        caption=f"../report/captions/tables/{name}.rst",
        category="Tables",
        labels={"table": name.replace("_", " ").capitalize()},
    )


RUN = run_config().model_dump(mode="json")
REVIEW = RUN["review"]
RESULTS = f"results/{REVIEW}"
LOGS = f"logs/{REVIEW}"
DATA = f"data/raw/{REVIEW}"
RECORDS = records_of(Path(DATA, "studies"))

PROTOCOL = protocol_of(REVIEW)
OUTCOMES = list(PROTOCOL.outcomes)
# The protocol as plain data, from which each rule looks up its own slice.
CHOICES = PROTOCOL.choices()
# Files of fits: one per outcome, and one for all at once when the protocol has such a model.
FITTED = OUTCOMES + (["joint"] if CHOICES["joint_specifications"] else [])


wildcard_constraints:
    outcome="|".join(OUTCOMES),
