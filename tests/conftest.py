"""A small valid record, and ways to spoil it one text replacement at a time."""

import fcntl
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tiny_trees import snakemake, tiny_tree

from livingreview.base.documents import Document
from livingreview.base.errors import Problem, ReviewError
from livingreview.protocol.outcomes import Assumed
from livingreview.protocol.review import Protocol, read_protocol
from livingreview.records.reading import read_studies
from livingreview.records.study import Study

ROOT = Path(__file__).parents[1]
OUTCOMES = ("disease", "death")
LEVELS: dict[str, tuple[str, ...] | None] = {"setting": ("town", "village"), "latitude": None}
DOMAINS = ("allocation",)
ASSUMED = dict.fromkeys(OUTCOMES, Assumed(probability=0.2))

# The counts are Aronson 1948, the first of the 13 BCG trials (Colditz 1994).
COUNTS = """\
      - kind: counts
        arms:
          - arm: visit
            events: 4
            total: 123
          - arm: usual
            events: 11
            total: 139
        source:
          url: https://example.org/alpha
          locator: table 1
          kind: full text
"""

RECORD = (
    """\
study_id: alpha_2001
citation:
  label: Alpha 2001
  text: Alpha A. A made-up trial. 2001
  year: 2001
status: extracted
eligibility: Made up for a test.
design:
  kind: experimental
  detail: Random assignment.
moderators:
  setting: town
  latitude: 44
arms:
  - id: visit
    label: Visited
    assigned: 123
  - id: usual
    label: Not visited
risk_of_bias:
  allocation:
    judgement: low
    reason: Random.
sources:
  - url: https://example.org/alpha
    locator: abstract
    kind: abstract
effects:
  - id: first
    outcome: disease
    measure: Cases within a year
    follow_up_months: 12
    treated: visit
    control: usual
    evidence:
"""
    + COUNTS
)

SOURCE = """\
        source:
          url: https://example.org/alpha
          locator: page 2
          kind: abstract
"""

# Pieces of evidence that may follow the record above.
ESTIMATE = (
    """\
      - kind: estimate
        measure: odds_ratio
        value: 0.39
        interval: [0.12, 1.26]
        p_value: 0.12
"""
    + SOURCE
)

FINDING = (
    """\
      - kind: finding
        direction: decrease
        significance: not_significant
        sizes:
          - name: observed
            basis: reported
            treated: 130
            control: 142
            source:
              url: https://example.org/alpha
              locator: abstract, methods
              kind: abstract
"""
    + SOURCE
)

TEST = (
    """\
      - kind: test
        statistic: p
        value: 0.03
        direction: increase
        sizes:
          - name: seen
            basis: reported
            total: 200
            source:
              url: https://example.org/alpha
              locator: page 3
              kind: abstract
"""
    + SOURCE
)

PERCENTAGES = (
    """\
      - kind: percentages
        arms:
          - arm: visit
            percent: 3.25
            decimals: 2 # here
            total: 123
          - arm: usual
            percent: 7.91
            decimals: 2
            total: 139
"""
    + SOURCE
)

MEANS = (
    """\
      - kind: means
        arms:
          - arm: visit
            mean: 3.1
            sd: 1.2
            total: 123
          - arm: usual
            mean: 3.4
            sd: 1.3
            total: 139
"""
    + SOURCE
)

# A moderator that sources contradict, in the place of `setting: town`.
DISPUTED = """\
setting:
    value: town
    note: As the trial report has it.
    alternatives:
      - value: village
        source:
          url: https://example.org/beta
          locator: page 7
          kind: secondary summary
        note: A later review.
"""
# Moderators of one effect, in the place of its follow-up.
OF_EFFECT = """\
follow_up_months: 12
    moderators:
      latitude: 51
"""


def replaced(text: str, *changes: tuple[str, str]) -> str:
    """Text with each change made; what is to be replaced must stand there once."""
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the text"
        text = text.replace(old, new)
    return text


def line_of(text: str, part: str) -> int:
    """Line of a part that stands in the text once."""
    assert text.count(part) == 1, f"{part!r} stands {text.count(part)} times in the text"
    return text[: text.index(part)].count("\n") + 1


@dataclass(frozen=True)
class Folder:
    """Record files of a made-up review."""

    path: Path

    def write(
        self, *changes: tuple[str, str], name: str = "alpha_2001", more: Iterable[str] = ()
    ) -> str:
        """Write the record, changed, under a name that becomes its id; give its text."""
        text = RECORD.replace("alpha_2001", name) + "".join(more)
        text = replaced(text, *changes)
        (self.path / f"{name}.yaml").write_text(text, encoding="utf-8")
        return text

    def read(self) -> list[tuple[Document, Study]]:
        return read_studies(self.path.glob("*.yaml"), OUTCOMES, LEVELS, DOMAINS)

    def problems(self) -> list[Problem]:
        with pytest.raises(ReviewError) as refused:
            self.read()
        return refused.value.problems


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture(scope="session")
def protocol() -> Protocol:
    """Protocol of the review that ships."""
    return read_protocol(ROOT / "config/reviews/second_responder.yaml")


@pytest.fixture(scope="session")
def shipped(protocol: Protocol) -> list[tuple[Document, Study]]:
    """Records of the review that ships."""
    paths = (ROOT / "data/raw/second_responder/studies").glob("*.yaml")
    levels, domains = protocol.moderator_levels(), protocol.risk_of_bias_domains
    return read_studies(paths, protocol.outcomes, levels, domains)


@pytest.fixture(scope="session")
def shared_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny review, built once for all workers; tests use copies of it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "built"
    with (shared / "built.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the first worker builds, the others wait for it
        if not folder.exists():
            build_tiny_review(tmp_path_factory.mktemp("tiny")).rename(folder)
    return folder


def build_tiny_review(folder: Path) -> Path:
    """Build the tiny review in a copy of the workflow."""
    tree = tiny_tree(folder)
    run = snakemake(tree)
    assert run.returncode == 0, run.stderr[-3000:]
    return tree


@pytest.fixture(scope="session")
def built(shared_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built tree that the tests of one worker share; each leaves it as it was."""
    return shutil.copytree(shared_build, tmp_path_factory.mktemp("copy") / "tree")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that use a build as long, and as unit tests all that are neither long nor slow."""
    for item in items:
        if "shared_build" in item.fixturenames:
            item.add_marker("long")
        if not {"long", "slow"} & {mark.name for mark in item.iter_markers()}:
            item.add_marker("unit")
