"""Where an effect can end in the flow."""

ANALYSED = "analysed"
SET_ASIDE = "set_aside"
NOT_USABLE = "not_usable"
