"""Phrases that name nobody and still may tell who spoke."""
