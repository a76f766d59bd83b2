"""More studies than are sampled: integrated, and drawn from the integral, to the same answer."""

import shutil

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from tiny_trees import snakemake, tiny_tree

from livingreview.effects.specification import too_many
from livingreview.models.fits import is_sampled, read_fits
from livingreview.models.posterior import quantities
from livingreview.protocol.review import Protocol, read_protocol
from livingreview.report.claims import Claims
from livingreview.report.sentences.checks import soundness
from livingreview.report.sentences.effects import effect_sentences

REASON = "3 studies are more than the 2 that may be sampled (`most_studies` in config/config.yaml)"
EFFECTS = pd.DataFrame({"effect_id": ["a/o"], "outcome": "relapse", "status": ["analysed"]})
LEVELS = {"q2_5": 0.025, "q5": 0.05, "q50": 0.5, "q95": 0.95, "q97_5": 0.975}
# Of some hundred figures, one lies beyond this many standard errors in some fifty thousand tries.
ERRORS = 5.0


@pytest.fixture(scope="module")
def protocol(tmp_path_factory: pytest.TempPathFactory) -> Protocol:
    path = tmp_path_factory.mktemp("reviews") / "tiny.yaml"
    return read_protocol(shutil.copy(ROOT / "tests/tiny_review/protocol.yaml", path))


def test_the_limit_itself_is_allowed():
    assert too_many(2, 2) is None
    assert too_many(2, 3) == REASON


def test_a_model_that_neither_engine_serves_says_why(protocol):
    models = pd.DataFrame({"model": ["overall"], "reason": REASON})
    tables = {"1_records/effects.csv": EFFECTS, "3_models/relapse.models.csv": models}
    claims = Claims(tables | {"5_synthesis/summary.csv": pd.DataFrame({"fit": []})})
    [text] = effect_sentences(claims, protocol, "relapse").values()
    assert str(text) == f"Relapse: not estimated, as {REASON}, so there is no verdict."


def test_a_review_without_any_sampled_fit_says_so():
    checks = pd.DataFrame({"check": ["duplicate_evidence"], "value": [0.0]})
    checks["verdict"] = "pass"
    no_conflict = pd.DataFrame({"effect_id": []})
    claims = Claims({"4_checks/checks.csv": checks, "1_records/conflicts.csv": no_conflict})
    expected = "No model was sampled, so there is no sampler to check."
    assert str(soundness(claims)["sampling"]) == expected


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory):
    """Results of the tiny review, whole, where three studies are the most that are sampled."""
    tree = tiny_tree(tmp_path_factory.mktemp("many") / "tree")
    path = tree / "config/config.yaml"
    path.write_text(path.read_text().replace("most_studies: 2000", "most_studies: 3"))
    done = snakemake(tree)
    assert done.returncode == 0, done.stderr
    return tree / "results/tiny"


@pytest.mark.long
def test_draws_have_the_integrated_posterior(drawn):
    pooled = pd.read_csv(drawn / "5_synthesis/pooled.csv").set_index(["fit", "quantity"])
    assert set(pooled["engine"]) == {"quadrature"}
    apart = []
    for name, fit in read_fits([drawn / "3_models/relapse.nc"]):
        assert not is_sampled(fit)
        for quantity, (_, draws) in quantities(fit["posterior"].to_dataset()).items():
            answer, size = pooled.loc[(name, quantity)], draws.size
            apart.append((draws.mean() - answer["mean"]) / answer["sd"] * size**0.5)
            for column, level in LEVELS.items():
                share = np.mean(draws < answer[column])
                apart.append((share - level) / (level * (1 - level) / size) ** 0.5)
            # That of a new effect hangs on a few draws far out: its quantiles are compared alone.
            if not quantity.startswith("theta_new"):
                assert draws.std(ddof=1) == pytest.approx(answer["sd"], rel=0.08)
    assert len(apart) > 50
    assert np.abs(apart).max() < ERRORS


@pytest.mark.long
def test_checks_and_verdicts_are_those_of_the_sampled_review(drawn, built):
    def both(file, *keys):
        return (pd.read_csv(r / file).set_index([*keys]) for r in (drawn, built / "results/tiny"))

    own, sampled = both("5_synthesis/summary.csv", "fit", "setting")
    pd.testing.assert_frame_equal(own, sampled)
    own, sampled = both("5_synthesis/moderators.csv", "outcome", "model", "coefficient")
    assert own["verdict"].equals(sampled["verdict"])
    own, sampled = both("4_checks/influence.csv", "fit", "study_id")
    assert own["elpd"].to_numpy() == pytest.approx(sampled["elpd"].to_numpy(), abs=0.1)
    assert own["pit"].to_numpy() == pytest.approx(sampled["pit"].to_numpy(), abs=0.05)
    own, sampled = both("4_checks/power_scaling.csv", "fit", "quantity")
    for column in ("prior", "likelihood"):
        assert own[column].to_numpy() == pytest.approx(sampled[column].to_numpy(), abs=0.06)
    own, sampled = both("4_checks/predictive.csv", "fit", "based_on", "statistic")
    # Of 2,000 replications or fewer on each side, a tail probability has an error of 0.016.
    for column in ("p_at_least", "p_at_most"):
        apart = (own[column] - sampled[column]).dropna().abs()
        assert len(apart) > 10
        assert apart.max() < 4 * 0.016 * 2**0.5
    unchecked = pd.read_csv(drawn / "4_checks/unchecked.csv")
    assert {"sampling", "trajectories", "parity"} <= set(unchecked["table"])


@pytest.mark.long
def test_the_page_gives_the_verdict_and_names_the_engine(drawn):
    page = (drawn / "8_report/page.html").read_text()
    [verdict] = pd.read_csv(drawn / "5_synthesis/summary.csv").query("fit == 'relapse/overall'")[
        "verdict_words"
    ]
    assert verdict in page
    assert "in one way alone, by numerical integration" in page
    models = pd.read_csv(drawn / "3_models/relapse.models.csv")
    assert set(models["engine"]) == {"quadrature"}
