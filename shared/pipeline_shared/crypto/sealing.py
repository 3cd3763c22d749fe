"""Sealing: encrypt the content of a record with its own random key, and wrap this key by HPKE for each recipient.

The suite is ML-KEM-768 + X25519, HKDF-SHA256, AES-256-GCM: a copy made today stays closed to a later quantum computer.
Each wrap is bound to its purpose, the record, the recipient's key id and the hash of the ciphertext, so it is useless
for another record or recipient. Content is padded to steps of 2 KiB, because a length can reveal content. Every failure
is the same `SealError`.

Layout, all integers big-endian: suite (1) · number of wraps (1) · per wrap: kid length (1), kid, wrap length (2), wrap
· nonce (12) · ciphertext. Plaintext is padded as length (4) · content · zeros.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey, Suite

SUITE_ID = 1
SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
STEP = 2048
NONCE_BYTES = 12


class SealError(Exception):
    """The content cannot be opened: wrong key, wrong place or changed bytes. By design the error does not say which."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A public key to seal to, and its key id."""

    kid: str
    public_key: MLKEM768X25519PublicKey


@dataclass(frozen=True, slots=True)
class Context:
    """The place that a sealed record is bound to: its purpose and its reference."""

    purpose: str
    record: UUID


def seal(content: bytes, context: Context, recipients: Sequence[Recipient]) -> bytes:
    """Return the content sealed so that only the recipients can open it."""
    key, nonce = AESGCM.generate_key(256), os.urandom(NONCE_BYTES)
    ciphertext = AESGCM(key).encrypt(nonce, _pad(content), _bind(context))
    digest = hashlib.sha256(ciphertext).digest()
    wraps = {r.kid: SUITE.encrypt(key, r.public_key, _bind(context, r.kid, digest)) for r in recipients}
    return _pack(wraps, nonce, ciphertext)


def open_sealed(sealed: bytes, context: Context, keys: Mapping[str, MLKEM768X25519PrivateKey]) -> bytes:
    """Return the content, opened with any key of `keys` that it was sealed to; raise SealError."""
    try:
        wraps, nonce, ciphertext = _unpack(sealed)
        kid = next(kid for kid in wraps if kid in keys)
        digest = hashlib.sha256(ciphertext).digest()
        key = SUITE.decrypt(wraps[kid], keys[kid], _bind(context, kid, digest))
        return _unpad(AESGCM(key).decrypt(nonce, ciphertext, _bind(context)))
    except (ValueError, IndexError, StopIteration, InvalidTag, OverflowError):
        raise SealError from None


def recipients_of(sealed: bytes) -> tuple[str, ...]:
    """Return the key ids that a record is sealed to; raise SealError."""
    try:
        return tuple(_unpack(sealed)[0])
    except (ValueError, IndexError):
        raise SealError from None


def _bind(context: Context, *more: str | bytes) -> bytes:
    """Join parts with their lengths, so that no two different lists give the same bytes."""
    parts = (context.purpose, context.record.bytes, *more)
    encoded = [part.encode() if isinstance(part, str) else part for part in parts]
    return b"".join(len(part).to_bytes(2, "big") + part for part in encoded)


def _pad(content: bytes) -> bytes:
    framed = len(content).to_bytes(4, "big") + content
    return framed + bytes(-len(framed) % STEP)


def _unpad(padded: bytes) -> bytes:
    length = int.from_bytes(padded[:4], "big")
    if length > len(padded) - 4:
        raise ValueError
    return padded[4 : 4 + length]


def _pack(wraps: Mapping[str, bytes], nonce: bytes, ciphertext: bytes) -> bytes:
    packed = bytearray((SUITE_ID, len(wraps)))
    for kid, wrap in wraps.items():
        name = kid.encode()
        packed += bytes((len(name),)) + name + len(wrap).to_bytes(2, "big") + wrap
    return bytes(packed) + nonce + ciphertext


def _unpack(sealed: bytes) -> tuple[dict[str, bytes], bytes, bytes]:
    if sealed[0] != SUITE_ID:
        raise ValueError
    at, wraps = 2, dict[str, bytes]()
    for _ in range(sealed[1]):
        kid, at = _take(sealed, at + 1, sealed[at])
        wrap, at = _take(sealed, at + 2, int.from_bytes(sealed[at : at + 2], "big"))
        wraps[kid.decode()] = wrap
    nonce, at = _take(sealed, at, NONCE_BYTES)
    return wraps, nonce, sealed[at:]


def _take(data: bytes, at: int, length: int) -> tuple[bytes, int]:
    if at + length > len(data):
        raise ValueError
    return data[at : at + length], at + length
