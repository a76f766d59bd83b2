"""What `livingreview preview` says of edits, and that its numbers are those of a build."""

import os
import re
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from conftest import ROOT, replaced

from livingreview.__main__ import app
from livingreview.audit.updates.preview import OnRecord, Preview
from livingreview.base.errors import ReviewError
from livingreview.commands.check import checked_files
from livingreview.commands.last_state import last_state
from livingreview.commands.preview import words_of
from livingreview.commands.review_files import ReviewFiles
from livingreview.records.what_if import supposed_study
from livingreview.tables.synthesis import Summary

TINY = ReviewFiles(Path(), "tiny")
SHIPPED = ReviewFiles(Path(), "second_responder")
ALPHA = TINY.record("alpha")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny review, as its last build read it; and the shipped one, released and not built."""
    for part in ("config", "data/raw/second_responder", "data/releases"):
        shutil.copytree(ROOT / part, tmp_path / part)
    built = tmp_path / "results/tiny/9_audit/sources"
    for folder in (tmp_path, built):
        (folder / "config/reviews").mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "tests/tiny_review/protocol.yaml", folder / "config/reviews/tiny.yaml")
        shutil.copytree(ROOT / "tests/tiny_review", folder / "data/raw/tiny")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(*supposed: tuple[str, str], files: ReviewFiles = TINY) -> str:
    return words_of(files, last_state(files), [*supposed])


def edit(path: Path, *changes: tuple[str, str]) -> None:
    path.write_text(replaced(path.read_text(), *changes))


def build_shipped() -> None:
    """Copies of the files of the shipped review, as its last build read them."""
    built = Path("results/second_responder/9_audit/sources")
    for part in ("config", "data/raw/second_responder"):
        shutil.copytree(part, built / part)


def on_record(files: ReviewFiles) -> OnRecord:
    protocol, records, problems = checked_files(files)
    assert protocol and not problems
    return OnRecord(protocol, records)


def other_counts() -> None:
    edit(ALPHA, ("events: 20", "events: 30"))


def test_nothing_changed(tree: Path):
    nothing = "tiny: nothing changed since the last build (results/tiny)."
    assert said() == nothing
    ALPHA.write_text(f"{ALPHA.read_text()}# A comment.\n")
    assert said() == nothing


def test_a_changed_record_is_shown_before_and_now(tree: Path):
    before = on_record(TINY).answer("relapse")
    other_counts()
    words, after = said(), on_record(TINY).answer("relapse")
    # log(20 · 65 / (80 · 35)) and log(30 · 65 / (70 · 35))
    assert re.search(r"was relapse: .*log odds\s+ratio -0.77 ", words)
    assert re.search(r"now relapse: .*log odds\s+ratio -0.23 ", words)
    shares = [f"{100 * answer['p_more']:.0f}%" for answer in (before, after)]
    assert "By alpha: the probability of more goes from {} to {}".format(*shares) in words
    assert "As before: Recovery." in words
    assert "interplay" not in words
    assert max(map(len, words.splitlines())) <= 100


def test_a_deleted_and_a_new_record_are_told_apart(tree: Path):
    text = ALPHA.read_text()
    ALPHA.unlink()
    TINY.record("epsilon").write_text(
        text.replace("alpha", "epsilon").replace("Alpha", "Epsilon").replace("20\n", "25\n")
    )
    words = said()
    assert "  alpha: deleted\n    was alpha: extracted\n" in words
    assert "  epsilon: new\n    now epsilon: extracted\n" in words
    # The moves of each change alone and their interplay make up the whole move.
    protocol, records = last_state(TINY)[1:]
    before = OnRecord(protocol, records)
    preview = Preview(before, on_record(TINY))
    alone = [
        OnRecord(protocol, [r for r in records if r[1].study_id != "alpha"]),
        OnRecord(
            protocol,
            [*records, next(r for r in preview.after.records if r[1].study_id == "epsilon")],
        ),
    ]
    start, end, *single = (
        100 * state.answer("relapse")["p_more"] for state in (before, preview.after, *alone)
    )
    rest = end - start - sum(one - start for one in single)
    stated = re.search(r"Their interplay is .*?: ([-−+.\d]+)\s+percentage", words, re.S)
    assert stated and float(stated[1].replace("−", "-")) == pytest.approx(rest, abs=0.006)


def test_words_alone_move_nothing(tree: Path):
    edit(ALPHA, ("detail: Invented.", "detail: By a coin."))
    assert "alpha: contributes the same; other fields changed: design.detail" in said()
    assert "As before: Relapse; Recovery." in said()


def test_an_edit_of_the_protocol_is_named(tree: Path):
    edit(TINY.protocol, ("    tau: half_normal(0.5)\n", "    tau: half_normal(0.4)\n"))
    words = said()
    assert re.search(
        r"the protocol: prior_sets.default.tau was half_normal\(0.5\), is\s+half_normal\(0.4\)",
        words,
    )
    assert "By the protocol: the probability of more " in words
    edit(TINY.protocol, ("few_studies: too few studies,", "few_studies: few studies,"))
    other_counts()
    assert "By the protocol alone: " in said() and "By alpha alone: " in said()


def test_a_new_outcome_has_no_answer_before(tree: Path):
    text = TINY.protocol.read_text()
    start, end = text.index("  recovery:\n"), text.index("moderators:\n")
    another = text[start:end].replace("recovery", "sleep").replace("Recovery", "Sleep")
    TINY.protocol.write_text(text[:end] + another + text[end:])
    assert "Sleep:\n    new nothing can be said: no effect on this outcome" in said()
    other_counts()
    edit(TINY.record("delta"), ("outcome: recovery", "outcome: sleep"))
    assert "what each change does alone is not told apart" in said()


def test_new_conflicts_and_questions_are_told(tree: Path):
    text = ALPHA.read_text()
    finding = """\
      - kind: finding
        direction: increase
        significance: significant
        sizes: [{name: all, basis: reported, treated: 100, control: 100, source: &}]
        source: &
""".replace("&", "{url: 'https://example.org/alpha', locator: page 3, kind: abstract}")
    ALPHA.write_text(f"{text}{finding}".replace("eligibility: Invented.", "eligibility: TODO"))
    words = said()
    assert re.search(r"conflict: statement is z", words)
    assert "New questions, to correct or to confirm:\n  data/raw/tiny/studies/alpha.yaml:" in words


def test_a_mistake_is_told_as_check_tells_it(tree: Path):
    edit(ALPHA, ("events: 20", "events: 120"), ("outcome: relapse", "outcome: relaps"))
    told = []
    for command in ("check", "preview"):
        with pytest.raises(ReviewError) as refused:
            app([command, "--review", "tiny"], standalone_mode=False)
        told.append(str(refused.value))
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("counts 12/100 9/98", "binomial"),
        ("odds_ratio 0.8 0.6 1.1", "normal"),
        ("log_odds_ratio -0.2 -0.5 0.1", "normal"),
        ("finding decrease significant 120 118", "interval"),
    ],
)
def test_a_supposed_study_is_weighed_as_one_on_file(tree: Path, text: str, kind: str):
    state = on_record(TINY)
    document, study = supposed_study(text, "relapse", 1, state.protocol)
    supposed = OnRecord(state.protocol, [*state.records, (document, study)])
    [*terms] = supposed.terms("relapse").query("study_id == 'what_if_1'")["likelihood"]
    assert set(terms) == {kind}
    assert f"what_if_1 is on no file: {text}, the treated group first." in said((text, "relapse"))


def test_the_treated_group_is_the_first(tree: Path):
    few, many = (said((text, "relapse")) for text in ("counts 1/300 90/300", "counts 90/300 1/300"))
    assert "log odds ratio -4" in " ".join(few.split())
    assert "log odds ratio 4" in " ".join(many.split())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--what-if", "counts 12 9", "--outcome", "relapse"], "found 'counts 12 9'; allowed: `c"),
        (["--what-if", "counts 120/100 9/98", "--outcome", "relapse"], "at most the total, 100"),
        (["--what-if", "counts 1.5/100 9/98", "--outcome", "relapse"], "found 1.5; allowed: a who"),
        (["--what-if", "odds_ratio x 1 2", "--outcome", "relapse"], "found 'x'; allowed: a numb"),
        (["--what-if", "odds_ratio nan 1 2", "--outcome", "relapse"], "found nan"),
        (["--what-if", "odds_ratio 3 1 2", "--outcome", "relapse"], "around the value 3"),
        (["--what-if", "finding up significant", "--outcome", "relapse"], "one of increase, decr"),
        (["--what-if", "finding increase significant", "--outcome", "relapse"], "no group sizes"),
        (["--what-if", "mean_difference 1 0 2", "--outcome", "relapse"], "cannot become an odds"),
        (["--what-if", "counts 1/9 2/9", "--outcome", "relaps"], "did you mean `relapse`?"),
        (["--what-if", "counts 1/9 2/9"], "--outcome: found nothing; allowed: an outcome"),
        (["--outcome", "relapse"], "--outcome: found 'relapse'; allowed: nothing without"),
    ],
)
def test_bad_text_is_refused(tree: Path, arguments: list[str], told: str):
    with pytest.raises(ReviewError) as refused:
        app(["preview", "--review", "tiny", *arguments], standalone_mode=False)
    [problem] = refused.value.problems
    assert told in str(problem)


def test_a_release_serves_where_there_is_no_build_and_no_commit(tree: Path):
    assert "compared with the records of the last release (of 2026-11-24; its protocol" in said(
        files=SHIPPED
    )


def test_no_size_where_none_is_learnt(tree: Path):
    build_shipped()
    words = said(("finding increase significant 120 118", "police_recorded"), files=SHIPPED)
    words = " ".join(words.split())
    assert words.count("Odds ratio: these studies do not tell how large.") >= 2
    assert "95% interval" not in words


def test_a_size_says_where_it_owes_to_groups_of_unknown_size(tree: Path):
    build_shipped()
    words = " ".join(said(("counts 12/100 9/98", "service_use"), files=SHIPPED).split())
    assert words.count("in part from groups whose size no source gives. Spread") == 2


def test_too_few_studies_have_no_verdict(tree: Path):
    edit(TINY.protocol, ("fewest_studies_for_a_verdict: 2", "fewest_studies_for_a_verdict: 9"))
    assert "now too few studies, leaning to less (4 studies)." in said()


def test_the_last_commit_serves_where_there_is_no_build(tree: Path):
    shutil.rmtree("results")
    name = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "."], [*name, "commit", "-q", "-m", "All"]):
        subprocess.run(["git", *command], check=True)
    assert said().startswith("tiny: nothing changed since the last commit (")
    other_counts()
    assert "  alpha: changed\n" in said()


def test_without_any_state_before_a_study_can_be_supposed(tree: Path):
    shutil.rmtree("results")
    words = said(("counts 12/100 9/98", "relapse"))
    assert "compared with the files as they stand" in words
    assert "By what_if_1: " in words


def test_watching_goes_on_past_a_mistake_and_ends_quietly(tree: Path):
    command = [sys.executable, "-u", "-m", "livingreview", "preview", "--review", "tiny", "--watch"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell lets what it runs in the background ignore Ctrl-C, and its children with it.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stdout and process.stderr

        def read_until(part: str) -> None:
            while part not in (line := process.stdout.readline()):
                assert line, "it ended"

        try:
            read_until("nothing changed")
            text = ALPHA.read_text()
            ALPHA.write_text(text.replace("events: 20", "events: 120"))
            read_until("at most the total, 100")
            ALPHA.write_text(text.replace("events: 20", "events: 30"))
            read_until("By alpha: ")
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=60) == 0
            assert process.stderr.read() == ""
        finally:
            process.kill()


def test_it_loads_no_sampler_and_draws_nothing(tree: Path):
    edit(ALPHA, ("events: 20", "events: 30"))
    code = (
        "import sys; from livingreview.__main__ import app;"
        "app(['preview', '--review', 'tiny'], standalone_mode=False);"
        "heavy = {'pymc', 'pytensor', 'arviz', 'xarray', 'matplotlib', 'snakemake'};"
        "print(heavy & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "By alpha: " in done.stdout
    assert done.stdout.endswith("\nset()\n")


def test_answers_are_those_of_the_build(built: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(built)
    assert said() == "tiny: nothing changed since the last build (results/tiny)."
    summary = Summary.read(Path("results/tiny", Summary.file)).set_index("fit")
    state = on_record(TINY)
    for outcome in state.protocol.outcomes:
        answer = state.answer(outcome)
        if isinstance(answer, str):
            assert f"{outcome}/overall" not in summary.index
            continue
        row = summary.loc[f"{outcome}/overall"].dropna().to_dict()
        for name, value in answer.items():
            # To the digit, but for what reading a table may round.
            expected = pytest.approx(value, rel=1e-12) if isinstance(value, float) else value
            assert row[name] == expected, name
        # Counts per 1,000 are told by the page alone.
        only_there = {name for name in row.keys() - answer.keys() if "per_1000" not in name}
        assert only_there == {"outcome", "model", "setting"}
