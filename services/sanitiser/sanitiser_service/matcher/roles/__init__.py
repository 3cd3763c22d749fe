"""Roles and organisations by which a text describes who spoke."""
