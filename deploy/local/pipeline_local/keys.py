"""The local stack's keys and passwords: made once, in files that only their owner can read.

In production each of these is kept elsewhere: the trust root and the escrow key offline, the source desk's key in its
key provider, each service's keys in its own secrets. Here they are together, so that one command can start everything.
"""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipeline_local.home import Home, write_atomically
from pipeline_settings.key_table import KEYS, KeyKind
from pipeline_settings.processes import PAGES, PEOPLE_ROLES, PROCESSES
from pipeline_shared.crypto.keys import BundledKey, KeyBundle, generate_pair, public_root, read_bundle, sign_bundle
from pipeline_shared.language.encoding import decode_base64, encode_base64
from pipeline_shared.messaging.signatures import generate_signing_pair

ROLE_OF = {row.kid(1): row.role for row in KEYS if row.kind is KeyKind.SEALING}
SIGNING_ROLE_OF = {row.kid(1): row.role for row in KEYS if row.kind is KeyKind.SIGNING}
BUNDLE_LASTS = timedelta(days=3650)
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Keys:
    """Every secret of one local stack."""

    kafka: dict[str, str]
    postgres: dict[str, str]
    parking: dict[str, str]
    controller: str
    intake_hmac: str
    police_token: str
    session: dict[str, str]
    oidc_client: dict[str, str]
    trust_root: str

    def secret(self, kind: str, owner: str = "") -> str:
        """Return a secret of a kind, and of an owner where each owner has one. Raises KeyError, AttributeError."""
        found: str | dict[str, str] = getattr(self, kind)
        return found if isinstance(found, str) else found[owner]


def load_keys(home: Home) -> Keys:
    """Return the stack's keys; make them the first time."""
    file = home.keys / "secrets.json"
    known = json.loads(file.read_text(encoding="ascii")) if file.exists() else {}
    every = _and_what_is_missing(known, _new_secrets(_write_bundle(home)))
    if every != known:
        write_atomically(file, json.dumps(every, indent=2).encode())
    return Keys(**every)


def _and_what_is_missing(known: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    return {
        kind: {**value, **known.get(kind, {})} if isinstance(value, dict) else known.get(kind, value)
        for kind, value in new.items()
    }


def _new_secrets(trust_root: str) -> dict[str, object]:
    users = [process.kafka_user for process in PROCESSES if process.kafka_user]
    roles = [process.name for process in PROCESSES if process.database_role]
    return {
        "kafka": {name: secrets.token_urlsafe(24) for name in ("admin", *users)},
        "postgres": {name: secrets.token_urlsafe(24) for name in ("postgres", *roles, *PEOPLE_ROLES)},
        "parking": {each.name: encode_base64(os.urandom(KEY_BYTES)) for each in PROCESSES if each.kafka_user},
        "controller": secrets.token_urlsafe(24),
        "intake_hmac": encode_base64(os.urandom(KEY_BYTES)),
        "police_token": secrets.token_urlsafe(24),
        "session": {name: encode_base64(os.urandom(KEY_BYTES)) for name in PAGES},
        "oidc_client": {name: secrets.token_urlsafe(24) for name in PAGES},
        "trust_root": trust_root,
    }


def _write_bundle(home: Home) -> str:
    """Make the key pairs that are missing and sign the bundle of all public keys; return the public trust root."""
    root = _root(home)
    known = _known_bundle(home, root)
    roles = ROLE_OF | SIGNING_ROLE_OF
    missing = roles.keys() - {key.kid for key in known.keys}
    if missing:
        made = (_write_pair(home, kid, role) for kid, role in roles.items() if kid in missing)
        until = datetime.now(UTC) + BUNDLE_LASTS
        bundle = KeyBundle(version=known.version + 1, valid_until=until, keys=(*known.keys, *made))
        write_atomically(home.keys / "bundle.json", sign_bundle(bundle, root))
    return public_root(root)


def _root(home: Home) -> Ed25519PrivateKey:
    file = home.keys / "trust-root.key"
    if not file.exists():
        private = Ed25519PrivateKey.generate().private_bytes_raw()
        write_atomically(file, encode_base64(private).encode())
    return load_trust_root(home)


def _known_bundle(home: Home, root: Ed25519PrivateKey) -> KeyBundle:
    """Return the bundle in force, an empty one the first time; raise UntrustedBundleError."""
    now, file = datetime.now(UTC), home.keys / "bundle.json"
    empty = KeyBundle(version=0, valid_until=now, keys=())
    return read_bundle(file.read_bytes(), public_root(root), now) if file.exists() else empty


def _write_pair(home: Home, kid: str, role: str) -> BundledKey:
    pair = generate_signing_pair() if kid in SIGNING_ROLE_OF else generate_pair()
    write_atomically(home.keys / f"{kid}.key", encode_base64(pair.private).encode())
    return BundledKey(kid=kid, role=role, public_key=encode_base64(pair.public))


def load_trust_root(home: Home) -> Ed25519PrivateKey:
    """Return the private trust root, for signing another bundle in a test."""
    text = (home.keys / "trust-root.key").read_text(encoding="ascii")
    return Ed25519PrivateKey.from_private_bytes(decode_base64(text))
