"""Our deterministic answers against figures of other software (`validation/`)."""

from math import exp

import numpy as np
import peers
import pytest

from livingreview.models.quadrature.engine import answer
from livingreview.protocol.outcomes import Assumed
from livingreview.records.evidence.preference import routes

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
    return peers.as_figure(found.quantities)


def differences(one, other):
    """Difference of every mean, SD and quantile that both figures have."""
    pairs = {}
    for quantity in one.keys() & other.keys() & peers.QUANTITIES.keys():
        a, b = one[quantity], other[quantity]
        pairs |= {(quantity, s): abs(a[s] - b[s]) for s in ("mean", "sd") if s in a and s in b}
        a, b = a["quantiles"], b["quantiles"]
        pairs |= {(quantity, level): abs(a[level] - b[level]) for level in a.keys() & b.keys()}
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
def test_quadrature_agrees_with_fine_bayesmeta(measure, model, mu_sd):
    found = integrated(*peers.estimates(measure), model, mu_sd)
    pinned = peers.figures("bayesmeta")[f"{figure(measure, model, mu_sd)}_fine"]
    apart = differences(found, pinned)
    assert len(apart) == (9 if model == "latitude" else 21)
    assert max(apart.values()) < 1e-4, max(apart, key=apart.get)


@pytest.mark.parametrize(("measure", "model", "mu_sd"), NORMAL)
def test_quadrature_agrees_with_bayesmeta_within_its_own_accuracy(measure, model, mu_sd):
    found = integrated(*peers.estimates(measure), model, mu_sd)
    default, fine = (
        peers.figures("bayesmeta")[figure(measure, model, mu_sd) + suffix]
        for suffix in ("", "_fine")
    )
    moved = differences(fine, default)
    for which, difference in differences(found, default).items():
        # Its accuracy: how far its own figure moves when it is asked for a hundred times more.
        assert difference < moved[which] + 1e-4, which


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
    ways = [routes(study.effects[0], Assumed(probability=0.1))[0] for _, study in peers.records()]
    ours = sorted((way.possible.low, way.standard_error.low) for way in ways)
    assert np.array(ours) == pytest.approx(np.array(theirs), abs=1e-12)


def test_centre_of_latitude_is_its_mean():
    latitudes = [float(trial["latitude"]) for trial in peers.trials()]
    assert peers.protocol().moderators["latitude"].centre == pytest.approx(np.mean(latitudes))
    assert exp(peers.LIMIT) == pytest.approx(peers.protocol().decisions.practically_none_effect)
