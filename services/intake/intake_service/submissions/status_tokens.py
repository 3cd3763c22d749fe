"""Status tokens: the form in which a status reference leaves intake; only intake can turn it back.

A token is the reference encrypted as one AES-256 block: as long as a UUID, always the same, and random to anybody
without intake's key. So the data of triage leads to no agency, no receipt and no minute (D-S1, D-S6). A made-up token
decrypts to a reference that no submission has.
"""

from uuid import UUID

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB

from intake_service.agencies.domain import keyed_hash


class StatusTokens:
    """Seals and opens status references with a key derived from intake's HMAC key."""

    def __init__(self, hmac_key: bytes) -> None:
        key = keyed_hash(hmac_key, "status-token", b"")
        self._cipher = Cipher(AES256(key), ECB())  # noqa: S305 - one block of random bits: there is no second to compare

    def seal(self, status_ref: UUID) -> UUID:
        """Return the token of a reference."""
        return UUID(bytes=self._cipher.encryptor().update(status_ref.bytes))

    def open(self, token: UUID) -> UUID:
        """Return the reference of a token."""
        return UUID(bytes=self._cipher.decryptor().update(token.bytes))
