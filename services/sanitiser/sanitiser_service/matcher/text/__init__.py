"""Prepares a text for the matcher: folded to one spelling, and divided into words with their places."""
