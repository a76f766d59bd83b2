"""What changed since the last release of a review, and what each change did to its results."""
