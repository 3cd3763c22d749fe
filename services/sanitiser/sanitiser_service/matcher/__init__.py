"""The matcher: finds what points at who spoke, and replaces or proposes. Pure."""
