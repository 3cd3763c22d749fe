"""Fits the weights of the safety screen's learned part on labelled texts, and judges them on authors left out."""
