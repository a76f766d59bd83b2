"""The two SDs as they are sampled: a change of variables, and no other prior."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest
from scipy import stats

from livingreview.models.nuts.spreads import SumAndRatio, spreads
from livingreview.protocol.models import Priors
from livingreview.protocol.priors import Prior

NORMAL = Prior.parse("normal(0, 1)")


def of_sds(total: float, ratio: float) -> np.ndarray:
    """SDs whose squares have these logs of sum and ratio."""
    return np.sqrt(np.exp(total) / (1 + np.exp(ratio)) * np.array([1.0, np.exp(ratio)]))


@pytest.mark.parametrize("power", [1.0, 2.0])
@pytest.mark.parametrize("sds", [(0.3, 0.2), (1e-6, 0.5), (2.0, 1e-7)])
def test_the_change_of_variables_is_undone_and_has_its_volume(power, sds):
    transform, vector = SumAndRatio(power), pt.vector()
    forward, backward, volume = (
        function(vector)
        for function in (transform.forward, transform.backward, transform.log_jac_det)
    )
    value = np.array(sds)
    sampled = forward.eval({vector: value})
    expected = np.log([(value**power).sum(), (value[1] / value[0]) ** power])
    np.testing.assert_allclose(sampled, expected, rtol=1e-12)
    np.testing.assert_allclose(backward.eval({vector: sampled}), value, rtol=1e-12)
    steps = [
        (backward.eval({vector: sampled + h}) - backward.eval({vector: sampled - h})) / 2e-5
        for h in 1e-5 * np.eye(2)
    ]
    numeric = np.linalg.slogdet(np.array(steps) / value)[1] + np.log(value).sum()
    assert volume.eval({vector: sampled}) == pytest.approx(numeric, rel=1e-6)


@pytest.mark.parametrize(
    ("priors", "law"),
    [
        ({"tau": "half_normal(0.5)"}, lambda sd: stats.halfnorm.logpdf(sd, scale=0.5)),
        (
            {"tau_squared": "log_normal(-2, 1)"},
            lambda sd: stats.lognorm.logpdf(sd**2, 1, scale=np.exp(-2)) + np.log(2 * sd),
        ),
    ],
)
def test_both_have_the_prior_of_the_protocol(priors, law):
    prior = Priors(mu=NORMAL, beta=NORMAL, **{k: Prior.parse(v) for k, v in priors.items()})
    with pm.Model() as model:
        spreads(prior, pt.as_tensor(np.array(prior.spread.arguments)))
    log_density = model.compile_logp(mode="FAST_COMPILE")
    points = np.array([[-1.5, 0.4], [0.3, -2.0]])
    found = [float(log_density({"spreads_sum_and_ratio__": point})) for point in points]
    expected = []
    for point in points:
        # Independent priors of both, and the volume of both for that of the two logs, by hand:
        # the determinant of the logs of two SDs by half of these is 1/4.
        sds = of_sds(*point)
        expected.append(law(sds).sum() + np.log(sds).sum() + np.log(0.25))
    assert found == pytest.approx(expected, rel=1e-10)
