"""The audit of what people and services did (D-L1)."""
