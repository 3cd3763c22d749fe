"""Fits the part of the encoder that finds the words which tell who spoke, and judges it on authors left out."""
