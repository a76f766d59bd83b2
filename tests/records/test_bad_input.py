"""The catalogue of bad input: each broken file ends in just the messages that it lists.

`tests/bad_input/*.yaml` holds the cases; the head of each file says what is broken there.
"""

import shutil
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
import yaml
from conftest import ROOT, replaced
from spreadsheets import COUNTS, MAPPING, imported_from, line, text_of

from livingreview.base.documents import read_document
from livingreview.base.errors import ReviewError
from livingreview.base.validation import validated
from livingreview.commands.check import contributions_questions_problems
from livingreview.commands.review_files import review_files
from livingreview.protocol.run_config import RunConfig, checked_config
from livingreview.protocol.vocabulary import Vocabulary
from livingreview.records.evidence.kinds import KINDS

CATALOGUE = ROOT / "tests/bad_input"
TINY = ROOT / "tests/tiny_review"


def cases(name: str) -> list[Any]:
    """Cases of one file of the catalogue, by their titles."""
    titled = yaml.safe_load((CATALOGUE / f"{name}.yaml").read_text(encoding="utf-8"))
    return [pytest.param(case, id=title) for title, case in titled.items()]


def told(refused: pytest.ExceptionInfo[ReviewError]) -> list[str]:
    return [str(problem) for problem in refused.value.problems]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny review alone, called from there."""
    (tmp_path / "config/reviews").mkdir(parents=True)
    shutil.copy(TINY / "protocol.yaml", tmp_path / "config/reviews/tiny.yaml")
    ignored = shutil.ignore_patterns("protocol.yaml")
    shutil.copytree(TINY, tmp_path / "data/raw/tiny", ignore=ignored)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def spoil(path: Path, case: dict[str, Any]) -> None:
    """Break a file as a case says."""
    text = path.read_text(encoding="utf-8")
    if "put" in case:
        path.unlink()
        {
            "nothing": lambda: None,
            "a folder": path.mkdir,
            "a link to nothing": lambda: path.symlink_to("none.yaml"),
            "a link to itself": lambda: path.symlink_to(path.name),
        }[case["put"]]()
        return
    if "content" in case:
        text = case["content"]
    if "evidence" in case:  # other evidence of alpha's effect, from the same source
        start, end = text.index("      - kind: counts"), text.index("        source:")
        text = (
            text[:start]
            + indent(f"- {indent(case['evidence'], '  ').lstrip()}", " " * 6)
            + text[end:]
        )
    for old, new in case.get("replace", {}).items():
        text = replaced(text, (old, new))
    text += case.get("append", "")
    for mark, times in case.get("repeat", {}).items():
        text = replaced(text, (f"<{mark}>", mark * times))
    path.write_bytes(text.encode(case.get("encoding", "utf-8")))


@pytest.mark.parametrize("case", [*cases("files"), *cases("records")])
def test_record(tree: Path, case: dict[str, Any]):
    check(tree / "data/raw/tiny/studies", "alpha.yaml", case)


@pytest.mark.parametrize("case", cases("protocols"))
def test_protocol(tree: Path, case: dict[str, Any]):
    check(tree / "config/reviews", "tiny.yaml", case)


@pytest.mark.parametrize("case", cases("narratives"))
def test_narrative_or_published_conclusions(tree: Path, case: dict[str, Any]):
    check(tree / "data/raw/tiny", "narrative.yaml", case)


def check(folder: Path, name: str, case: dict[str, Any]) -> None:
    """Break a file of the review and see what `livingreview check` tells."""
    path = folder / case.get("file", name)
    spoil(path, case)
    prefix = f"{path.parent.relative_to(Path.cwd())}/"
    *_, problems = contributions_questions_problems(review_files("tiny"))
    expected = [text.replace("<all kinds>", ", ".join(KINDS)) for text in case["told"]]
    assert [str(problem).removeprefix(prefix) for problem in sorted(problems)] == expected


@pytest.mark.parametrize("case", cases("spreadsheets"))
def test_spreadsheet(tmp_path: Path, case: dict[str, Any]):
    (tmp_path / "map.yaml").write_text(MAPPING)
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(text_of(line(**COUNTS | case.get("cells", {}))), encoding="utf-8")
    spoil(sheet, case)
    vocabulary = Vocabulary(
        ("disease", "death"), {"setting": ("town", "village"), "latitude": None}, ("allocation",)
    )
    mapping = read_document(tmp_path / "map.yaml")
    with pytest.raises(ReviewError) as refused:
        imported_from("sheet.csv", sheet.read_bytes(), mapping, vocabulary, {})
    assert told(refused) == case["told"]


@pytest.mark.parametrize("case", cases("configurations"))
def test_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: dict[str, Any]):
    monkeypatch.chdir(tmp_path)
    file = Path(shutil.copy(ROOT / "config/config.yaml", "config.yaml"))
    spoil(file, case)
    config = yaml.safe_load(file.read_text())
    for place, value in case.get("set", {}).items():
        *parents, key = place.split(".")
        section = config
        for parent in parents:
            section = section[parent]
        section[key] = value
    with pytest.raises(ReviewError) as refused:
        validated(read_document(file), RunConfig)
        checked_config(config)
    assert told(refused) == case["told"]


def test_the_catalogue_holds_what_its_size_promises():
    assert sum(len(cases(path.stem)) for path in CATALOGUE.glob("*.yaml")) >= 80


def test_the_unspoilt_review_has_no_problem(tree: Path):
    assert contributions_questions_problems(review_files("tiny"))[1:] == ([], [])
