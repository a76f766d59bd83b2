"""Our deterministic answers against figures of other software (`validation/`)."""

from math import exp

import numpy as np
import peers
import pytest

from livingreview.evidence.preference import routes
from livingreview.quadrature.engine import answer
from livingreview.reml import reml

LEVELS = {"0.025": "q2_5", "0.05": "q5", "0.5": "q50", "0.95": "q95", "0.975": "q97_5"}
NORMAL = [
    (measure, model, mu_sd)
    for measure in ("OR", "RR")
    for model, mu_sd in (("overall", "1.5"), ("overall", "4"), ("latitude", "1.5"))
]


def figure(measure, model, mu_sd):
    return f"log{measure}_" + ("latitude" if model == "latitude" else f"mu{mu_sd}")


def integrated(data, studies, model, mu_sd):
    found = answer(data, peers.design(studies, model), peers.priors(mu_sd), peers.LIMIT)
    assert found.converged
    return found.quantities


def differences(found, pinned):
    """Difference of every figure that both have, by quantity and statistic."""
    pairs = {}
    for quantity, ours in peers.QUANTITIES.items():
        theirs = pinned.get(quantity, {})
        for name in theirs.keys() & {"mean", "sd"}:
            pairs[quantity, name] = abs(found[ours][name] - theirs[name])
        for level in theirs.get("quantiles", {}).keys() & LEVELS.keys():
            ours_at = found[ours][LEVELS[level]]
            pairs[quantity, level] = abs(ours_at - theirs["quantiles"][level])
    return pairs


@pytest.mark.parametrize(("measure", "model", "mu_sd"), NORMAL)
def test_quadrature_agrees_with_adaptive_integration(measure, model, mu_sd):
    found = integrated(*peers.estimates(measure), model, mu_sd)
    pinned = peers.figures("numerical_integration")[figure(measure, model, mu_sd)]
    apart = differences(found, pinned)
    assert len(apart) == 7 * (4 if model == "latitude" else 3)
    assert max(apart.values()) < 1e-4, max(apart, key=apart.get)


@pytest.mark.parametrize("mu_sd", ["1.5", "4"])
def test_quadrature_of_counts_agrees_with_adaptive_integration(mu_sd):
    found = integrated(*peers.counts(), "overall", mu_sd)
    apart = differences(found, peers.figures("numerical_integration")[f"counts_mu{mu_sd}"])
    assert len(apart) == 14
    assert max(apart.values()) < 1e-3, max(apart, key=apart.get)


@pytest.mark.parametrize(("measure", "model", "mu_sd"), NORMAL)
def test_quadrature_agrees_with_bayesmeta_within_its_own_accuracy(measure, model, mu_sd):
    found = integrated(*peers.estimates(measure), model, mu_sd)
    apart = differences(found, peers.figures("bayesmeta")[figure(measure, model, mu_sd)])
    # tau is integrated there too; mu and the prediction are read off a mixture of few normals.
    allowed = {"tau": 1e-4, "mu": 1e-3, "slope": 1e-3, "theta_new": 4e-3}
    for (quantity, statistic), difference in apart.items():
        assert difference < allowed[quantity], (quantity, statistic)


@pytest.mark.parametrize("model", ["reml", "reml_latitude"])
def test_reml_agrees_with_metafor(model):
    given = peers.figures("metafor")["logOR"]
    latitude = np.array([float(trial["latitude"]) for trial in peers.trials()])
    columns = np.column_stack([np.ones(13), latitude - latitude.mean()])
    width = 2 if model == "reml_latitude" else 1
    fit = reml(np.array(given["yi"]), np.array(given["vi"]), columns[:, :width])
    # metafor's search run to its end: six digits. Its default stops when tau squared moves
    # by less than 1e-5, which is what is pinned for the version of the brief.
    for name, tolerance in ((f"{model}_converged", 5e-7), (model, 2e-5)):
        theirs = peers.figures("metafor")[name]
        assert fit.coefficients == pytest.approx(theirs["coefficients"], abs=tolerance)
        assert fit.standard_errors == pytest.approx(theirs["standard_errors"], abs=tolerance)
        assert fit.tau_squared == pytest.approx(theirs["tau_squared"], abs=tolerance)


def test_shipped_records_hold_the_13_trials():
    shipped = {}
    for _, study in peers.records():
        treated, control = study.effects[0].evidence[0].arms
        numbers = (treated.events, treated.total, control.events, control.total)
        shipped[study.citation.year, *numbers] = study.moderators
    assert shipped == {
        (
            int(trial["year"]),
            *(
                int(trial[name])
                for name in ("events_treated", "total_treated", "events_control", "total_control")
            ),
        ): {"latitude": float(trial["latitude"]), "allocation": trial["allocation"]}
        for trial in peers.trials()
    }


def test_log_odds_ratios_of_the_records_are_metafors():
    given = peers.figures("metafor")["logOR"]
    theirs = sorted(zip(given["yi"], np.sqrt(given["vi"]), strict=True))
    ways = [routes(study.effects[0], 0.1)[0] for _, study in peers.records()]
    ours = sorted((way.log_odds_ratio.low, way.standard_error.low) for way in ways)
    assert np.array(ours) == pytest.approx(np.array(theirs), abs=1e-12)


def test_centre_of_latitude_is_its_mean():
    latitudes = [float(trial["latitude"]) for trial in peers.trials()]
    assert peers.protocol().moderators["latitude"].centre == pytest.approx(np.mean(latitudes))
    assert exp(peers.LIMIT) == pytest.approx(peers.protocol().decisions.practically_none_odds_ratio)
