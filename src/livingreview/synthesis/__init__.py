"""Stage 5: posteriors as tables on the scales that people read, and the verdicts on them."""
