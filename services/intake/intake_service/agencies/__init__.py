"""Partner agencies: their API keys, and their rate limits."""
