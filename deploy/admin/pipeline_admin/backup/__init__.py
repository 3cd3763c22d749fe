"""Backups of all databases: sealed to an offline key, checked as a whole before anything is restored from them."""
