"""A fit that falls short is sampled again; the sampler itself is stood in for.

With smaller steps where draws diverge, with more draws where they are too few.
"""

import numpy as np
import pytest
import xarray as xr
from made_up_fits import data_of, estimate, finding

from livingreview.models.diagnostics import SamplingLimits
from livingreview.models.nuts import draws as drawing
from livingreview.models.nuts.sampling import SAMPLE_STATS, _stored
from livingreview.protocol.run_config import Sampler

SAMPLER = Sampler(chains=2, tune=100, draws=100, target_accept=0.95, attempts=3)


@pytest.mark.parametrize(
    ("divergences", "targets"),
    [
        ([0], [0.95]),
        ([2, 0], [0.95, 0.99]),
        ([2, 1, 0], [0.95, 0.99, 0.998]),
        ([2, 1, 1, 0], [0.95, 0.99, 0.998]),  # three attempts and no more: the gate judges
    ],
)
def test_smaller_steps_are_tried_while_draws_diverge(monkeypatch, divergences, targets):
    asked: list[Sampler] = []

    def stand_in(compiled, numbers, sampler, seed, fit):
        diverging = np.arange(200).reshape(2, 100) < divergences[len(asked)]
        asked.append(sampler)
        stats = xr.Dataset({"diverging": (("chain", "draw"), diverging)})
        return xr.DataTree.from_dict({"sample_stats": stats})

    monkeypatch.setattr(drawing, "sample", stand_in)
    draws = drawing.sample_again(None, {}, SAMPLER, 1, "relapse/overall")
    assert [sampler.target_accept for sampler in asked] == pytest.approx(targets)
    assert int(draws["sample_stats"]["diverging"].sum()) == divergences[len(targets) - 1]


@pytest.mark.parametrize(
    ("model", "draws", "target"),
    [("overall", 50, 0.95), ("bias_adjusted", 50, 0.99), ("robust", 100, 0.995)],
)
def test_fewer_draws_where_they_only_check_integration(protocol, model, draws, target):
    sampler = SAMPLER.model_copy(update={"checking_draws": 50})
    steps = drawing.sampler_of(protocol.specifications()[model], sampler)
    assert (steps.draws, steps.target_accept) == (draws, target)


LIMITS = SamplingLimits(r_hat_at_most=1.01, ess_bulk_at_least=400, ess_tail_at_least=400)


@pytest.mark.parametrize(
    ("correlation", "doublings", "diverges", "asked"),
    [
        (0.0, 3, False, [500]),  # passes at once
        (0.0, 0, False, [500]),
        (0.8, 3, False, [500, 1000, 2000]),  # a ninth of the draws count
        (0.8, 1, False, [500, 1000]),  # the stated limit: the gate judges
        (0.8, 3, True, [500]),  # another fault, which more draws do not mend
    ],
)
def test_more_draws_follow_while_they_are_too_few(
    monkeypatch, caplog, correlation, doublings, diverges, asked
):
    sampler = Sampler(chains=4, tune=100, draws=500, target_accept=0.95, doublings=doublings)
    draws_asked = []

    def stand_in(compiled, numbers, steps, seed, fit):
        draws_asked.append(steps.draws)
        noise = np.random.default_rng(seed).standard_normal((4, steps.draws))
        mu = noise.copy()
        for i in range(1, steps.draws):
            mu[:, i] = correlation * mu[:, i - 1] + (1 - correlation**2) ** 0.5 * noise[:, i]
        diverging = np.full(noise.shape, diverges)
        return xr.DataTree.from_dict(
            {
                "posterior": xr.Dataset(
                    {"mu": (("chain", "draw"), mu), "theta": (("chain", "draw"), noise)}
                ),
                "sample_stats": xr.Dataset({"diverging": (("chain", "draw"), diverging)}),
            }
        )

    monkeypatch.setattr(drawing, "sample", stand_in)
    with caplog.at_level("INFO", logger="livingreview"):
        fit = drawing.sample_enough(None, {}, sampler, 5, "relapse/overall", lambda d: d, LIMITS)
    assert draws_asked == asked
    assert fit["posterior"]["mu"].sizes["draw"] == asked[-1]
    again = [r.message for r in caplog.records if "twice the draws" in r.message]
    assert len(again) == len(asked) - 1
    assert all(text.startswith("relapse/overall: ess_") and " of mu is " in text for text in again)


def test_twice_the_draws_must_fit_into_memory(monkeypatch, caplog):
    sampler = Sampler(chains=4, tune=100, draws=100, target_accept=0.95, doublings=3)

    def stand_in(compiled, numbers, steps, seed, fit):
        mu = np.cumsum(np.random.default_rng(seed).standard_normal((4, steps.draws)), axis=1)
        values = {"mu": (("chain", "draw"), mu), "theta": (("chain", "draw"), mu)}
        diverging = {"diverging": (("chain", "draw"), np.zeros(mu.shape))}
        return xr.DataTree.from_dict(
            {"posterior": xr.Dataset(values), "sample_stats": xr.Dataset(diverging)}
        )

    monkeypatch.setattr(drawing, "sample", stand_in)
    monkeypatch.setattr(drawing, "MOST_NUMBERS", 1700)
    with caplog.at_level("INFO", logger="livingreview"):
        fit = drawing.sample_enough(None, {}, sampler, 5, "relapse/overall", lambda d: d, LIMITS)
    # 400 numbers of theta, then 800 and 1,600; 3,200 are too many.
    assert fit["posterior"]["mu"].sizes["draw"] == 400
    assert "would not fit into memory" in caplog.records[-1].message


def test_what_a_model_does_not_use_is_not_stored():
    """Of a model whose effects need no control level, and which has no coefficient."""
    data = data_of(estimate("a", 0.1, 0.2), finding("b", 0.0, np.inf, 90.0))
    sizes = {"mu": (), "theta": (2,), "baseline_logit": (1,), "beta": (0,)}
    dims = {"theta": ("effect",), "baseline_logit": ("baseline",), "beta": ("coefficient",)}
    drawn = {
        name: (("chain", "draw", *dims.get(name, ())), np.zeros((2, 10, *size)))
        for name, size in sizes.items()
    }
    stats = {name: (("chain", "draw"), np.zeros((2, 10))) for name in SAMPLE_STATS}
    tree = xr.DataTree.from_dict(
        {"posterior": xr.Dataset(drawn), "sample_stats": xr.Dataset(stats)}
    )
    included = np.array([name == "a/o" for name in data.effects])
    posterior = _stored(tree, data, "hierarchical", included)["posterior"].to_dataset()
    assert set(posterior) == {"mu", "theta"}
    assert posterior.sizes["effect"] == 1
    assert posterior.stack(sample=("chain", "draw")).sizes["sample"] == 20
