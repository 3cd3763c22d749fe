"""The source's addresses, written in any way."""
