"""Finds phone numbers, e-mail addresses, handles, accounts and vehicles of the source."""
