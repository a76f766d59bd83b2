"""`livingreview new-review`, and the five commands from nothing to a page."""

import io
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from tiny_trees import bare_tree, snakemake

from livingreview.__main__ import app
from livingreview.audit.verification import audit
from livingreview.base.errors import ReviewError
from livingreview.base.placeholders import ADDRESS_TO_FILL_IN, TO_FILL_IN
from livingreview.protocol.review import Protocol, read_protocol

SUBJECT = {
    "question": "Does the visit change relapse?",
    "treated": "the visit",
    "control": "usual care",
}
OUTCOME = "Relapse: lower, odds_ratio"
REQUIRED = ("focus", "research", "completeness")
SHEET = """\
author,year,design,setting,sessions each week,months,ai,n1i,ci,n2i,page
Alpha,2001,experimental,town,1,12,12,120,25,118,table 1
Beta,2004,experimental,town,2,12,9,90,14,88,table 2
Gamma,2009,quasi_experimental,village,1,6,30,210,41,205,page 7
Delta,2015,experimental,village,3,12,22,150,24,149,page 3
Epsilon,2020,quasi_experimental,town,2,6,17,140,31,138,table 4
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The reviews that ship, without a terminal; called from there."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    shutil.copy(ROOT / "tests/tiny_review/protocol.yaml", tmp_path / "config/reviews/tiny.yaml")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    return tmp_path


def call(*arguments: str) -> None:
    app(arguments, standalone_mode=False)


def new_review(*arguments: str, name: str = "begun", **subject: str) -> None:
    options = [f"--{field}={text}" for field, text in (SUBJECT | subject).items()]
    call("new-review", name, *options, *arguments)


def problems(*arguments: str) -> list[str]:
    with pytest.raises(ReviewError) as refused:
        call(*arguments)
    return [str(problem) for problem in refused.value.problems]


def protocol(tree: Path) -> Protocol:
    return read_protocol(tree / "config/reviews/begun.yaml")


def test_the_protocol_has_the_subject_of_the_options(tree: Path):
    new_review(
        *("--outcome", OUTCOME, "--outcome", "HIV tests: higher, odds_ratio"),
        *(
            "--moderator",
            "Latitude: 33.5 per 10 degrees",
            "--moderator",
            "Setting: town, old village",
        ),
    )
    made = protocol(tree)
    assert (made.title, made.question) == ("The visit against usual care", SUBJECT["question"])
    assert {n: (o.label, o.phrase, o.better) for n, o in made.outcomes.items()} == {
        "relapse": ("Relapse", "relapse", "lower"),
        "hiv_tests": ("HIV tests", "HIV tests", "higher"),
    }
    latitude, setting = made.moderators["latitude"], made.moderators["setting"]
    assert (latitude.centre, latitude.per, latitude.unit) == (33.5, 10, "degrees")
    assert setting.levels == {"town": "town", "old_village": "old village"}
    assert {"design", "latitude", "setting", "all_moderators"} < set(made.models)
    assert (tree / "data/raw/begun/studies").is_dir()


@pytest.mark.parametrize("better", ["lower", "higher"])
def test_priors_of_a_difference_are_in_its_unit(tree: Path, better: str):
    text = f"Blood pressure: {better}, mean_difference, mmHg"
    new_review("--outcome", text, "--practically-none", "2")
    made = protocol(tree)
    assert made.outcomes["blood_pressure"].unit == "mmHg"
    assert str(made.prior_sets["default"].mu) == "normal(0, 20)"
    assert made.decisions.practically_none_effect == 2
    effects = made.sensitivity.next_trial.true_effects
    assert 0 in effects and (max(effects) < -min(effects)) == (better == "lower")


def test_check_names_every_place_that_waits_with_its_line(tree: Path):
    new_review("--outcome", OUTCOME)
    found = problems("check", "--review", "begun")
    files = [tree / "config/reviews/begun.yaml", tree / "data/raw/begun/narrative.yaml"]
    waiting = [
        f"{path.relative_to(tree)}:{number}:"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if not line.startswith("#") and (TO_FILL_IN in line or f"url: {ADDRESS_TO_FILL_IN}" in line)
        if not line.lstrip().startswith("#")
    ]
    assert len(waiting) == 1 + 9 * 3
    told = [problem for problem in found if "/studies:" not in problem]
    assert sorted(problem.partition(" ")[0] for problem in told) == sorted(waiting)
    assert any("or no `economics` at all" in problem for problem in told)


def test_like_copies_rules_and_no_words_about_a_review(tree: Path):
    new_review("--like", "second_responder")
    other, made = read_protocol(tree / "config/reviews/second_responder.yaml"), protocol(tree)
    same = ("prior_sets", "models", "checks", "sensitivity", "decisions", "certainty", "moderators")
    assert all(getattr(made, field) == getattr(other, field) for field in same)
    assert (made.question, made.amendments) == (SUBJECT["question"], [])
    assert made.search != other.search and made.conduct != other.conduct
    assert {outcome.caution for outcome in made.outcomes.values()} == {TO_FILL_IN}
    narrative = (tree / "data/raw/begun/narrative.yaml").read_text()
    assert "visit" not in narrative and "police" not in narrative


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["Begun"], "NAME: found 'Begun'; allowed: a name (a to z"),
        (
            ["tiny"],
            "NAME: found 'tiny'; allowed: a name that is not taken: config/reviews/tiny.yaml",
        ),
        (["begun"], "--outcome: found nothing; allowed: one or more"),
        (["begun", "--outcome", "Relapse lower"], "found 'Relapse lower'; allowed: `LABEL: BETTER"),
        (
            ["begun", "--outcome", "Relapse: low, odds_ratio"],
            "found 'low'; allowed: did you mean `lower`?",
        ),
        (
            ["begun", "--outcome", "Relapse: lower, odd_ratio"],
            "--outcome: found 'odd_ratio'; allowed: did you mean `odds_ratio`?",
        ),
        (
            ["begun", "--outcome", "Pain: lower, mean_difference, cm"],
            "--practically-none: found nothing; allowed: above 0 and at most 5, of a mean",
        ),
        (
            ["begun", "--outcome", "Pain: lower, mean_difference", "--practically-none", "1"],
            "--outcome: found nothing; allowed: a unit, as the measure is `mean_difference`",
        ),
        (
            ["begun", "--outcome", OUTCOME, "--outcome", "Relapse : lower, odds_ratio"],
            "--outcome: found 'relapse'; allowed: a label that makes another name",
        ),
        (
            ["begun", "--outcome", OUTCOME, "--outcome", "Falls: lower, rate_ratio"],
            "--outcome: found rate_ratio; allowed: `odds_ratio`, as of `relapse`",
        ),
        (
            ["begun", "--outcome", "死: lower, odds_ratio"],
            "--outcome: found '死'; allowed: words that",
        ),
        (
            ["begun", "--outcome", OUTCOME, "--moderator", "Age: old"],
            "--moderator: found 'Age: old'; allowed: `LABEL: LEVEL, LEVEL`",
        ),
        (
            ["begun", "--outcome", OUTCOME, "--moderator", "Age: 30 per 0"],
            "--moderator: found 0; allowed: greater than 0",
        ),
        (
            ["begun", "--outcome", OUTCOME, "--moderator", "Design: a, b"],
            "--moderator: found 'Design'; allowed: another moderator",
        ),
        (
            ["begun", "--outcome", OUTCOME, "--moderator", "Robust: a, b"],
            "--moderator: found 'robust'; allowed: a label that makes another name",
        ),
        (
            ["begun", "--outcome", OUTCOME, "--practically-none", "0.9"],
            "--practically-none: found 0.9; allowed: above 1 and at most 5, of an odds ratio",
        ),
        (
            ["begun", "--outcome", OUTCOME, "--title", "A {title}"],
            "--title: found 'A {title}'; allowed: no braces",
        ),
        (["begun", "--like", "tyny"], "--like: found 'tyny'; allowed: did you mean `tiny`?"),
        (
            ["begun", "--like", "tiny", "--outcome", OUTCOME],
            "allowed: nothing beside --like, which copies them",
        ),
    ],
)
def test_bad_input_has_one_message_and_writes_nothing(tree: Path, arguments: list[str], told: str):
    before = {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()}
    options = [f"--{field}={text}" for field, text in SUBJECT.items()]
    [problem] = problems("new-review", *arguments, *options)
    assert told in problem
    assert {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()} == before


def test_at_a_terminal_it_asks_again_until_an_answer_can_be_read(tree: Path):
    answers = [*SUBJECT.values(), "Relapse", OUTCOME, "", "Latitude: 33 per 10 degrees", ""]
    ours, theirs = pty.openpty()
    os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
    run = subprocess.run(
        [sys.executable, "-m", "livingreview", "new-review", "begun"],
        stdin=theirs,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
    )
    os.close(ours)
    os.close(theirs)
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("An outcome, such as") == 3
    assert list(protocol(tree).outcomes) == ["relapse"]
    assert list(protocol(tree).moderators) == ["design", "latitude"]


def write_what_waits(tree: Path) -> None:
    """Do as the files say: words in the sections that are needed, the others left out."""
    path = tree / "config/reviews/begun.yaml"
    path.write_text(path.read_text().replace(TO_FILL_IN, "Relapses are those that were noticed."))
    path = tree / "data/raw/begun/narrative.yaml"
    section = r"^(?=# .*\n(?:# .*\n)*\w+:(?: \[\])?\n)"
    head, *sections = re.split(section, path.read_text(), flags=re.M)
    kept = [
        part for part in sections if re.search(rf"^({'|'.join(REQUIRED)}|references):", part, re.M)
    ]
    text = "".join([head, *kept]).replace(ADDRESS_TO_FILL_IN, "https://example.org/trials")
    path.write_text(text.replace(TO_FILL_IN, "As the trials say"))


@pytest.mark.long
def test_five_commands_lead_from_nothing_to_a_page(tmp_path: Path):
    tree = bare_tree(tmp_path)
    (tree / "sheet.csv").write_text(SHEET)

    def livingreview(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "livingreview", *arguments],
            cwd=tree,
            env=os.environ | {"PYTHONPATH": "src"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    subject = [f"--{field}={text}" for field, text in SUBJECT.items()]
    options = [
        "--outcome=New relapses: fewer, odds_ratio",
        "--moderator=Setting: town, village",
        "--moderator=Sessions each week: 2 per 1 session/sessions",
    ]
    run = livingreview("new-review", "begun", *subject, *options)
    assert run.returncode == 0, run.stderr
    run = livingreview(
        "import-csv", "sheet.csv", "--source=https://example.org/trials", "--review=begun"
    )
    assert run.returncode == 0, run.stderr
    run = snakemake(tree, review="begun")
    assert run.returncode != 0 and TO_FILL_IN in run.stderr + run.stdout
    write_what_waits(tree)
    run = livingreview("check", "--review=begun")
    assert (run.returncode, run.stderr) == (0, ""), run.stdout
    run = snakemake(tree, review="begun")
    assert run.returncode == 0, run.stderr[-3000:]
    run = livingreview("preview", "--review=begun")
    assert run.returncode == 0, run.stderr
    results = tree / "results/begun"
    page = (results / "8_report/page.html").read_text()
    assert TO_FILL_IN not in page and page.count("Nothing is written on this yet.") == 4
    assert audit(results, tree).claims > 40
    pages = {path.name: path.read_text() for path in (results / "8_report").glob("*.html")}
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", " ".join(pages.values())))
    for words in ("show fewer new relapses with the visit", "sessions each week, per session"):
        assert words in text
    for words in ("less new", "more of new", "per 1 session", "new place", "ublished review"):
        assert words not in text
    assert "What others concluded" not in text and "compares the visit with usual care" in text
