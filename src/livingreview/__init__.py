"""A living Bayesian evidence review: records in, checked and traceable results out.

No module here knows the subject of a review, reads a configuration of its own
or knows about Snakemake: scripts under `workflow/` pass data in and save what
comes back.
"""
