"""The slope on the standard error: by another formula, from counts, and where it is refused."""

import numpy as np
import pandas as pd
import peers
import pytest
from scipy import stats
from scipy.optimize import brentq

from livingreview.effects.refusal import Refusal
from livingreview.effects.terms import build_terms
from livingreview.protocol.sensitivity import SmallStudies
from livingreview.records.record_tables import extract
from livingreview.sensitivity.small_studies import numeric_effects, small_studies, small_study_slope

LIMIT = np.log(1.1)
PER = 0.2


def rules(fewest):
    return SmallStudies(fewest_effects=fewest, standard_error_per=PER, reason="Invented.")


def bcg_terms():
    protocol, records = peers.protocol(), peers.records()
    baselines = {name: o.assumed for name, o in protocol.outcomes.items()}
    tables = extract(records, baselines, list(protocol.moderators), ["allocation"])
    return build_terms(records, tables.effects, baselines)


def by_another_route(value, error, per):
    """Mixture over a dense grid of tau, each part by generalised least squares."""
    columns = np.column_stack([np.ones(value.size), (error - error.mean()) / per])
    prior = np.diag([1.5**2, 1.0])
    tau = np.linspace(0, 3, 3001)
    weights, means, sds = [], [], []
    for t in tau:
        noise = np.diag(error**2 + t**2)
        marginal = noise + columns @ prior @ columns.T
        weights.append(
            stats.multivariate_normal(cov=marginal).logpdf(value)
            + stats.halfnorm.logpdf(t, scale=0.5)
        )
        gain = prior @ columns.T @ np.linalg.inv(marginal)
        means.append((gain @ value)[1])
        sds.append(np.sqrt((prior - gain @ columns @ prior)[1, 1]))
    weights = np.exp(np.array(weights) - max(weights))
    weights[0] /= 2
    weights /= weights.sum()

    def below(x):
        return float(weights @ stats.norm.cdf(x, means, sds))

    quantiles = [brentq(lambda x, q=q: below(x) - q, -9, 9) for q in (0.025, 0.5, 0.975)]
    return quantiles, 1 - below(0.0)


def effects_of(value, error, study=None):
    study = np.arange(len(value)) if study is None else study
    return pd.DataFrame({"study_id": study, "value": value, "error": error})


@pytest.mark.long
def test_slope_of_the_bcg_trials_is_that_of_another_route():
    found = small_studies(bcg_terms(), peers.priors(), rules(10), 0.5, LIMIT)
    assert (found["status"], found["effects"]) == ("assessed", 13)
    trials, _ = peers.estimates()
    quantiles, above = by_another_route(trials.estimates[0], trials.estimates[1], PER)
    names = ("slope_low", "slope", "slope_high")
    np.testing.assert_allclose([found[name] for name in names], quantiles, atol=2e-4)
    assert found["p_above_zero"] == pytest.approx(above, abs=1e-4)


def test_numbers_are_those_of_metafor():
    effects = numeric_effects(bcg_terms())
    trials, _ = peers.estimates()
    np.testing.assert_allclose(np.sort(effects["value"]), np.sort(trials.estimates[0]), atol=1e-4)
    np.testing.assert_allclose(np.sort(effects["error"]), np.sort(trials.estimates[1]), atol=1e-4)


def test_a_slope_that_was_put_in_is_found():
    rng = np.random.default_rng(5)
    error = rng.uniform(0.1, 0.6, 200)
    value = -0.1 + 1.5 * error + error * rng.standard_normal(200)
    found = small_study_slope(effects_of(value, error), peers.priors(), PER, 0.5, LIMIT)
    assert found["slope_low"] < 1.5 * PER < found["slope_high"]
    assert found["slope_high"] - found["slope_low"] < 0.35
    assert found["p_above_zero"] > 0.99


def test_too_few_effects_are_refused():
    found = small_studies(bcg_terms(), peers.priors(), rules(14), 0.5, LIMIT)
    assert found["status"] == "refused"
    assert found["reason"] == (
        "it takes 14 effects with a number and its standard error; there are 13"
    )
    assert "slope" not in found


def test_equal_errors_have_no_slope():
    with pytest.raises(Refusal, match="standard errors are the same"):
        small_study_slope(
            effects_of(np.arange(4.0), np.full(4, 0.2)), peers.priors(), PER, 0.5, LIMIT
        )


def test_findings_are_no_numbers():
    terms = bcg_terms().assign(likelihood="interval")
    assert numeric_effects(terms).empty
    assert isinstance(numeric_effects(terms), pd.DataFrame)
