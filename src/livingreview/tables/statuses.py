"""Statuses of an effect in the flow, and of a route to an effect."""

ANALYSED = "analysed"
SET_ASIDE = "set_aside"
NOT_USABLE = "not_usable"

# Statuses of a question about a value that looks odd.
ASKED = "asked"
CONFIRMED = "confirmed"

# Status of a route that could be analysed, while another route of the same effect is.
ALTERNATIVE = "alternative"
