r"""How a study's own report lies among those that it could have given, as a function of its effect.

Two logs of probabilities for each study, both functions of its effect :math:`\theta`: that
another report of a study of its size is below the one given, and that it is not above.

- An *estimate*: :math:`\Phi((y - \theta) / s)`, twice.
- A *finding*: the probabilities of a z below either end of the interval that it names, the
  control logit averaged over its prior.
- *Counts*: given the total number of events, the events of the treated arm have Fisher's
  noncentral hypergeometric distribution, which is free of the control logit (Fisher 1935,
  JRSS 98, 39-82; McCullagh and Nelder 1989, section 7.3.2).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import gammaln, log_ndtr, logsumexp

from livingreview.effects.data_set import Dataset, Floats
from livingreview.effects.forms.likelihood_grids import log_likelihoods
from livingreview.effects.refusal import Refusal
from livingreview.models.quadrature.blur import FLOOR

# Most numbers of the table of one study.
MOST_NUMBERS = 20_000_000


def log_tails(data: Dataset, theta: Floats) -> tuple[Floats, Floats]:
    """Log probability of a report below each study's, and of one not above it.

    Parameters
    ----------
    data : Dataset
        One effect per study.
    theta : ndarray, shape (point,)

    Returns
    -------
    below, upto : ndarray, shape (study, point)

    Raises
    ------
    Refusal
        If a study has more events than can be tabulated.
    """
    below, upto = np.zeros((2, len(data.studies), theta.size))
    for row, effect in enumerate(data.normal_effect):
        study = data.effect_study[effect]
        z = (data.normal_value[row] - theta) / data.normal_error[row]
        below[study] = upto[study] = log_ndtr(z)
    of_finding = data.effect_study[data.interval_effect]
    for bound, tail in ((data.z_low, below), (data.z_high, upto)):
        finite = np.isfinite(bound)
        below_bound = replace(
            data, z_low=np.full(bound.size, -np.inf), z_high=np.where(finite, bound, 0.0)
        )
        tail[of_finding] = log_likelihoods(below_bound, theta)[of_finding]
        # An interval without a lower end has no z below it (log probability -FLOOR); one without
        # an upper end has every z below that end (log probability 0).
        tail[of_finding[~finite]] = np.where(bound[~finite] < 0, -FLOOR, 0.0)[:, None]
    for treated in np.flatnonzero(data.arm_treated > 0):
        study, control = data.arm_study[treated], data.arm_control[treated]
        a, c = data.arm_events[treated], data.arm_events[control]
        n_treated, n_control = data.arm_total[treated], data.arm_total[control]
        below[study], upto[study] = _counts(a, n_treated, c, n_control, theta)
    return np.maximum(below, -FLOOR), upto


def _counts(
    a: float, n_treated: float, c: float, n_control: float, theta: Floats
) -> tuple[Floats, Floats]:
    """Of the events `a` in the treated arm, given the total of both arms.

    Effective counts of clustered studies need not be whole: events then move in steps of
    one from those observed.
    """
    fewer, more = int(min(a, n_control - c)), int(min(n_treated - a, c))
    shift = np.arange(-fewer, more + 1)
    if shift.size * theta.size > MOST_NUMBERS:
        raise Refusal(f"a study has {a + c:g} events, too many to tabulate")
    x, y = a + shift, c - shift
    ways = (
        -gammaln(x + 1) - gammaln(n_treated - x + 1) - gammaln(y + 1) - gammaln(n_control - y + 1)
    )
    log_p = ways[:, None] + x[:, None] * theta
    log_p -= logsumexp(log_p, axis=0)
    with np.errstate(divide="ignore"):
        below = logsumexp(log_p[shift < 0], axis=0) if fewer else np.full(theta.size, -np.inf)
    return below, logsumexp(log_p[shift <= 0], axis=0)
