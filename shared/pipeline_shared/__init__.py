"""Contracts and plumbing of the Partnership Intelligence Pipeline; never a rule of the field."""
