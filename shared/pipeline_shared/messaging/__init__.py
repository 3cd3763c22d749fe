"""The way of an event from a committed row to its single effect in the next service."""
