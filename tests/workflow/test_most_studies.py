"""More studies than may be sampled: refused in words, and answered by integration alone."""

import math
import shutil

import pandas as pd
import pytest
from conftest import ROOT
from decision_rules import NO_SIZES

from livingreview.effects.refusal import Refusal
from livingreview.effects.specification import refuse_beyond, specify
from livingreview.protocol.review import Protocol, read_protocol
from livingreview.report.claims import Claims
from livingreview.report.sentences.checks import soundness
from livingreview.report.sentences.effects import effect_sentences
from livingreview.synthesis.moderator_verdicts import ModeratorTables, moderators_table

TERMS = pd.DataFrame({"study_id": ["a", "b", "c"], "effect_id": ["a/o", "b/o", "c/o"]}).assign(
    kind="counts"
)
STUDIES = TERMS[["study_id"]].assign(
    moderator_design=["quasi_experimental", "experimental", "experimental"]
)
REASON = "3 studies are more than the 2 that may be sampled (`most_studies` in config/config.yaml)"
EFFECTS = pd.DataFrame({"effect_id": ["a/o"], "outcome": "relapse", "status": ["analysed"]})
SUMMARY = pd.DataFrame({"fit": []})


@pytest.fixture(scope="module")
def protocol(tmp_path_factory: pytest.TempPathFactory) -> Protocol:
    path = tmp_path_factory.mktemp("reviews") / "tiny.yaml"
    return read_protocol(shutil.copy(ROOT / "tests/tiny_review/protocol.yaml", path))


@pytest.mark.parametrize(
    ("most", "status", "reason"),
    [(2, "refused", REASON), (3, "fitted", None), (None, "fitted", None)],
)
def test_an_outcome_with_too_many_studies_is_refused(protocol, most, status, reason):
    specifications, told = specify(protocol.specifications(), STUDIES, TERMS, most)
    assert set(told["status"]) == {status}
    assert set(told["reason"]) == {reason}
    assert len(specifications) == (0 if reason else len(told))


def test_the_limit_itself_is_allowed():
    refuse_beyond(2, 2)
    with pytest.raises(Refusal, match="3 studies are more than the 2"):
        refuse_beyond(2, 3)


def said(protocol: Protocol, effects: pd.DataFrame, engine: str, learnt: bool = True) -> str:
    pooled = pd.DataFrame({"fit": ["relapse/overall"], "engine": engine, "quantity": "mu"})
    pooled = pooled.assign(q50=math.log(0.5), q2_5=math.log(0.25), q97_5=math.log(0.75))
    pooled = pooled.assign(p_above_zero=0.02, size_learnt=learnt)
    new = pooled.assign(quantity="theta_new", q2_5=math.log(0.125), q97_5=math.log(1.5))
    models = pd.DataFrame({"model": ["overall"], "reason": REASON})
    claims = Claims(
        {
            "1_records/effects.csv": effects,
            "5_synthesis/summary.csv": SUMMARY,
            "3_models/relapse.models.csv": models,
            "5_synthesis/pooled.csv": pd.concat([pooled, new]),
        }
    )
    return " ".join(map(str, effect_sentences(claims, protocol, "relapse").values()))


def test_the_page_gives_the_reason_and_the_integrated_effect(protocol):
    start = f"Relapse: not sampled, as {REASON}, so there is no verdict."
    assert said(protocol, EFFECTS, "quadrature") == (
        f"{start} By numerical integration, without the checks that a verdict needs, the pooled"
        " odds ratio is 0.50. Its 95% interval runs from 0.25 to 0.75, and the probability of more"
        " is 2%. In a new place, the odds ratio may lie anywhere from 0.13 to 1.5."
    )
    assert said(protocol, EFFECTS, "quadrature", learnt=False) == (
        f"{start} By numerical integration, without the checks that a verdict needs, the"
        " probability of more is 2%, and in a new place 2%; these studies do not tell how large."
    )
    assert said(protocol, EFFECTS, "nuts") == start
    nothing = said(protocol, EFFECTS.assign(status="not_usable"), "quadrature")
    assert nothing == "Relapse: no effect could be analysed, so nothing can be said."


def test_a_model_that_was_not_sampled_has_no_moderators(protocol):
    results = ModeratorTables(
        pooled=pd.DataFrame({"fit": ["relapse/design"], "engine": "quadrature", "quantity": "mu"}),
        left_out=pd.DataFrame({"fit": []}),
        terms={"relapse": TERMS},
        moderators={"relapse": STUDIES},
        data={},
    )
    table = moderators_table(
        results,
        models=protocol.specifications(),
        codings={name: moderator.coding for name, moderator in protocol.moderators.items()},
        rules=protocol.decisions.moderators,
        measure=protocol.measure,
        learnt=NO_SIZES,
    )
    assert table.empty


def test_a_review_without_any_fit_says_that_none_was_sampled():
    checks = pd.DataFrame({"check": ["duplicate_evidence"], "value": [0.0]})
    checks["verdict"] = "pass"
    no_conflict = pd.DataFrame({"effect_id": []})
    claims = Claims({"4_checks/checks.csv": checks, "1_records/conflicts.csv": no_conflict})
    assert str(soundness(claims)["sampling"]) == "No model was sampled."
