"""The matcher: finds every sign of source, submitter or agency in a text, and replaces or proposes. Pure."""
