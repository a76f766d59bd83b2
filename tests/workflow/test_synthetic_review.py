"""The maker of synthetic reviews: its files are a user's files, and its truth is found again."""

import math
from pathlib import Path

import pytest
from synthetic_review import Design, Truth, records, write_review

from livingreview.__main__ import app
from livingreview.effects.data_set import dataset
from livingreview.effects.specification import Specification, specify
from livingreview.effects.terms import build_terms
from livingreview.models.quadrature.engine import answer
from livingreview.protocol.review import Protocol, read_protocol
from livingreview.records.reading import read_studies
from livingreview.records.record_tables import extract
from livingreview.tables.effects import StudyModerators

# Normal quantile of a 99% interval.
REACH = 2.576
TRUTHS = {"relapse": Truth(-0.4, 0.2, beta=0.5), "recovery": Truth(0.3, 0.4)}
DESIGN = Design(150, outcomes=TRUTHS, extra_moderators=1, seed=3)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synthetic")
    write_review(DESIGN, folder)
    return folder


def test_records_pass_the_check(tree, monkeypatch, capsys):
    monkeypatch.chdir(tree)
    app(["check", "--review", "synthetic"], standalone_mode=False)
    told = capsys.readouterr().out
    assert "No problem in the files of synthetic." in told
    assert told.count(": extracted") == DESIGN.studies


@pytest.mark.long
def test_truth_is_recovered(tree):
    protocol = read_protocol(tree / "config/reviews/synthetic.yaml")
    found = {}
    for outcome, (data, specifications) in integrable(tree, protocol).items():
        limit = math.log(protocol.decisions.practically_none_effect)
        for one in specifications:
            result = answer(data, one.design, one.model.priors, limit)
            assert result.converged
            found[f"{outcome}/{one.name}"] = result.quantities
    relapse, recovery = TRUTHS.values()
    for fit, quantity, truth in (
        ("relapse/design", "mu", relapse.mu),
        ("relapse/design", "tau", relapse.tau),
        ("relapse/design", "beta[design=experimental]", relapse.beta),
        ("recovery/overall", "mu", recovery.mu),
        ("recovery/overall", "tau", recovery.tau),
        ("recovery/design", "beta[design=experimental]", 0.0),
    ):
        figures = found[fit][quantity]
        assert abs(figures["mean"] - truth) < REACH * figures["sd"], (fit, quantity)
        # A posterior that says nothing would pass as well.
        assert figures["sd"] < 0.1


def integrable(tree: Path, protocol: Protocol) -> dict[str, tuple]:
    """Data and specifications of each outcome, made as the workflow's stages make them."""
    baselines, domains = protocol.assumed(), list(protocol.risk_of_bias_domains)
    paths = (tree / "data/raw/synthetic/studies").glob("*.yaml")
    read = read_studies(sorted(paths), baselines, protocol.moderator_levels(), domains)
    extraction = extract(read, baselines, list(protocol.moderators), domains)
    terms = build_terms(read, extraction.effects, baselines)
    made: dict[str, tuple] = {}
    for outcome, options in protocol.outcomes.items():
        of_outcome = terms[terms["outcome"] == outcome]
        studies = StudyModerators.select(
            extraction.studies, of_outcome, extraction.moderator_values
        )
        specifications: list[Specification] = specify(
            protocol.specifications(), studies, of_outcome
        )[0]
        made[outcome] = dataset(of_outcome, options.priors), specifications
    return made


def test_every_kind_of_evidence_occurs():
    pieces = [e for r in records(DESIGN) for effect in r["effects"] for e in effect["evidence"]]
    kinds = [piece["kind"] for piece in pieces]
    shares = {kind: kinds.count(kind) / len(kinds) for kind in DESIGN.kinds}
    # Within four standard errors of what was asked for.
    for kind, asked in DESIGN.kinds.items():
        assert shares[kind] == pytest.approx(asked, abs=4 * math.sqrt(asked / DESIGN.studies))


def test_same_seed_makes_the_same_records():
    assert records(DESIGN) == records(DESIGN)
    assert records(DESIGN) != records(Design(150, outcomes=TRUTHS, extra_moderators=1, seed=4))
