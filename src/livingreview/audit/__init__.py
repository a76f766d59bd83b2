"""Stage 9: what a run was made of, what changed since the last release, and whether it holds."""
