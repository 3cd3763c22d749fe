"""Sanitiser: the only place where a submission is open, and the last where its source is known."""
