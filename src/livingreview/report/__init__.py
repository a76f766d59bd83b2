"""Stage 8: the page, the summary, and the same results in other forms."""
