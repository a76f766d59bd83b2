"""Fits and evidence made bad on purpose: which check catches them, and what follows."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from made_up_fits import counts, data_of, drawn_fit, estimate, finding, model, priors, terms_of

from livingreview.base.measures import ODDS_RATIO
from livingreview.checks.duplicates import confirmed_pairs, duplicate_pairs
from livingreview.checks.gate import CheckTables, judge, stops, warnings
from livingreview.checks.influence import influence_tables
from livingreview.checks.parity import parity_table
from livingreview.checks.predictive import predictive_table
from livingreview.checks.reml import reml_tables
from livingreview.checks.sampling import trajectory_table
from livingreview.models.fits import read_fits, write_fits
from livingreview.tables.checks import (
    Influence,
    Parity,
    PowerScaling,
    Predictive,
    Reml,
    Sampling,
    SmallGroups,
    Trajectories,
)
from livingreview.tables.models import Pooled

EMPTY = {
    "measure": ODDS_RATIO,
    "sampling": Sampling.frame([]),
    "trajectories": Trajectories.frame([]),
    "parity": Parity.frame([]),
    "predictive": Predictive.frame([]),
    "influence": Influence.frame([]),
    "power_scaling": PowerScaling.frame([]),
    "reml": Reml.frame([]),
    "small_groups": SmallGroups.frame([]),
    "terms": {},
}
# Pooled odds ratio near 1, little heterogeneity, as clear as eight large studies make it.
STUDIES = [
    estimate(f"s{i}", v, 0.15) for i, v in enumerate((-0.2, 0.3, 0.1, 0, -0.3, 0.2, 0.05, -0.1))
]


def judged(limits, **tables):
    """Verdict and worst quantity of each check."""
    return judge(CheckTables(**EMPTY | tables), limits).set_index("check")


def judged_fit(fit, limits):
    predictive, (reml, _) = predictive_table([fit], seed=1), reml_tables([fit])
    influence, _, scaling, _ = influence_tables([fit], limits, seed=1)
    return judged(
        limits, predictive=predictive, reml=reml, influence=influence, power_scaling=scaling
    )


def test_a_sound_fit_passes_every_check(protocol):
    checks = judged_fit(drawn_fit(data_of(*STUDIES), draws=4000), protocol.checks)
    assert len(checks) == 8
    sound = checks.drop(index="prior_sensitivity")
    assert (sound["verdict"] == "pass").all(), sound


def test_stuck_energy_stops(protocol):
    # Energies that wander slowly, as in a funnel's neck: E-BFMI is their own definition.
    rng = np.random.default_rng(1)
    energy = rng.normal(size=(4, 500)).cumsum(axis=1)
    stats = xr.Dataset(
        {"energy": (("chain", "draw"), energy), "diverging": (("chain", "draw"), energy > 1e9)}
    )
    fits = [("o/m", xr.DataTree.from_dict({"sample_stats": stats}))]
    table = trajectory_table(fits)
    by_hand = (np.diff(energy, axis=1) ** 2).mean(axis=1) / energy.var(axis=1, ddof=1)
    assert table["e_bfmi"].item() == pytest.approx(by_hand.min())
    sampling = Sampling.frame(
        [
            {"fit": "o/m", "quantity": "mu", "r_hat": 1.0}
            | {"ess_bulk": 1e4, "ess_tail": 1e4, "mcse_mean": 0.01}
        ]
    )
    checks = judged(protocol.checks, sampling=sampling, trajectories=table)
    assert checks["verdict"].to_dict() == {
        "r_hat": "pass",
        "ess_bulk": "pass",
        "ess_tail": "pass",
        "divergences": "pass",
        "e_bfmi": "stop",
    }


def test_a_chain_without_r_hat_stops(protocol):
    rows = [
        {"fit": "o/m", "quantity": q, "r_hat": r, "ess_bulk": 500, "ess_tail": 500, "mcse_mean": 0}
        for q, r in (("mu", 1.0), ("tau", np.nan))
    ]
    moves = Trajectories.frame([{"fit": "o/m", "transitions": 9, "divergences": 0, "e_bfmi": 1.0}])
    checks = judged(protocol.checks, sampling=Sampling.frame(rows), trajectories=moves)
    assert checks.loc["r_hat", ["quantity", "verdict"]].tolist() == ["tau", "stop"]


def test_engines_that_disagree_stop(protocol):
    fit = drawn_fit(data_of(*STUDIES), draws=4000)
    tree = xr.DataTree.from_dict({"posterior": fit.posterior})
    mu = fit.draws("mu")
    answer = {"fit": "o/overall", "outcome": "o", "model": "overall", "engine": "quadrature"}
    levels = dict(
        zip(("q2_5", "q5", "q50", "q95", "q97_5"), (0.025, 0.05, 0.5, 0.95, 0.975), strict=True)
    )
    for shift, verdict in ((0.0, "pass"), (0.1, "stop")):
        figures = {"mean": mu.mean() + shift, "sd": mu.std(ddof=1)}
        figures |= {name: np.quantile(mu, level) + shift for name, level in levels.items()}
        integrated = Pooled.frame([answer | {"quantity": "mu"} | figures])
        parity = parity_table([("o/overall", tree)], integrated, 4)
        assert judged(protocol.checks, parity=parity).loc["parity", "verdict"] == verdict


@pytest.mark.parametrize(
    ("moved", "verdict"), [((0.19, 0.1), "pass"), ((0.21, 0.1), "warn"), ((0.1, 0.21), "warn")]
)
def test_a_law_of_small_groups_that_moves_a_median_by_a_fifth_of_its_sd_warns(
    protocol, moved, verdict
):
    row = {"fit": "o/m", "exact": 0.5, "normal": 0.4, "wald": 0.4, "sd": 0.5}
    row |= dict.fromkeys(("p_above_zero", "p_above_zero_normal", "p_above_zero_wald"), 0.9)
    rows = [
        row | {"quantity": "mu", "normal_sds": 0.05, "wald_sds": 0.05},
        row | {"quantity": "tau", "normal_sds": moved[0], "wald_sds": moved[1]},
    ]
    checks = judged(protocol.checks, small_groups=SmallGroups.frame(rows))
    name = "with the normal law" if moved[0] > moved[1] else "with Wald's test"
    found = checks.loc["small_group_sds", ["quantity", "value", "verdict"]]
    assert found.tolist() == [f"tau {name}", max(moved), verdict]


def test_a_prior_written_a_hundred_times_too_wide_warns(protocol):
    wide = model(of=priors(mu="normal(0, 10)"))
    checks = judged_fit(drawn_fit(data_of(*STUDIES), wide), protocol.checks)
    row = checks.loc["prior_effect"]
    assert row["verdict"] == "warn"
    assert row["value"] > 1e6


def test_a_prior_far_from_the_studies_warns(protocol):
    far = model(of=priors(mu="normal(3, 0.2)", tau="half_normal(0.2)"))
    checks = judged_fit(drawn_fit(data_of(*STUDIES), far), protocol.checks)
    assert checks.loc["prior_predictive_p", "verdict"] == "warn"
    assert checks.loc["prior_sensitivity", "verdict"] == "warn"
    assert checks.loc["prior_sensitivity", "value"] > 0.2
    assert checks.loc["reml_sds", "verdict"] == "warn"
    # Its width is usual: the check of slips of the pen has nothing to say.
    assert checks.loc["prior_effect", "verdict"] == "pass"


def test_a_heterogeneity_prior_written_a_hundred_times_too_narrow_warns(protocol):
    spread = [estimate(f"s{i}", v, 0.1) for i, v in enumerate((-1.0, 1.2, 0.1, -0.8, 0.9, 0.0))]
    narrow = model(of=priors(tau="half_normal(0.005)"))
    checks = judged_fit(drawn_fit(data_of(*spread), narrow), protocol.checks)
    assert checks.loc["posterior_predictive_p", ["quantity", "verdict"]].tolist() == [
        "spread",
        "warn",
    ]
    assert judged_fit(drawn_fit(data_of(*spread)), protocol.checks).loc[
        "posterior_predictive_p", "verdict"
    ] == ("pass")


@pytest.mark.long
def test_an_outlying_study_warns_by_name(protocol):
    studies = [*STUDIES, estimate("outlier", 4.0, 0.15)]
    checks = judged_fit(drawn_fit(data_of(*studies)), protocol.checks)
    assert checks.loc["loo_pit_p", ["quantity", "verdict"]].tolist() == ["outlier", "warn"]


@pytest.mark.parametrize(
    "twice",
    [
        lambda name: estimate(name, -0.4, 0.3),
        lambda name: counts(name, 20, 150, 35, 140),
        lambda name: finding(name, 1.96, np.inf, 150.0),
    ],
    ids=["estimate", "counts", "finding"],
)
def test_a_study_entered_twice_stops(protocol, twice):
    terms = terms_of(twice("one"), estimate("other", -0.4, 0.31), twice("two"))
    checks = judged(protocol.checks, terms={"o": terms, "p": terms_of(twice("one"))})
    found = checks.reset_index().set_index("fit")
    assert found.loc["o", ["value", "quantity", "verdict"]].tolist() == [1, "one two", "stop"]
    assert found.loc["p", "verdict"] == "pass"
    lines = stops(found.reset_index())
    assert lines == [
        "o: duplicate_evidence of one two is 1, limit 0 (see 2_effects/o.csv)",
        "One of the two may be a copy: correct or delete its record.",
    ]


def test_too_few_draws_stop_with_the_place_to_ask_for_more(protocol):
    row = {"fit": "o/overall", "quantity": "mu", "value": 1.011, "threshold": 1.01}
    row |= {"verdict": "stop", "file": "4_checks/sampling.csv"}
    lines = stops(pd.DataFrame([row | {"check": check} for check in ("r_hat", "ess_bulk")]))
    assert lines[0].startswith("o/overall: r_hat of mu is 1.011, limit 1.01")
    assert lines[2:] == [
        "Draw more: raise `sampler: draws` in config/config.yaml, and `tune` with it."
    ]


def test_studies_that_differ_in_one_number_are_two():
    one, other = counts("one", 20, 150, 35, 140), counts("other", 20, 150, 35, 141)
    assert duplicate_pairs(terms_of(one, other)) == []
    three = [counts(name, 20, 150, 35, 140) for name in ("a", "b", "c")]
    assert duplicate_pairs(terms_of(*three)) == [("a", "b"), ("a", "c"), ("b", "c")]


def test_a_pair_that_a_record_confirms_is_two_and_others_are_not(protocol):
    asked = {"status": "asked", "study_id": "c", "twin": "a"}
    questions = pd.DataFrame([asked, asked | {"status": "confirmed", "study_id": "b"}])
    assert confirmed_pairs(questions) == {("a", "b")}
    terms = terms_of(*(counts(name, 20, 150, 35, 140) for name in ("a", "b", "c")))
    distinct = confirmed_pairs(questions)
    found = judged(protocol.checks, terms={"o": terms}, distinct=distinct)
    assert found.loc["duplicate_evidence", ["value", "quantity"]].tolist() == [2, "a c"]


def test_two_statements_without_sizes_are_no_twins():
    bare = [finding(name, -np.inf, 1.96, np.nan) for name in ("a", "b")]
    assert duplicate_pairs(terms_of(*bare)) == []
    sized = [finding(name, -np.inf, 1.96, 50.0) for name in ("a", "b")]
    assert duplicate_pairs(terms_of(*sized)) == [("a", "b")]


def test_the_protocol_says_what_follows(protocol):
    fit = drawn_fit(data_of(*STUDIES), model(of=priors(mu="normal(0, 10)")))
    table = predictive_table([fit], seed=1)
    limits = protocol.checks
    told = judge(CheckTables(**EMPTY | {"predictive": table}), limits)
    assert stops(told) == []
    warned = [line.split(" of ")[0] for line in warnings(told)]
    assert warned == ["o/overall: prior_effect", "o/overall: prior_predictive_p"]
    stricter = limits.prior_effect_at_most.model_copy(update={"consequence": "stop"})
    limits = limits.model_copy(update={"prior_effect_at_most": stricter})
    told = judge(CheckTables(**EMPTY | {"predictive": table}), limits)
    stopped, why = stops(told)
    assert [stopped.split(" of ")[0]] == warned[:1] and why.startswith("The protocol stops here")
    assert [line.split(" of ")[0] for line in warnings(told)] == warned[1:]


def test_fits_are_read_as_they_were_written(tmp_path):
    fit = drawn_fit(data_of(finding("a", 1.96, np.inf, 50.0), *STUDIES))
    diverging = xr.Dataset({"diverging": (("chain", "draw"), np.eye(4, 500, dtype=bool))})
    posterior = fit.posterior.assign_attrs(setting_studies=[9])
    sampled = xr.DataTree.from_dict({"posterior": posterior, "sample_stats": diverging})
    other = drawn_fit(data_of(*STUDIES)).posterior
    written = {"overall": sampled, "another": xr.DataTree.from_dict({"posterior": other})}
    path = tmp_path / "o.nc"
    write_fits(path, written)
    found = read_fits([path])
    assert [name for name, _ in found] == ["o/overall", "o/another"]
    with xr.open_datatree(path, engine="h5netcdf") as tree:
        for name, fit in found:
            for group, branch in tree[name.split("/")[1]].children.items():
                theirs, ours = branch.to_dataset(), fit[group].to_dataset()
                xr.testing.assert_equal(ours, theirs)
                assert list(ours.data_vars) == list(theirs.data_vars)
    assert found[0][1]["sample_stats"]["diverging"].dtype == bool
    assert np.atleast_1d(found[0][1]["posterior"].attrs["setting_studies"]).tolist() == [9]
