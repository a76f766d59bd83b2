r"""Control shares of the studies of an outcome: what they say of those that are not known.

The control logits of ratios without a share of their own are :math:`\alpha \sim N(m, s)` with one
location m for all studies of the outcome. Its prior is the protocol's; each control share on
record, with logit a and standard error e, informs it by :math:`a \sim N(m, s^2 + e^2)`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from livingreview.effects.forms.form import Floats, Form, Indices
from livingreview.protocol.outcomes import BaselinePriors


@dataclass(frozen=True, eq=False)
class ControlShares:
    """Control shares, and the prior of their location.

    Attributes
    ----------
    location_mean, location_sd, spread : ndarray, shape (outcome,)
        Normal prior of m, and s.
    baselines : ndarray of int
        Control logits around the location.
    baseline_outcome : ndarray of int, shape (baseline,)
        Outcome of every control logit.
    effect, outcome : ndarray of int, shape (share,)
    logit, error : ndarray, shape (share,)
        Of the shares on record.
    """

    location_mean: Floats
    location_sd: Floats
    spread: Floats
    baselines: Indices
    baseline_outcome: Indices
    effect: Indices
    outcome: Indices
    logit: Floats
    error: Floats

    @property
    def numbers(self) -> dict[str, Floats]:
        """Arrays that may be swapped in a compiled graph."""
        names = ("location_mean", "location_sd", "spread", "logit", "error")
        return {f"share_{name}": getattr(self, name) for name in names}

    @property
    def location(self) -> tuple[float, float]:
        """Mean and standard deviation of m of a single outcome, given every share on record."""
        variance = self.spread[0] ** 2 + self.error**2
        precision = self.location_sd[0] ** -2.0 + (1 / variance).sum()
        weighted = self.location_mean[0] * self.location_sd[0] ** -2.0
        return float((weighted + (self.logit / variance).sum()) / precision), precision**-0.5

    def log_densities(self, m: float) -> Floats:
        """Log density of each share of a single outcome at a location, shape (share,)."""
        variance = self.spread[0] ** 2 + self.error**2
        return -0.5 * ((self.logit - m) ** 2 / variance + np.log(2 * np.pi * variance))


def control_shares(
    forms: Mapping[str, Form],
    priors: Sequence[BaselinePriors],
    baseline_outcome: Indices,
    effect_outcome: Indices,
    always: bool = False,
) -> ControlShares | None:
    """Control shares of a data set; None where no control logit hangs on their location.

    They inform that of other data sets too: `always` has them whatever hangs on it.

    Parameters
    ----------
    priors : sequence of BaselinePriors
        By outcome.
    baseline_outcome : ndarray of int, shape (baseline,)
    effect_outcome : ndarray of int, shape (effect,)
    """
    none = np.zeros(0, dtype=np.int64)
    located = np.concatenate([none, *(form.located_baselines for form in forms.values())])
    if not (located.size or always):
        return None
    parts = [form.control_shares for form in forms.values()]
    effect, logit, error = (np.concatenate(column) for column in zip(*parts, strict=True))
    return ControlShares(
        location_mean=np.array([p.share_location.arguments[0] for p in priors]),
        location_sd=np.array([p.share_location.arguments[1] for p in priors]),
        spread=np.array([p.share_spread for p in priors]),
        baselines=located,
        baseline_outcome=baseline_outcome,
        effect=effect,
        outcome=effect_outcome[effect],
        logit=logit,
        error=error,
    )
