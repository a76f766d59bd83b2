"""Certainty of the evidence on an outcome, by the domains of GRADE."""
