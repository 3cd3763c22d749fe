"""Fits the weights of the safety screen and of the matcher; nothing that runs imports it."""
