"""Finds the addresses of the source, in any wording."""
