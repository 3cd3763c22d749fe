"""Sealing, keys, and the signed bundle of public keys."""
