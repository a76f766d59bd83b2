"""Whatever stands in a record or a protocol: it is used as it says, or every mistake is told."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import (
    ASSUMED,
    DOMAINS,
    ESTIMATE,
    FINDING,
    LEVELS,
    MEANS,
    OUTCOMES,
    PERCENTAGES,
    RECORD,
    ROOT,
    TEST,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livingreview.base.documents import read_document
from livingreview.base.errors import Problem, ReviewError
from livingreview.base.validation import validated
from livingreview.protocol.review import Protocol, read_protocol
from livingreview.protocol.vocabulary import Vocabulary
from livingreview.records.contributions import explanation
from livingreview.records.reading import checked_studies
from livingreview.records.record_text import record_text
from livingreview.records.study import Study

pytestmark = pytest.mark.long

VOCABULARY = Vocabulary(OUTCOMES, LEVELS, DOMAINS)
GOOD_RECORD = RECORD + ESTIMATE + FINDING + TEST + PERCENTAGES + MEANS
GOOD_PROTOCOL = (ROOT / "tests/tiny_review/protocol.yaml").read_text(encoding="utf-8")

# In a fresh clone the first text drawn builds hypothesis' tables of characters: seconds.
any_input = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)

ODD = [
    *("", " ", "null", "no", "010", "1:30", "0x1F", "1_000", "1e5", "2001-02-03", ".inf", "12"),
    *("=1+1", "<script>", "../a", "{direction}", "{x}", "$x$", "a: b", "- a", "# a", "TO FILL IN"),
    *("visit", "usual", "counts", "finding", "extracted", "to_screen", "significant", "none"),
    *("normal(0, 1)", "half_normal(1e-300)", "student_t(2, 0, 1)", "beta(1, 1)", "joint"),
    *("categorical", "numeric", "robust", "selection", "default", "recovery"),
]
# Legal more often than not, and as large or small as a field may hold.
NUMBERS = st.one_of(
    st.sampled_from([0, 1, 2, 99, 100, 10**9, 1e-300, 1e-6, 0.999999, 1.000001, 1e3, 1e9, 1e300]),
    st.integers(0, 1000),
    st.floats(0, 1),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 200),
    st.integers(),
    st.floats(),
    st.sampled_from([10**18, 10**400, 1e-300, 1e300, -0.0]),
    st.sampled_from(ODD),
    st.text(max_size=20),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(ODD) | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


class Plain(yaml.SafeDumper):
    """Writes a value that stands in two places twice."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def places(node: Any, at: tuple = ()) -> list[tuple]:
    """Every place below a node."""
    children = node.items() if isinstance(node, dict) else []
    children = enumerate(node) if isinstance(node, list) else children
    return [p for key, child in children for p in [(*at, key), *places(child, (*at, key))]]


@st.composite
def changed(draw: st.DrawFn, good: str) -> dict[str, Any]:
    """The data of a good document with some nodes replaced, deleted, doubled or moved."""
    data = yaml.safe_load(good)
    for _ in range(draw(st.integers(1, 3))):
        *parents, key = draw(st.sampled_from(places(data) or [("x",)]))
        parent = data
        for step in parents:
            parent = parent[step]
        how = draw(st.sampled_from(["alike", "alike", "replace", "delete", "double", "move"]))
        old = parent.get(key) if isinstance(parent, dict) else parent[key]
        alike = NUMBERS if isinstance(old, int | float) else st.sampled_from(ODD)
        new = draw(alike if how == "alike" else VALUES)
        if how == "move":
            new = deepcopy(data)
            for step in draw(st.sampled_from(places(data) or [("x",)])):
                new = new.get(step) if isinstance(new, dict) else new[step]
        if how == "delete" and key in (parent if isinstance(parent, dict) else range(len(parent))):
            del parent[key]
        elif how == "double" and isinstance(parent, list):
            parent.insert(key, deepcopy(parent[key]))
        elif how == "double":
            parent[draw(st.sampled_from(ODD))] = deepcopy(parent.get(key))
        else:
            parent[key] = new
    return data


@st.composite
def garbled(draw: st.DrawFn, good: str) -> bytes:
    """The text of a good document with lines and bytes doubled, dropped, moved or put in."""
    lines = good.splitlines(keepends=True)
    for _ in range(draw(st.integers(0, 3))):
        taken = lines.pop(draw(st.integers(0, len(lines) - 1)))
        for _ in range(draw(st.integers(0, 2))):
            lines.insert(draw(st.integers(0, len(lines))), taken)
    content = "".join(lines).encode()
    cut = draw(st.integers(0, len(content)))
    marks = st.sampled_from(list("\t\r\n\0\x1b\x85\u202e\ufeff:#&*!|>'\"%@`{}[],?-<= "))
    put = draw(st.binary(max_size=3) | marks.map(str.encode))
    return content[:cut] + put + content[cut + draw(st.integers(0, 3)) :]


def written(data: dict[str, Any]) -> bytes:
    text = yaml.dump(data, Dumper=Plain, sort_keys=False, allow_unicode=True)
    return text.encode("utf-8", "surrogatepass")


def assert_told(problems: list[Problem], path: Path) -> None:
    """Each problem names its place, and says what is there and what may be there."""
    assert problems
    for problem in problems:
        assert problem.file == str(path)
        assert problem.found and problem.allowed
        assert problem.line >= (1 if problem.field else 0)
        assert str(problem).isprintable()
        assert len(str(problem)) < 2000


def assert_same(said: Any, used: Any) -> None:
    """What is used is what was said: no value turned into another, none dropped."""
    if isinstance(said, dict):
        assert set(said) == set(used)
        for key in said:
            assert_same(said[key], used[key])
    elif isinstance(said, list):
        assert len(said) == len(used)
        for one, other in zip(said, used, strict=True):
            assert_same(one, other)
    elif isinstance(said, str):
        assert said.strip() == used
    else:
        assert (said, isinstance(said, bool)) == (used, isinstance(used, bool))


def loaded_record(content: bytes, folder: Path) -> tuple[dict[str, Any], Study] | None:
    """A record as it says and as it is used; None where its mistakes are told."""
    path = folder / "alpha_2001.yaml"
    path.write_bytes(content)
    studies, problems = checked_studies([path], VOCABULARY)
    if not studies:
        assert_told(problems, path)
        return None
    [(document, study)] = studies
    assert explanation([study], ASSUMED)
    assert_same(document.data, study.model_dump(mode="json", exclude_unset=True))
    for content in (document.data, study.model_dump(mode="json")):
        path.write_text(record_text(content), encoding="utf-8", newline="")
        assert validated(read_document(path), Study) == study
    return document.data, study


def loaded_protocol(content: bytes, folder: Path) -> Protocol | None:
    """A protocol, used as a build uses it; None where its mistakes are told."""
    path = folder / "tiny.yaml"
    path.write_bytes(content)
    try:
        protocol = read_protocol(path)
    except ReviewError as error:
        assert_told(error.problems, path)
        return None
    assert protocol.specifications() and protocol.baselines() and protocol.vocabulary()
    assert protocol.prior_sets_planned_first()
    assert Protocol.model_validate(protocol.model_dump(mode="json")) == protocol
    return protocol


@any_input
@given(data=changed(GOOD_RECORD))
def test_any_change_of_a_record_is_used_as_it_says_or_told(tmp_path: Path, data: dict[str, Any]):
    if loaded := loaded_record(written(data), tmp_path):
        assert_same(data, loaded[1].model_dump(mode="json", exclude_unset=True))


@any_input
@given(content=garbled(GOOD_RECORD))
def test_any_garbled_record_is_used_as_it_says_or_told(tmp_path: Path, content: bytes):
    loaded_record(content, tmp_path)


@any_input
@given(data=changed(GOOD_PROTOCOL))
def test_any_change_of_a_protocol_is_used_as_it_says_or_told(tmp_path: Path, data: dict[str, Any]):
    loaded_protocol(written(data), tmp_path)


@any_input
@given(content=garbled(GOOD_PROTOCOL))
def test_any_garbled_protocol_is_used_as_it_says_or_told(tmp_path: Path, content: bytes):
    loaded_protocol(content, tmp_path)


@pytest.mark.parametrize("load", [loaded_record, loaded_protocol])
@any_input
@given(content=st.binary(max_size=200))
def test_any_bytes_are_told(tmp_path: Path, load, content: bytes):
    assert load(content, tmp_path) is None


def test_the_good_ones_load(tmp_path: Path):
    assert loaded_record(GOOD_RECORD.encode(), tmp_path)
    assert loaded_protocol(GOOD_PROTOCOL.encode(), tmp_path)
