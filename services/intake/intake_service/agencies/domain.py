"""API keys of agencies: `pip_PREFIX_SECRET`. The prefix finds the key; the secret is stored only as an HMAC."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from uuid import UUID

from intake_service.agencies.limits import Limit
from pipeline_shared.language.restricted import Agency

LONGEST_KEY = 100
PREFIX_BYTES = 6


class UnknownAgencyError(Exception):
    """No enabled agency has this key in force."""


class UnusableAgencyError(Exception):
    """An agency's stored name or category is invalid, so no submission can be accepted for it."""


@dataclass(frozen=True, slots=True)
class KnownAgency:
    """An agency that may submit, its presented key, the HMAC of that key's secret, and the limits of both."""

    agency_id: UUID
    agency: Agency
    prefix: str
    secret_hmac: bytes
    limit: Limit
    key_limit: Limit


@dataclass(frozen=True, slots=True)
class NewKey:
    """A new key: the text that is shown once to the agency, and the stored prefix and HMAC."""

    text: str
    prefix: str
    secret_hmac: bytes


def keyed_hash(key: bytes, purpose: str, data: bytes) -> bytes:
    """Return the HMAC-SHA-256 of data, different for each purpose."""
    return hmac.digest(key, purpose.encode() + b"\0" + data, hashlib.sha256)


def new_key(hmac_key: bytes) -> NewKey:
    """Return a fresh API key with 256 bits of secret."""
    prefix, secret = secrets.token_hex(PREFIX_BYTES), secrets.token_urlsafe(32)
    return NewKey(f"pip_{prefix}_{secret}", prefix, keyed_hash(hmac_key, "agency-key", secret.encode()))


def split_key(text: str) -> tuple[str, str] | None:
    """Return the prefix and secret of a presented key, or None when it cannot be a key."""
    if len(text) > LONGEST_KEY or not text.isascii():
        return None
    kind, _, rest = text.partition("_")
    prefix, _, secret = rest.partition("_")
    return (prefix, secret) if kind == "pip" and prefix and secret else None


def is_secret(secret: str, agency: KnownAgency, hmac_key: bytes) -> bool:
    """Tell in constant time whether a secret belongs to an agency's key."""
    return hmac.compare_digest(keyed_hash(hmac_key, "agency-key", secret.encode()), agency.secret_hmac)
