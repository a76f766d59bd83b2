"""PyMARE: restricted maximum likelihood."""

from importlib.metadata import version

import numpy as np
from timing import measure, ready

from livingreview.checks.reml import RemlFit, reml

ready(f"PyMARE {version('pymare')}")

import peers  # noqa: E402

DATA, STUDIES = peers.estimates()
VALUES, VARIANCES = DATA.estimates[0], DATA.estimates[1] ** 2
ONES = np.ones((VALUES.size, 1))
WITH_LATITUDE = np.hstack([ONES, peers.design(STUDIES, "latitude").columns])


def described(found: RemlFit) -> list[dict]:
    """Estimates in the words of the other peers, without their errors: those are no SDs."""
    names = ("mu", "slope")[: found.coefficients.size]
    values = found.coefficients.tolist()
    answer = {name: {"mean": value} for name, value in zip(names, values, strict=True)}
    return [answer | {"tau": {"mean": found.tau_squared**0.5}}]


def without(trial: int) -> RemlFit:
    """Fit of all trials but one."""
    kept = np.arange(VALUES.size) != trial
    return reml(VALUES[kept], VARIANCES[kept], ONES[kept])


measure("random_effects", 1, lambda _: reml(VALUES, VARIANCES, ONES), described)
measure("meta_regression", 1, lambda _: reml(VALUES, VARIANCES, WITH_LATITUDE), described)
measure("leave_one_out", VALUES.size, without, described)
