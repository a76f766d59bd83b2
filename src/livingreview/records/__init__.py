"""Stage 1: study records and their checks, and from what a study reported to its effect."""
