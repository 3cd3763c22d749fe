"""Keys: the files of private keys, and the reasons to trust public keys.

Intake and sanitiser seal to the public keys they are given, so an attacker who swaps a key would receive every source.
Public keys therefore come in a bundle that is signed offline with Ed25519. This module refuses a bundle that is
unsigned, altered or expired. `bundle.py` refuses a version older than one used before, and one that expires in use.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey
from pydantic import AwareDatetime, ValidationError

from pipeline_shared.crypto.sealing import Recipient
from pipeline_shared.language.encoding import decode_base64, encode_base64
from pipeline_shared.language.texts import Model

ML_KEM_SEED_BYTES = 64
ML_KEM_PUBLIC_BYTES = 1184


class UntrustedBundleError(Exception):
    """The bundle of public keys may not be used; `code` gives the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class BundledKey(Model):
    """One public key: its id, the role of its owner, its bytes in base64, and the day on which it was made."""

    kid: str
    role: str
    public_key: str
    made_on: date | None = None


class KeyBundle(Model):
    """The public keys in force."""

    version: int
    valid_until: AwareDatetime
    keys: tuple[BundledKey, ...]

    def recipients(self, *roles: str) -> tuple[Recipient, ...]:
        """Return the keys of these roles, in their order; raise UntrustedBundleError if a role has none."""
        found = [(role, [key for key in self.keys if key.role == role]) for role in roles]
        if not all(keys for _, keys in found):
            raise UntrustedBundleError("role_without_key")
        return tuple(Recipient(k.kid, load_public(decode_base64(k.public_key))) for _, keys in found for k in keys)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key as stored (64-byte ML-KEM seed, then X25519) and its public key (ML-KEM, then X25519)."""

    private: bytes
    public: bytes


def generate_pair() -> KeyPair:
    """Return a new key pair for HPKE."""
    private = MLKEM768PrivateKey.generate().private_bytes_raw() + X25519PrivateKey.generate().private_bytes_raw()
    return KeyPair(private, public_of(private))


def load_private(raw: bytes) -> MLKEM768X25519PrivateKey:
    """Return a private key from its stored bytes; raise ValueError."""
    return MLKEM768X25519PrivateKey(*_private_parts(raw))


def _private_parts(raw: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    seed, x25519 = raw[:ML_KEM_SEED_BYTES], raw[ML_KEM_SEED_BYTES:]
    return MLKEM768PrivateKey.from_seed_bytes(seed), X25519PrivateKey.from_private_bytes(x25519)


def public_of(raw: bytes) -> bytes:
    """Return the public key of a private key, both as stored bytes; raise ValueError."""
    ml_kem, x25519 = _private_parts(raw)
    return ml_kem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def load_public(raw: bytes) -> MLKEM768X25519PublicKey:
    """Return a public key from its stored bytes; raise ValueError."""
    ml_kem, x25519 = raw[:ML_KEM_PUBLIC_BYTES], raw[ML_KEM_PUBLIC_BYTES:]
    return MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(ml_kem), X25519PublicKey.from_public_bytes(x25519)
    )


def sign_bundle(bundle: KeyBundle, trust_root: Ed25519PrivateKey) -> bytes:
    """Return the signed bundle file: JSON with the bundle's exact text and its signature."""
    text = bundle.model_dump_json(exclude_none=True)
    return json.dumps({"bundle": text, "signature": encode_base64(trust_root.sign(text.encode()))}).encode()


def read_bundle(signed: bytes, trust_root: str, now: datetime) -> KeyBundle:
    """Return the bundle when `trust_root` (base64 Ed25519) signed it and it is in force; raise UntrustedBundleError."""
    try:
        outer = json.loads(signed)
        text = outer["bundle"].encode()
        root = Ed25519PublicKey.from_public_bytes(decode_base64(trust_root))
        root.verify(decode_base64(outer["signature"]), text)
        bundle = KeyBundle.model_validate_json(text)
    except InvalidSignature:
        raise UntrustedBundleError("bad_signature") from None
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError):
        raise UntrustedBundleError("unreadable") from None
    if bundle.valid_until <= now:
        raise UntrustedBundleError("expired")
    return bundle


def public_root(trust_root: Ed25519PrivateKey) -> str:
    """Return the base64 that services are configured with to verify bundles."""
    raw = trust_root.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return encode_base64(raw)
