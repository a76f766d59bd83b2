"""The protocol of a review, a module for each of its sections."""
