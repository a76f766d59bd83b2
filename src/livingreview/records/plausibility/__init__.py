"""Plausible but wrong: what on record is asked about until it is corrected or confirmed."""
