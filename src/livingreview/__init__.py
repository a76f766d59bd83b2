"""A living Bayesian evidence review: records in, checked and traceable results out.

No module here knows the subject of a review or reads a configuration of its own. Scripts under
`workflow/` pass data in and save what comes back; docs/architecture.md shows the rooms.
"""
