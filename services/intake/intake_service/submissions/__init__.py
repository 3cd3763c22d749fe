"""Submissions: each is accepted once, sealed, published and answered with a receipt."""
