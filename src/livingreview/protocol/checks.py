"""Limits of the checks, and why."""

from __future__ import annotations

from livingreview.documents import Strict
from livingreview.records import Text


class Threshold(Strict):
    """A limit and why it is there."""

    value: float
    reason: Text


class CheckThresholds(Strict):
    """Limits of the sampling checks; beyond them the build stops."""

    r_hat_at_most: Threshold
    ess_bulk_at_least: Threshold
    ess_tail_at_least: Threshold
    divergences_at_most: Threshold
    e_bfmi_at_least: Threshold
    parity_errors_at_most: Threshold
