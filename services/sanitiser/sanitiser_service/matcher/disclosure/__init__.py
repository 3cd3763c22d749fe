"""Finds phrases without names that may reveal the source."""
