"""Finds roles and organisations that describe the source."""
