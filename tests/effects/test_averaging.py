"""The average over a control logit, also where no logit makes a report possible."""

import numpy as np
import pytest
from scipy import stats

from livingreview.effects.forms.averaging import averaged


def test_an_impossible_report_has_no_probability_and_a_possible_one_its_average():
    """A report that is possible only below a logit of theta, and never for theta above 20."""

    def log_likelihood(logit: np.ndarray, theta: np.ndarray) -> np.ndarray:
        possible = (logit > theta) & (theta < 20)
        return np.where(possible, 0.0, -np.inf)

    with np.errstate(all="raise"):
        found = averaged(-1.0, 0.5, np.array([-1.0, 30.0]), 0.01, log_likelihood)
    assert found[0] == pytest.approx(stats.norm(-1.0, 0.5).logsf(-1.0), abs=0.02)
    assert found[1] == -np.inf
