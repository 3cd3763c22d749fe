"""Who operates: people whom the identity provider proves, at each command (decision 26)."""
