# What every stage shares: the review's protocol, its names, and the paths.

from dataclasses import replace

from livingreview.base.documents import read_document
from livingreview.base.validation import validated
from livingreview.base.errors import ReviewError
from livingreview.protocol.review import read_protocol
from livingreview.records.reading import record_files
from livingreview.protocol.run_config import RunConfig, checked_config
from snakemake.io import get_flag_value, is_flagged
from snakemake.utils import update_config


def run_config():
    """Checked configuration of this run, command line merged in.

    Files are read anew: Snakemake keeps the last of repeated keys, and takes `010` for 8.
    """
    said = {}
    try:
        for file in ("config/config.yaml", *workflow.overwrite_configfiles):
            document = read_document(Path(file))
            update_config(said, document.data)
            validated(replace(document, data=said), RunConfig)
        return checked_config(config)
    except ReviewError as error:
        raise WorkflowError(str(error)) from None


def protocol_of(review: str):
    """Checked protocol of a review."""
    known = sorted(path.stem for path in Path("config/reviews").glob("*.yaml"))
    if review not in known:
        raise WorkflowError(
            f"config review: found {review!r}; allowed: {', '.join(known)}"
        )
    try:
        return read_protocol(Path("config/reviews") / f"{review}.yaml")
    except ReviewError as error:
        raise WorkflowError(str(error)) from None


def records_of(folder: Path) -> list[str]:
    """Files of all records; none may be passed over for its name."""
    records, problems = record_files(folder)
    if problems:
        raise WorkflowError(str(ReviewError(problems)))
    return list(map(str, records))


def memory(mem_mb: int):
    """Memory that a job asks a cluster for: tried again, it asks for four times as much."""
    return lambda wildcards, attempt: mem_mb * 4 ** (attempt - 1)


def below_root(path) -> str:
    """Path of a rule's file below the root, also where it lies in object storage."""
    if not is_flagged(path, "storage_object"):
        return str(path)
    query = get_flag_value(path, "storage_object").query
    return query.removeprefix(f"{workflow.storage_settings.default_storage_prefix}/")


def told_problems() -> str:
    """What failed steps told their users, repeated where it is not lost among job details."""
    logs = [
        log
        for log in sorted(Path(LOGS).rglob("*.log"))
        if log.stat().st_mtime >= STARTED
    ]
    told = "\n".join(text for log in logs if (text := log.read_text().strip()))
    return told or (
        "No step could say what went wrong; see its error above. SIGKILL, SIGABRT, a MemoryError or"
        " a library that cannot be loaded mean that memory ran out: run the same command again"
        " with more of it, or with --cores 1."
    )


IN_OBJECT_STORAGE = workflow.storage_settings.default_storage_provider is not None
RUN = run_config().model_dump(mode="json")
REVIEW = RUN["review"]
RESULTS = f"results/{REVIEW}"
LATER_STAGES = tuple(f"{RESULTS}/{number}_" for number in range(3, 10))
LONGEST_CHAIN = tuple(f"{RESULTS}/{number}_" for number in range(3, 6))
LOGS = f"logs/{REVIEW}"
DATA = f"data/raw/{REVIEW}"
RECORDS = records_of(Path(DATA, "studies"))
ENVIRONMENT = "../../envs/analysis.yaml"

PROTOCOL = protocol_of(REVIEW)
OUTCOMES = list(PROTOCOL.outcomes)

SPECIFICATIONS = {
    name: s.model_dump(mode="json") for name, s in PROTOCOL.specifications().items()
}

# The protocol as plain data, from which each rule looks up its own slice.
CHOICES = PROTOCOL.model_dump(mode="json") | {
    "levels": PROTOCOL.moderator_levels(),
    "codings": {
        name: m.coding.model_dump(mode="json")
        for name, m in PROTOCOL.moderators.items()
    },
    "baselines": PROTOCOL.baselines(),
    "expected_baselines": {
        name: o.baseline.expected for name, o in PROTOCOL.outcomes.items()
    },
    "baseline_priors": {
        name: o.baseline.model_dump(mode="json", include={"findings", "counts"})
        for name, o in PROTOCOL.outcomes.items()
    },
    "baseline_settings": {
        name: o.baseline.model_dump(mode="json")["settings"]
        for name, o in PROTOCOL.outcomes.items()
    },
    "planned_first": {
        name: p.model_dump(mode="json")
        for name, p in PROTOCOL.prior_sets_planned_first().items()
    },
    "wording": {
        name: o.model_dump(mode="json", include={"label", "phrase", "better"})
        for name, o in PROTOCOL.outcomes.items()
    },
    "specifications": {n: s for n, s in SPECIFICATIONS.items() if s["kind"] != "joint"},
    "joint_specifications": {
        n: s for n, s in SPECIFICATIONS.items() if s["kind"] == "joint"
    },
}

# What joint models compare, with the words of the protocol.
CONTRASTS = [
    {"fit": f"joint/{model}", "name": name, **contrast}
    for model, options in CHOICES["models"].items()
    for name, contrast in options["contrasts"].items()
]

# Files of fits: one per outcome, and one for all at once when the protocol has such a model.
FITTED = OUTCOMES + (["joint"] if CHOICES["joint_specifications"] else [])


wildcard_constraints:
    outcome="|".join(OUTCOMES),
