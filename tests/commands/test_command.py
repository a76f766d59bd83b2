"""The command `livingreview` as a user calls it, in a copy of a review's files."""

import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from conftest import ROOT, replaced
from pydantic import BaseModel
from spreadsheets import COUNTS, MAPPING, line, text_of

from livingreview.__main__ import app
from livingreview.base.errors import ReviewError, Stop
from livingreview.base.placeholders import ADDRESS_TO_FILL_IN, TO_FILL_IN
from livingreview.commands.reading_list import words_of
from livingreview.commands.review_files import write_new
from livingreview.protocol.review import read_protocol
from livingreview.records.evidence.preference import PREFERENCE as KINDS
from livingreview.records.reading import read_studies
from livingreview.records.record_tables import extract
from livingreview.records.study import Study
from livingreview.tables.sensitivity import ReadingList

SCHEMA = Study.model_json_schema()
FIELDS = {f for model in (SCHEMA, *SCHEMA["$defs"].values()) for f in model["properties"]}
SHIPPED = ("second_responder", "bcg_vaccine")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Configuration and data of the reviews that ship and of the tiny one; called from there."""
    for part in ("config", "data/raw"):
        shutil.copytree(ROOT / part, tmp_path / part)
    tiny = ROOT / "tests/tiny_review"
    shutil.copy(tiny / "protocol.yaml", tmp_path / "config/reviews/tiny.yaml")
    shutil.copytree(tiny, tmp_path / "data/raw/tiny")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*arguments: str) -> None:
    app(arguments, standalone_mode=False)


def problems(*arguments: str) -> list[str]:
    with pytest.raises(ReviewError) as refused:
        call(*arguments)
    return [str(problem) for problem in refused.value.problems]


def read(tree: Path, review: str, name: str | None = None) -> list[Study]:
    """Records of a review as the pipeline reads them."""
    protocol = read_protocol(tree / f"config/reviews/{review}.yaml")
    paths = (tree / f"data/raw/{review}/studies").glob(f"{name or '*'}.yaml")
    levels, domains = protocol.moderator_levels(), protocol.risk_of_bias_domains
    return [study for _, study in read_studies(paths, protocol.outcomes, levels, domains)]


# new-study


def uncommented(text: str, *kinds: str) -> str:
    """The record as its header says: filled in, extracted, these kinds of evidence uncommented."""
    text = text.replace(f" {TO_FILL_IN}\n", " As the source says.\n")
    text = text.replace(ADDRESS_TO_FILL_IN, "https://example.org/read")
    text = replaced(
        text, ("status: to_screen", "status: extracted"), ("reason: Not read yet.\n", "")
    )
    head, *blocks = re.split(r"^# # === ", text, flags=re.MULTILINE)
    wanted = {"effects", *kinds}
    for block in blocks:
        if re.match(r"\w+", block)[0] in wanted:
            head += re.sub(r"^# ?", "", f"# # {block}", flags=re.MULTILINE)
    return head


@pytest.mark.parametrize("review", [*SHIPPED, "tiny"])
def test_new_record_is_valid_and_waits_to_be_screened(tree: Path, review: str):
    protocol = read_protocol(tree / f"config/reviews/{review}.yaml")
    call("new-study", "smith_2024", "--review", review)
    [study] = read(tree, review, "smith_2024")
    assert (study.status, study.reason) == ("to_screen", "Not read yet.")
    assert (study.citation.label, study.citation.year) == ("Smith 2024", 2024)
    assert set(study.moderators) == set(protocol.moderator_levels())
    assert set(study.risk_of_bias) == set(protocol.risk_of_bias_domains)


def test_a_build_takes_the_new_record_in_and_lists_it(tree: Path):
    protocol = read_protocol(tree / "config/reviews/tiny.yaml")
    call("new-study", "smith_2024", "--review", "tiny")
    records = read_studies(
        (tree / "data/raw/tiny/studies").glob("*.yaml"),
        protocol.outcomes,
        protocol.moderator_levels(),
        protocol.risk_of_bias_domains,
    )
    tables = extract(
        records,
        protocol.assumed(),
        list(protocol.moderators),
        list(protocol.risk_of_bias_domains),
    )
    flow = tables.flow[tables.flow.status == "to_screen"]
    assert list(flow["names"]) == ["smith_2024"]
    assert list(flow["reason"]) == ["Not read yet."]


@pytest.mark.parametrize("review", [*SHIPPED, "tiny"])
@pytest.mark.parametrize("kinds", [*((kind,) for kind in KINDS), KINDS], ids="+".join)
def test_each_example_makes_a_valid_record(tree: Path, review: str, kinds: tuple[str, ...]):
    call("new-study", "smith_2024", "--review", review)
    path = tree / f"data/raw/{review}/studies/smith_2024.yaml"
    path.write_text(uncommented(path.read_text(), *kinds))
    [study] = read(tree, review, "smith_2024")
    [effect] = study.effects
    assert tuple(piece.kind for piece in effect.evidence) == kinds


@pytest.mark.parametrize("review", SHIPPED)
def test_optional_fields_are_valid_too(tree: Path, review: str):
    call("new-study", "smith_2024", "--review", review)
    path = tree / f"data/raw/{review}/studies/smith_2024.yaml"
    text = uncommented(path.read_text(), *KINDS).replace("clustered: false", "clustered: true")
    protocol = read_protocol(tree / f"config/reviews/{review}.yaml")
    for _ in range(3):  # an optional field may hold another
        text = re.sub(
            r"^( *)# ([ #]*(?:- )?([a-z_]+):.*)$",
            partial(field_uncommented, FIELDS | set(protocol.moderators)),
            text,
            flags=re.MULTILINE,
        )
    path.write_text(text)
    [study] = read(tree, review, "smith_2024")
    assert [*without_a_value(study)] == ["Study.reason"]  # deleted, as its header says
    pieces = {piece.kind: piece for piece in study.effects[0].evidence}
    assert study.citation.identifier and study.notes and study.arms[0].assigned == 125
    assert study.effects[0].set_aside
    assert all(piece.clusters.source and piece.note for piece in pieces.values())
    assert pieces["estimate"].p_value and pieces["estimate"].approximate
    assert pieces["test"].sizes[0].total == 238


def without_a_value(node: object) -> Iterator[str]:
    """Fields of the models below a node that no line of the record gives."""
    if isinstance(node, BaseModel):
        name = type(node).__name__
        yield from (
            f"{name}.{f}" for f in type(node).model_fields if f not in node.model_fields_set
        )
        node = dict(node)
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from without_a_value(child)


def test_a_new_record_reads_as_laid_down(tree: Path):
    call("new-study", "smith_2024", "--review", "tiny")
    text = (tree / "data/raw/tiny/studies/smith_2024.yaml").read_text()
    laid_down = Path(__file__).with_name("new_record.yaml").read_text()
    # Other kinds are shown alike, each with the example beside its fields.
    head, *blocks = re.split(r"^(?=# # === )", laid_down, flags=re.MULTILINE)
    assert text.startswith(head)
    for block in blocks:
        assert f"{block.rstrip()}\n" in text
    shown = re.findall(r"^# # === (\w+)", text, flags=re.MULTILINE)
    assert shown == ["effects", *KINDS]


def test_hints_name_every_choice(tree: Path):
    call("new-study", "smith_2024")
    text = (tree / "data/raw/second_responder/studies/smith_2024.yaml").read_text()
    words = " ".join(text.replace("#", " ").split())
    for model in (SCHEMA, *SCHEMA["$defs"].values()):
        for name, field in model["properties"].items():
            if "enum" in field:
                assert f"ne of {', '.join(field['enum'])}" in words, name


def field_uncommented(fields: set[str], found: re.Match) -> str:
    """The line without its comment sign where it is a field, as it was where it is a hint."""
    return found[1] + found[2] if found[3] in fields else found[0]


def test_new_record_shows_every_field_and_all_that_the_protocol_allows(tree: Path):
    call("new-study", "smith_2024")
    text = (tree / "data/raw/second_responder/studies/smith_2024.yaml").read_text()
    for field in FIELDS:
        assert re.search(rf"^[ #-]*{field}:", text, flags=re.MULTILINE), field
    protocol = read_protocol(tree / "config/reviews/second_responder.yaml")
    words = " ".join(text.replace("#", " ").split())
    for outcome in protocol.outcomes:
        assert outcome in words
    for moderator in protocol.moderators.values():
        for level, label in (moderator.levels or {}).items():
            assert moderator.label == "Study design" or f"{level} ({label})" in words
    assert max(map(len, text.splitlines())) <= 100


def test_record_that_is_extracted_must_be_filled_in(tree: Path):
    call("new-study", "smith_2024")
    path = tree / "data/raw/second_responder/studies/smith_2024.yaml"
    waiting = path.read_text().count(f": {TO_FILL_IN}\n")
    path.write_text(uncommented(path.read_text().replace(TO_FILL_IN, "to do"), "counts"))
    assert read(tree, "second_responder", "smith_2024")
    path.write_text(path.read_text().replace("to do", TO_FILL_IN))
    told = problems("check")
    assert len(told) == waiting == 8
    assert all(f"found '{TO_FILL_IN}'; allowed: what the source says" in text for text in told)


def test_nothing_is_overwritten(tree: Path):
    path = tree / "data/raw/second_responder/studies/jolin_1998.yaml"
    before = path.read_bytes()
    [told] = problems("new-study", "jolin_1998")
    assert "nothing is ever overwritten" in told
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["../smith_2024"], "STUDY_ID: found '../smith_2024'; allowed: a name"),
        (["Smith_2024"], "STUDY_ID: found 'Smith_2024'; allowed: a name"),
        (["smith"], "--year: found nothing; allowed: a year from 1900 to 2100"),
        (["smith_1024"], "--year: found 1024; allowed: a year from 1900 to 2100"),
        (
            ["smith", "--review", "bcg_vacine"],
            "--review: found 'bcg_vacine'; allowed: did you mean `bcg_vaccine`?",
        ),
        (
            ["smith", "--review", "../tiny"],
            "--review: found '../tiny'; allowed: did you mean `tiny`?",
        ),
    ],
)
def test_wrong_names_are_refused(tree: Path, arguments: list[str], told: str):
    [problem] = problems("new-study", *arguments)
    assert problem.startswith(told)
    assert list(tree.rglob("[sS]mith*")) == []


def test_the_year_may_be_given(tree: Path):
    call("new-study", "smith", "--year", "1999", "--review", "tiny")
    [study] = read(tree, "tiny", "smith")
    assert (study.citation.label, study.citation.year) == ("Smith", 1999)


# check


def test_check_explains_each_record(tree: Path, capsys: pytest.CaptureFixture):
    call("check", "--review", "bcg_vaccine")
    told = capsys.readouterr().out
    # log(4 · 128 / (11 · 119)) and the root of 1/4 + 1/119 + 1/11 + 1/128
    assert (
        "aronson_1948: extracted\n"
        "  tuberculosis: reports counts; analysed: counts `as_reported`,"
        " log odds ratio -0.94 (standard error 0.60)\n"
    ) in told
    assert "13 records: 13 extracted\n13 effects on tuberculosis: 13 analysed\n" in told
    assert told.endswith("No problem in the files of bcg_vaccine.\n")


def test_check_tells_assumptions_conflicts_and_what_is_not_usable(
    tree: Path, capsys: pytest.CaptureFixture
):
    call("check")
    told = capsys.readouterr().out
    assert re.search(
        r"^davis_taylor_1997: extracted\n  police_recorded: .*an equal split", told, re.M
    )
    assert re.search(r"^pate_1992: .*\n  victim_reported: .*group sizes not known$", told, re.M)
    assert re.search(r"^    conflict: group_sizes is 327 treated and 798 control", told, re.M)
    assert re.search(r"^  conflict: unit_followed is household_or_couple, analysed; ", told, re.M)
    assert re.search(r"^halford_smith_2022: to_screen, ", told, re.M)
    call("check", "--review", "tiny")
    assert re.search(r"^  recovery: .*; not_usable: ", capsys.readouterr().out, re.M)


def test_check_tells_all_problems_of_all_files_at_once(tree: Path):
    data = tree / "data/raw/tiny"
    for path, old, new in (
        (data / "studies/alpha.yaml", "outcome: relapse", "outcome: relaps"),
        (data / "studies/alpha.yaml", "year: 2020", "yaer: 2020"),
        (data / "studies/beta.yaml", "kind: experimental", "kind: experimentall"),
        (data / "narrative.yaml", "focus:", "focuss:"),
        (data / "published.yaml", "conclusions:", "conclusion:"),
    ):
        text = path.read_text()
        assert old in text, (path, old)
        path.write_text(text.replace(old, new, 1))
    told = "\n".join(problems("check", "--review", "tiny"))
    for words in (
        r"alpha.yaml:\d+: effects\[0\].outcome: found 'relaps'; allowed: did you mean `relapse`?",
        r"alpha.yaml:\d+: citation.yaer: found unknown field 'yaer'; allowed: did you mean `year`?",
        r"beta.yaml:\d+: design.kind: found 'experimentall'; allowed: did you mean `experimental`?",
        r"narrative.yaml:\d+: focuss: found unknown field",
        r"published.yaml:\d+: conclusion: found unknown field 'conclusion'; .* `conclusions`?",
    ):
        assert re.search(words, told), told


def test_records_are_checked_even_when_the_protocol_is_broken(tree: Path):
    protocol = tree / "config/reviews/tiny.yaml"
    protocol.write_text(protocol.read_text().replace("better: lower", "better: lowest"))
    record = tree / "data/raw/tiny/studies/alpha.yaml"
    record.write_text(record.read_text().replace("events: 20", "events: 120"))
    told = problems("check", "--review", "tiny")
    assert len(told) == 2
    assert "did you mean `lower`?" in told[0]
    assert "found 120; allowed: at most the total, 100" in told[1]


def test_check_says_what_is_good_beside_what_is_not(tree: Path, capsys: pytest.CaptureFixture):
    record = tree / "data/raw/tiny/studies/alpha.yaml"
    record.write_text(record.read_text().replace("events: 20", "events: 120"))
    problems("check", "--review", "tiny")
    told = capsys.readouterr().out
    assert "beta: extracted" in told
    assert "alpha" not in told


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess:
    """The command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "livingreview", *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_problem_ends_in_status_1_and_no_traceback(tree: Path):
    shutil.rmtree(tree / "data/raw/tiny/studies")
    (tree / "data/raw/tiny/narrative.yaml").write_text("a: [")
    done = run("check", "--review", "tiny", folder=tree)
    assert done.returncode == 1
    assert "YAML that cannot be read" in done.stderr
    assert "Traceback" not in done.stderr
    missing = run("import-csv", "none.csv", "--mapping", "none.yaml", folder=tree)
    assert missing.returncode == 1
    assert "none.csv: found no such file; allowed: a file that can be read" in missing.stderr


def test_questions_alone_end_in_status_3_and_confirmed_ones_in_0(tree: Path):
    record = tree / "data/raw/tiny/studies/alpha.yaml"
    text = record.read_text()
    odd = text.replace("eligibility: Invented.", "eligibility: TODO", 1)
    record.write_text(odd)
    done = run("check", "--review", "tiny", folder=tree)
    assert done.returncode == 3
    assert (
        "1 question, to correct or to confirm:\n  data/raw/tiny/studies/alpha.yaml:" in done.stdout
    )
    assert done.stdout.endswith("No problem in the files of tiny, but questions.\n")
    record.write_text(odd + 'confirmed: {"placeholder eligibility": "An artists\' group, TODO."}\n')
    assert run("check", "--review", "tiny", folder=tree).returncode == 0
    record.write_text(odd + "confirmed: An artists' group.\n")
    done = run("check", "--review", "tiny", folder=tree)
    assert done.returncode == 1
    assert 'confirmed: found "An artists\' group."; allowed: `{<name of the' in done.stderr


def test_check_takes_less_than_two_seconds_of_computing(tree: Path):
    # Not by the clock on the wall, which counts what else the machine does.
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert run("check", folder=tree).returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime < 2


def test_check_loads_none_of_the_heavy_libraries(tree: Path):
    code = (
        "import sys; from livingreview.__main__ import app; app(['check'], standalone_mode=False);"
        "print({'pymc', 'arviz', 'pandas', 'scipy.stats', 'scipy.optimize'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tree,
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.endswith("\nset()\n")


def test_command_works_below_the_working_copy_and_not_beside_it(
    tree: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
):
    monkeypatch.chdir(tree / "data/raw")
    call("check", "--review", "tiny")
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    with pytest.raises(Stop, match="inside the working copy"):
        call("check")


# import-csv


@pytest.fixture
def spreadsheet(tree: Path) -> Path:
    """A spreadsheet for the tiny review and its mapping, as yet not imported."""
    outcome = ("outcome: {column: outcome}", "outcome: {value: relapse}")
    moderators = re.compile(r"  moderators:\n.*\n.*\n")
    mapping = moderators.sub("  moderators: {}\n", replaced(MAPPING, outcome))
    ignored = ("ignore: [note]", "ignore: [note, outcome, setting, latitude]")
    (tree / "map.yaml").write_text(replaced(mapping, ignored))
    rows = [line(**COUNTS), line(study="beta_2002", name="Beta 2002", **COUNTS)]
    (tree / "sheet.csv").write_text(text_of(*rows))
    return tree


IMPORT = ("import-csv", "sheet.csv", "--mapping", "map.yaml", "--review", "tiny")


def test_import_writes_records_that_the_pipeline_reads(
    spreadsheet: Path, capsys: pytest.CaptureFixture
):
    call(*IMPORT, "--dry-run")
    assert "Would write 2 records" in capsys.readouterr().out
    assert not list(spreadsheet.rglob("alpha_2001.yaml"))
    call(*IMPORT)
    assert "Wrote 2 records to data/raw/tiny/studies." in capsys.readouterr().out
    assert len(read(spreadsheet, "tiny")) == 6
    call("check", "--review", "tiny")
    call(*IMPORT)
    assert "Wrote 0 records to data/raw/tiny/studies. 2 were there" in capsys.readouterr().out


def test_usual_headings_need_no_mapping(tree: Path, capsys: pytest.CaptureFixture):
    rows = (
        "author,year,ai,bi,ci,di,alloc\nAsh,1990,4,119,11,128,random\nOak,NA,6,300,29,274,random\n"
    )
    (tree / "trials.csv").write_text(rows)
    by_headings = ("import-csv", "trials.csv", "--review", "tiny")
    assert problems(*by_headings) == [
        "trials.csv:1: outcome: found no column that says which; allowed: `--outcome` with one of"
        " relapse, recovery; or a column `outcome`",
        "trials.csv:1: source: found no column that says where from; allowed: `--source` with the"
        " address where the spreadsheet, or what it was made from, can be read (https://… or"
        " doi:…); or a column `url`",
    ]
    call(*by_headings, "--outcome=relapse", "--source=https://example.org/trials")
    told = capsys.readouterr().out
    assert "Read by headings: counts: `ai`, `bi` treated; `ci`, `di` control.\n" in told
    assert "Columns not imported: `alloc`.\n" in told
    assert "Wrote 2 records to data/raw/tiny/studies." in told
    by_id = {study.study_id: study for study in read(tree, "tiny")}
    assert by_id["ash_1990"].effects[0].evidence[0].arms[0].total == 123
    assert by_id["oak"].citation.year is None


@pytest.mark.parametrize("path", ["sheet.csv", "map.yaml", "data/raw/tiny/studies/delta.yaml"])
def test_import_does_not_wait_for_a_pipe(spreadsheet: Path, path: str):
    (spreadsheet / path).unlink()
    os.mkfifo(spreadsheet / path)
    assert problems(*IMPORT) == [f"{path}: found what is no file; allowed: a file that can be read"]


def test_import_refuses_a_spreadsheet_that_is_too_large(spreadsheet: Path):
    os.truncate("sheet.csv", 20_000_001)
    [told] = problems(*IMPORT)
    assert told == "sheet.csv: found 20,000,001 bytes; allowed: at most 20,000,000 bytes"


def test_one_bad_row_or_one_record_that_exists_and_nothing_is_written(spreadsheet: Path):
    before = {path: path.read_bytes() for path in spreadsheet.rglob("*.yaml")}
    sheet = (spreadsheet / "sheet.csv").read_text()
    (spreadsheet / "sheet.csv").write_text(replaced(sheet, ("beta_2002", "gamma")))
    [told] = problems(*IMPORT)
    assert told.startswith(
        "sheet.csv:3: study gamma: study: found 'gamma'; allowed: a study that is not on record"
    )
    (spreadsheet / "sheet.csv").write_text(sheet.replace("beta_2002", "../beta"))
    assert len(problems(*IMPORT)) == 1
    assert {path: path.read_bytes() for path in spreadsheet.rglob("*.yaml")} == before


def test_files_are_written_all_or_none(tmp_path: Path):
    good, bad = tmp_path / "a.yaml", tmp_path / "file/b.yaml"
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OSError, match="file"):
        write_new({good: "a", bad: "b"})
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    dangling = tmp_path / "c.yaml"
    dangling.symlink_to(tmp_path / "nowhere")
    with pytest.raises(ReviewError, match="nothing is ever overwritten"):
        write_new({good: "a", dangling: "c"})
    assert not good.exists()


# launcher


def test_make_puts_the_command_into_a_new_environment(tmp_path: Path):
    clone = tmp_path / "a clone"
    shutil.copytree(ROOT / "src", clone / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("Makefile", ".python-version", "envs/requirements.lock", "envs/uv.lock"):
        (clone / file).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / file, clone / file)
    stand_in = clone / ".bootstrap/bin/uv"
    stand_in.parent.mkdir(parents=True)
    stand_in.write_text(
        f"#!/bin/sh\nfor folder; do :; done\n"
        f'case "$1" in venv) "{sys.executable}" -m venv --without-pip "$folder";; esac\n'
    )
    stand_in.chmod(0o755)
    subprocess.run(["make", ".venv/.ready"], cwd=clone, check=True, capture_output=True)
    moved = clone.rename(tmp_path / "moved")
    for file in (moved / ".venv").rglob("*livingreview*"):
        assert str(tmp_path) not in file.read_text()
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    done = subprocess.run(
        [moved / ".venv/bin/livingreview", "--help"],
        cwd=tmp_path,
        env={"PYTHONPATH": packages},
        capture_output=True,
        text=True,
        check=True,
    )
    for command in ("new-study", "check", "import-csv"):
        assert command in done.stdout


# reading-list


def listed(study: str, outcome: str, **row: object) -> dict[str, object]:
    """A row of the reading list."""
    numbers = {"on_record": "finding", "p_given": 1.0, "width_now": 1.2, "width_ratio": 0.9}
    numbers |= {"width_ratio_low": 0.8, "width_ratio_high": 1.1, "p_widens": 0.2}
    numbers |= {"p_verdict_changes": 0.25, "simulations": 100, "rank": 1}
    numbers |= {"study_width_ratio": 0.85, "study_p_verdict_changes": 0.4}
    errors = dict.fromkeys((c for c in ReadingList.columns() if c.endswith("_mcse")), 0.01)
    return (
        numbers
        | errors
        | {"study_id": study, "outcome": outcome, "effect_id": f"{study}/{outcome}", "reason": None}
        | row
    )


def test_reading_list_is_printed_from_results(tree: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(Stop, match=r"reading_list\.csv is not there. Run `make results REVIEW=t"):
        call("reading-list", "--review", "tiny")
    path = tree / "results/tiny" / ReadingList.file
    path.parent.mkdir(parents=True)
    waits = {"on_record": "awaiting_data", "p_given": 0.5, "rank": 2, "simulations": 0}
    unknown = dict.fromkeys(
        c for c in ReadingList.columns() if c.startswith(("width_", "p_w", "p_v"))
    )
    rows = [
        listed("first_2001", "relapse"),
        listed("second_2002", "relapse", **(unknown | waits), reason="there are too many"),
    ]
    ReadingList.write(path, ReadingList.frame(rows))
    call("reading-list", "--review", "tiny")
    _, first, of_first, second, of_second = capsys.readouterr().out.splitlines()
    assert first == ("  1. first_2001: 0.85 times as wide; a verdict changes with probability 0.40")
    assert of_first == (
        "     relapse, on record a finding: 0.90 times as wide (0.80 to 1.10), wider with"
        " probability 0.20; another verdict with probability 0.25"
    )
    assert second.startswith("  2. second_2002")
    assert of_second == (
        "     relapse, on record nothing yet, given with probability 0.50: not simulated, as there"
        " are too many"
    )


def test_an_empty_reading_list_says_that_all_is_on_record():
    assert "no full text is waited for" in words_of(ReadingList.frame([]))
