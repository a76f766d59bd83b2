"""Group sizes and control shares, drawn from their prior where a model has one of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from livingreview.calibration.cases import BASELINE
from livingreview.effects.data_set import Dataset, Floats
from livingreview.effects.forms.bounded import Bounded
from livingreview.effects.forms.form import Baselines, Form, Truth
from livingreview.effects.forms.ratio import Ratio


def drawn_reports(form: Form, truth: Truth, rng: np.random.Generator) -> tuple[Form, Floats]:
    """Reports by the form's own law, and the z behind each.

    Sizes that are not known are drawn from their prior itself, and not from the nodes that stand
    for it.
    """
    if not isinstance(form, Bounded) or not form.has_unknown_sizes:
        return form.drawn(truth, rng, by_law=True)
    assert BASELINE.sizes is not None
    n = BASELINE.sizes.distribution.rvs(size=(form.effect.size, 1), random_state=rng)
    known = replace(form, n_treated=n, n_control=n, log_weight=np.zeros(n.shape))
    drawn, z = known.drawn(truth, rng, by_law=True)
    sizes = {name: getattr(form, name) for name in ("n_treated", "n_control", "log_weight")}
    return replace(drawn, **sizes), z


def with_drawn_shares(data: Dataset, location: Floats, rng: np.random.Generator) -> Dataset:
    """Control shares on record drawn anew; of ratios that have one, the control logit's prior.

    `location`: of the control shares, shape (outcome,).
    """
    shares, ratios = data.shares, data.forms["ratio"]
    assert shares is not None
    assert isinstance(ratios, Ratio)
    sd = np.hypot(shares.spread[shares.outcome], shares.error)
    logit = rng.normal(location[shares.outcome], sd)
    # No other form of the case has a share: these are those of its ratios, in their order.
    assert logit.size == ratios.share_row.size
    centre = data.baseline_prior.location.copy()
    centre[ratios.baseline[ratios.share_row]] = logit
    return replace(
        data,
        forms=data.forms | {"ratio": replace(ratios, share_logit=logit)},
        shares=replace(shares, logit=logit),
        baseline_prior=Baselines(centre, data.baseline_prior.scale),
    )
