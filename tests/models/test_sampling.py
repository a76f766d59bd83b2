"""A fit that diverges is sampled again with smaller steps; the sampler itself is stood in for."""

import numpy as np
import pytest
import xarray as xr

from livingreview.models.nuts import sampling
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

    monkeypatch.setattr(sampling, "sample", stand_in)
    draws = sampling.sample_again(None, {}, SAMPLER, 1, "relapse/overall")
    assert [sampler.target_accept for sampler in asked] == pytest.approx(targets)
    assert int(draws["sample_stats"]["diverging"].sum()) == divergences[len(targets) - 1]
