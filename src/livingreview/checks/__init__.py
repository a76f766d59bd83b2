"""Stage 4: whether a fit is sound, whether it fits, and what its answer hangs on."""
