"""The lists that officers work from."""
