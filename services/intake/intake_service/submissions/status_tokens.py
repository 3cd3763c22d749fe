"""Status tokens: what leaves intake instead of a submission's status reference, and only intake can open.

A token is the reference under one AES-256 block, a permutation of all 128-bit values: as long as a UUID, the same each
time, and without intake's key nothing but noise. So what triage holds leads to no agency, no receipt and no minute
(D-S1, D-S6). A token made up by somebody opens to a reference that no submission has.
"""

from uuid import UUID

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB

from intake_service.agencies.domain import keyed_hash


class StatusTokens:
    """Seals and opens status references, under a key of its own made from intake's."""

    def __init__(self, hmac_key: bytes) -> None:
        key = keyed_hash(hmac_key, "status-token", b"")
        self._cipher = Cipher(AES256(key), ECB())  # noqa: S305 - one block of random bits: there is no second to compare

    def seal(self, status_ref: UUID) -> UUID:
        """Return the token of a reference."""
        return UUID(bytes=self._cipher.encryptor().update(status_ref.bytes))

    def open(self, token: UUID) -> UUID:
        """Return the reference of a token."""
        return UUID(bytes=self._cipher.decryptor().update(token.bytes))
