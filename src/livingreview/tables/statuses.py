"""Where an effect can end in the flow, and what becomes of a route to it."""

ANALYSED = "analysed"
SET_ASIDE = "set_aside"
NOT_USABLE = "not_usable"

# A route that could be analysed, where another one is.
ALTERNATIVE = "alternative"
