"""Submissions: accepted once each, sealed, published, answered with a receipt."""
