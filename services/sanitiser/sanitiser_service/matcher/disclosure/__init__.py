"""Phrases without names that may still give away the source."""
