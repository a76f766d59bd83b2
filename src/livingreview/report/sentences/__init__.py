"""Sentences of the report, a module for each subject."""
