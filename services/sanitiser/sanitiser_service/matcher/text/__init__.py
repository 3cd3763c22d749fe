"""A text as the matcher reads it: folded to one spelling, in words with their places."""
