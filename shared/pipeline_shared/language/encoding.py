"""Bytes as text inside JSON: one spelling of base64 for the whole pipeline."""

import base64


def encode_base64(data: bytes) -> str:
    """Return standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes:
    """Return the bytes, or raise ValueError for anything but standard base64."""
    return base64.b64decode(text, validate=True)
