"""The matcher: finds words that identify the source, the submitter or the agency. Pure."""
