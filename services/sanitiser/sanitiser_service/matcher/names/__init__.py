"""Finds names of the source and the submitter, in every form."""
