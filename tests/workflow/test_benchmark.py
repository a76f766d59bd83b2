"""The benchmark beside other software: its runner and its document, on made-up rows."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "benchmarks"))

from side_by_side.__main__ import rows  # noqa: E402
from side_by_side.document import page, span  # noqa: E402
from side_by_side.figure import draw, table  # noqa: E402
from side_by_side.measured import as_text, measured_of, read  # noqa: E402
from side_by_side.reference import difference, log_odds_ratios, moments  # noqa: E402
from side_by_side.software import CASES, PEERS, Peer, prior_variants  # noqa: E402

EXACT = {case: [{"mu": {"mean": -0.73, "sd": 0.19}}] for case in CASES}
MACHINE = "a made-up machine"


def made_up(name, seconds, *, off=0.0, ess=None, compiling=0.0, fits=None, date="2026-11-24"):
    """What a peer would be measured at, whose every fit takes as long."""
    peer = PEERS[name]
    told = [{"version": f"{name} 1.0", "start": {"wall": 1.0, "cpu": 1.0}}]
    for case, (_, count) in CASES.items():
        done = min(count, fits or count)
        statistics = {"mean": -0.73 + off} | ({"ess": ess} if ess else {})
        spent = {"wall": 2 * seconds * done, "cpu": seconds * done}
        row = {"case": case, "fits": done, "passes": 3, "fit": spent, "best": spent}
        row["answers"] = [{"mu": statistics}] * done
        if compiling:
            row["compile"] = {"wall": compiling, "cpu": compiling}
        if case not in peer.without:
            told.append(row)
    return measured_of(peer, told, EXACT, date, MACHINE, 2.0)


@pytest.fixture
def found():
    return {
        "jags": made_up("jags", 0.1, off=0.003, ess=2000, fits=50),
        "quadrature": made_up("quadrature", 0.0015),
        "nuts": made_up("nuts", 0.5, off=0.004, ess=4000, compiling=4.0),
        "brms": made_up("brms", 1.0, off=0.005, ess=1000, compiling=40.0, fits=50),
        "bayesmeta": made_up("bayesmeta", 3.0, off=7e-5, fits=2, date="2026-11-01"),
        "metafor": made_up("metafor", 0.001, off=0.0149),
    }


def section(text, heading):
    """Part of a page below a heading."""
    return text.split(f"# {heading}\n", 1)[1].split("\n#", 1)[0]


def cells(text, case, label):
    """Row of a table."""
    lines = section(text, CASES[case][0]).splitlines()
    (line,) = [line for line in lines if line.startswith((f"| {label} |", f"| **{label}** |"))]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_ratios_and_times_are_those_of_the_rows(found):
    text = page(found)
    row = cells(text, "random_effects", "brms")
    assert row[1:7] == ["1.0 s", "40 s", "1.0 s", "42 s", "2.0 s", "43 s"]
    assert row[7:] == ["1,000", "5.0e-03, 5.0e-03", "667", "42"]
    assert cells(text, "random_effects", "ours: quadrature")[9:] == ["1.0", "1.0"]
    # Cut short after 50 of 1,000 fits of 0.1 s.
    assert cells(text, "prior_variants", "JAGS")[3] == "100 s"
    assert "done were: bayesmeta 2, brms 50, JAGS 50." in section(text, CASES["prior_variants"][0])


def test_every_hope_is_judged(found):
    hopes = section(page(found), "What was hoped for")
    assert (
        "2,000 times (4.0 times with start), within 7.0e-05 of each other in μ: **kept**" in hopes
    )
    # 1 + 40 + 1 seconds against 1 + 4 + 0.5.
    assert "7.6 times (2.0 times without): **not kept**" in hopes
    assert "667 of normal terms" in hopes
    found["bayesmeta"] = made_up("bayesmeta", 3.0, off=7e-4, fits=2)
    assert "7.0e-04 of each other in μ: **not kept**" in section(page(found), "What was hoped for")


def test_a_faster_peer_is_named_and_a_slower_one_is_not(found):
    lost = section(page(found), "Where we lose").splitlines()
    plain = [line for line in lost if line.startswith("| One random-effects fit | quadrature |")]
    # JAGS and brms are slower, and bayesmeta is.
    assert [line.split("|")[3:8] for line in plain] == [
        [" fit ", " metafor ", " 1.5 ", " 1.0 ms ", " 1.5 ms "],
        [" all ", " metafor ", " 1.0 ", " 1.0 s ", " 1.0 s "],
    ]
    nuts = [line for line in lost if line.startswith("| One random-effects fit | NUTS |")]
    assert "| One random-effects fit | NUTS | fit | JAGS | 5.0 | 100 ms | 500 ms |" in nuts
    assert "| One random-effects fit | NUTS | all | metafor | 5.5 | 1.0 s | 5.5 s |" in nuts
    drawn = "| One random-effects fit | NUTS | effective draws | JAGS | 2.5 | 20,000/s | 8,000/s |"
    assert drawn in nuts


def test_where_nobody_is_faster_that_is_said(found):
    assert "Nowhere" in page({name: found[name] for name in ("quadrature", "nuts")})


def test_what_is_quoted_or_missing_is_said(found):
    text = section(page(found), "Not measured")
    assert "bayesmeta: not installed; quoted as measured on 2026-11-01, a made-up machine" in text
    assert "PyMARE: not installed, and never measured before" in text
    assert "metafor, 1,000 variants of the priors: has no priors" in text


def test_what_was_measured_is_read_again(found, tmp_path):
    file = tmp_path / "measured.json"
    assert read(file) == {}
    file.write_text(as_text(found), encoding="utf-8")
    assert read(file) == found


def test_the_figure_has_a_row_for_every_case_of_every_peer(found):
    figure = draw(found)
    assert len(figure.axes) == len(CASES)
    for axes, case in zip(figure.axes, CASES, strict=True):
        shown = [label.get_text() for label in axes.get_yticklabels()]
        with_case = [PEERS[name].label for name, one in found.items() if case in one.rows]
        assert sorted(shown) == sorted(with_case)
    assert table(found).groupby("case")["all"].is_monotonic_increasing.all()


def test_a_peer_that_keeps_a_case_back_is_refused():
    told = [{"version": "1", "start": {"wall": 1.0, "cpu": 1.0}}]
    with pytest.raises(SystemExit, match="tells of other cases"):
        measured_of(PEERS["jags"], told, EXACT, "2026-11-24", MACHINE, 1.0)


def test_a_peer_that_is_not_there_says_so(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert rows(PEERS["metafor"], 1.0) == [{"not_run": "R is not installed"}]


def test_a_script_that_fails_is_told_with_its_words(tmp_path, monkeypatch):
    (tmp_path / "peers").mkdir()
    (tmp_path / "peers/broken.py").write_text("raise ValueError('no such prior')")
    monkeypatch.setattr("side_by_side.__main__.HERE", tmp_path)
    with pytest.raises(SystemExit, match="no such prior"):
        rows(Peer("broken", "broken.py", "sampling"), 1.0)


def test_the_exact_answer_agrees_with_the_pinned_one():
    import peers

    pinned = peers.figures("numerical_integration")["logOR_mu1.5"]
    found = moments(*log_odds_ratios(), 1.5, 0.5)
    assert difference([found], [pinned], ("mu", "tau")) < 1e-9


def test_variants_of_the_priors_are_spread_from_the_first_few_on():
    variants = prior_variants()
    assert len(set(variants)) == CASES["prior_variants"][1]
    for few in (variants[:8], variants):
        for values, middle in zip(zip(*few, strict=True), (1.18, 0.316), strict=True):
            below = sum(value < middle for value in values)
            assert len(few) / 4 <= below <= 3 * len(few) / 4


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.00123, "1.2 ms"), (0.5, "500 ms"), (1.0, "1.0 s"), (119.0, "119 s"), (36000.0, "10 h")],
)
def test_seconds_are_told_in_a_unit_that_fits(seconds, words):
    assert span(seconds) == words
