"""Intake: what a portal frontend posts is validated, sealed, stored and published; the answer is a receipt."""
