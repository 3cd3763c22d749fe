"""Partner agencies: their API keys, and how much each may send."""
