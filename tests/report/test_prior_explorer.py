"""Pooled effects under other assumptions, as the page lets a reader choose among them."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from livingreview.report.claims import Claims
from livingreview.report.prior_explorer import FURTHEST, options
from livingreview.tables.sensitivity import Variations

PROTOCOL = SimpleNamespace(outcomes={"colds": SimpleNamespace(label="Colds")})


def test_planned_comes_first_and_other_analyses_are_left_out():
    rows = [
        ("priors", "wide", -0.2, 0.5, 1.2),
        ("leave_one_out", "s1", 0.0, 0.4, 0.8),
        ("planned", "as planned", 0.0, 0.4, 0.8),
        ("baseline", "rare", -9.0, 0.0, np.log(FURTHEST)),
    ]
    table = pd.DataFrame(rows, columns=["analysis", "variant", "q2_5", "q50", "q97_5"])
    table = table.assign(outcome="colds", p_above_zero=0.75, size_learnt=False)
    planned, wide, rare = options(Claims({Variations.file: table}), PROTOCOL)
    assert (planned.id, planned.label) == ("planned-as_planned", "As planned")
    assert (wide.label, rare.label) == ("Prior: wide", "Assumed frequency: rare")
    [pooled] = wide.pooled
    assert not pooled.size_learnt
    printed = [str(claim) for claim in pooled.claims.values()]
    assert printed == ["1.6", "0.82", "3.3", "75%"]
    # No difference stands in the middle; beyond the scale an interval is cut.
    [cut] = rare.pooled
    assert (cut.left, cut.width, cut.middle) == (0, 100, 50)
    assert pooled.middle == pytest.approx(100 * (0.5 + 0.5 / (2 * np.log(FURTHEST))), abs=0.01)
