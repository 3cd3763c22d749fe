"""The local stack's key material: made once, in files that only their owner can read.

In production each of these lives elsewhere: the trust root and the escrow key offline, the source desk's key in its key
provider, each service's own keys in its secrets. Here they lie side by side so that one command can start everything.
"""

import json
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipeline_local.home import Home, write_atomically
from pipeline_settings.processes import PROCESSES
from pipeline_shared.crypto.keys import BundledKey, KeyBundle, generate_pair, public_root, sign_bundle
from pipeline_shared.language.encoding import decode_base64, encode_base64

ROLE_OF = {"sanitiser-1": "sanitiser", "source-desk-1": "source_desk", "escrow-1": "escrow"}
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
    trust_root: str

    def secret(self, kind: str, owner: str = "") -> str:
        """Return the secret of a kind: its owner's own where each has one. Raises KeyError, AttributeError."""
        found: str | dict[str, str] = getattr(self, kind)
        return found if isinstance(found, str) else found[owner]


def load_keys(home: Home) -> Keys:
    """Return the stack's keys, made the first time."""
    file = home.keys / "secrets.json"
    if not file.exists():
        trust_root = _write_bundle(home)
        write_atomically(file, json.dumps(_new_secrets(trust_root), indent=2).encode())
    return Keys(**json.loads(file.read_text(encoding="ascii")))


def _new_secrets(trust_root: str) -> dict[str, object]:
    users = [process.kafka_user for process in PROCESSES if process.kafka_user]
    roles = [process.name for process in PROCESSES if process.database_role]
    return {
        "kafka": {name: secrets.token_urlsafe(24) for name in ("admin", *users)},
        "postgres": {name: secrets.token_urlsafe(24) for name in ("postgres", *roles)},
        "parking": {each.name: encode_base64(os.urandom(KEY_BYTES)) for each in PROCESSES if each.kafka_user},
        "controller": secrets.token_urlsafe(24),
        "intake_hmac": encode_base64(os.urandom(KEY_BYTES)),
        "police_token": secrets.token_urlsafe(24),
        "trust_root": trust_root,
    }


def _write_bundle(home: Home) -> str:
    """Make the key pairs and the signed bundle of their public keys; return the public trust root."""
    root = Ed25519PrivateKey.generate()
    keys = tuple(_write_pair(home, kid, role) for kid, role in ROLE_OF.items())
    bundle = KeyBundle(version=1, valid_until=datetime.now(UTC) + BUNDLE_LASTS, keys=keys)
    write_atomically(home.keys / "bundle.json", sign_bundle(bundle, root))
    raw = root.private_bytes(serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())
    write_atomically(home.keys / "trust-root.key", encode_base64(raw).encode())
    return public_root(root)


def _write_pair(home: Home, kid: str, role: str) -> BundledKey:
    pair = generate_pair()
    write_atomically(home.keys / f"{kid}.key", encode_base64(pair.private).encode())
    return BundledKey(kid=kid, role=role, public_key=encode_base64(pair.public))


def load_trust_root(home: Home) -> Ed25519PrivateKey:
    """Return the private trust root, for signing another bundle in a test."""
    text = (home.keys / "trust-root.key").read_text(encoding="ascii")
    return Ed25519PrivateKey.from_private_bytes(decode_base64(text))
