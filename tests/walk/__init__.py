"""A walk through docs/operating.md: the systems of a made-up force, its people, and load without a second try."""
