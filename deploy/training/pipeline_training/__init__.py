"""Fits the weights of the safety screen and of the matcher. No running service imports it."""
