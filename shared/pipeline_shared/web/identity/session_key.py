"""The key of a site's sessions: it proves rows of the database, and seals content that the database must not read.

The process has the key, the database has not. Whoever writes to the database can therefore neither sign in as another
person nor read a kept form (security attack 75).
"""

import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class NotAuthenticError(Exception):
    """Sealed content was changed, belongs elsewhere, or was sealed with another key."""


class SessionKey:
    """One key of 32 bytes. Each purpose has a key of its own, derived from it."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def prove(self, purpose: str, *parts: bytes) -> bytes:
        """Return 32 bytes that only the holder of the key can make for these parts."""
        return hmac.digest(self.derive(purpose), joined(parts), "sha256")

    def is_proven(self, purpose: str, proof: bytes, *parts: bytes) -> bool:
        """Tell whether the proof was made with this key for these parts."""
        return hmac.compare_digest(proof, self.prove(purpose, *parts))

    def seal(self, purpose: str, content: bytes, *bound: bytes) -> bytes:
        """Return content that only the holder of the key can read, and only together with what it is bound to."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(self.derive(purpose, *bound)).encrypt(nonce, content, None)

    def open(self, purpose: str, sealed: bytes, *bound: bytes) -> bytes:
        """Return sealed content; raise NotAuthenticError."""
        try:
            return AESGCM(self.derive(purpose, *bound)).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        except (InvalidTag, ValueError):
            raise NotAuthenticError from None

    def derive(self, purpose: str, *bound: bytes) -> bytes:
        """Return the key of one purpose, 32 bytes: it tells nothing of this key, or of another purpose's."""
        return hmac.digest(self._key, joined([purpose.encode(), *bound]), "sha256")


def joined(parts: list[bytes] | tuple[bytes, ...]) -> bytes:
    """Join parts with their lengths, so that no two lists of parts give the same bytes."""
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)
