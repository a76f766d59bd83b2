# What every stage shares: the review's protocol, its names, and the paths.

from livingreview.errors import ReviewError
from livingreview.protocol import read_protocol


def known_review(name: str) -> str:
    """Name of the review to build, if it has a protocol."""
    known = sorted(path.stem for path in Path("config/reviews").glob("*.yaml"))
    if name not in known:
        raise WorkflowError(f"config review: found {name!r}; allowed: {', '.join(known)}")
    return name


def protocol_of(review: str):
    """Checked protocol of a review."""
    try:
        return read_protocol(Path("config/reviews") / f"{review}.yaml")
    except ReviewError as error:
        raise WorkflowError(str(error)) from None


def library(*modules: str) -> list[str]:
    """Files of the package that a script uses, directly or not: an edit there reruns it."""
    return [f"src/livingreview/{module}.py" for module in modules]


REVIEW = known_review(config["review"])
RESULTS = f"results/{REVIEW}"
LOGS = f"logs/{REVIEW}"
DATA = f"data/raw/{REVIEW}"
RECORDS = sorted(map(str, Path(DATA, "studies").glob("*.yaml")))
ENVIRONMENT = "../../envs/analysis.yaml"

PROTOCOL = protocol_of(REVIEW)
OUTCOMES = list(PROTOCOL.outcomes)

# The protocol as plain data, from which each rule looks up its own slice.
CHOICES = PROTOCOL.model_dump(mode="json") | {
    "levels": PROTOCOL.moderator_levels(),
    "baselines": {name: o.baseline.probability for name, o in PROTOCOL.outcomes.items()},
    "specifications": {
        name: s.model_dump(mode="json") for name, s in PROTOCOL.specifications().items()
    },
}


wildcard_constraints:
    outcome="|".join(OUTCOMES),
