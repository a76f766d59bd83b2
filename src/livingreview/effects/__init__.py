"""Stage 2: terms of the likelihood, data sets and design matrices."""
