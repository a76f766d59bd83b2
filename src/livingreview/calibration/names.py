"""Names of what is calibrated, for the workflow as well."""

from __future__ import annotations

# Kinds of model and of evidence on which sampling is calibrated.
CASES = (
    "overall",
    "moderator",
    "all_moderators",
    "robust",
    "selection",
    "several_effects",
    "joint",
    "unknown_sizes",
    "rates",
    "ratios",
)
# Kinds of evidence and model on which integration is.
WAYS = (
    "estimates",
    "estimates_coefficient",
    "mixed",
    "mixed_two_coefficients",
    "small_groups",
    "unknown_sizes",
    "rates",
    "ratios",
)
