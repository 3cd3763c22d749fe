"""Signatures of events: the process that publishes an event signs it, and a reader checks it before anything else.

A row written into an outbox by hand, or a record written to Kafka, has no valid signature and so no effect. Each
process has its own Ed25519 key. Readers know the public keys from the signed bundle (`crypto.bundle`), in which a key
of the process `triage` has the role `events:triage`; the topology says which processes may sign a topic.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, cast

from aiokafka import ConsumerRecord
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pipeline_shared.crypto.bundle import SIGNING_KEY_MISSING
from pipeline_shared.crypto.keys import KeyBundle, KeyPair, UntrustedBundleError
from pipeline_shared.language.encoding import decode_base64, encode_base64
from pipeline_shared.messaging.cloud_events import SIGNATURE, SIGNER, headers_of
from pipeline_shared.messaging.outbox import OutboxRow
from pipeline_shared.messaging.topics import TOPOLOGY, Topic
from pipeline_shared.runtime.errors import PermanentError

SCHEME = b"partnership-intelligence-pipeline event 1"
EVENTS = "events:"  # the roles of signing keys in the bundle begin with it
UNSIGNED, UNKNOWN_SIGNER = "unsigned_event", "unknown_signer"
SIGNER_NOT_ALLOWED, WRONG_SIGNATURE = "signer_not_allowed", "wrong_signature"
REFUSALS = (UNSIGNED, UNKNOWN_SIGNER, SIGNER_NOT_ALLOWED, WRONG_SIGNATURE)

Record = ConsumerRecord[Any, Any]

_PRODUCER_OF = {topic.name: topic.producer for topic in TOPOLOGY}


class RefusedEventError(PermanentError):
    """No process that may sign this topic's events has signed this record as it is."""


def covered(topic: str, key: bytes, value: bytes, headers: Iterable[tuple[str, bytes]]) -> bytes:
    """Return the bytes that a signature covers: each part with its length, so that no two records give the same."""
    parts = [SCHEME, topic.encode(), key, value]
    for name, content in headers:
        parts += [name.encode(), content]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def generate_signing_pair() -> KeyPair:
    """Return a new key pair for signing: 32 bytes each."""
    private = Ed25519PrivateKey.generate()
    return KeyPair(private.private_bytes_raw(), private.public_key().public_bytes_raw())


@dataclass(frozen=True, slots=True)
class Signer:
    """The signing key of this process and its id."""

    kid: str
    key: Ed25519PrivateKey

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read a key: the file `events-triage-1.key` holds 32 bytes in base64. Raises OSError, ValueError."""
        raw = decode_base64(file.read_text(encoding="ascii").strip())
        return cls(file.stem, Ed25519PrivateKey.from_private_bytes(raw))

    def sign(self, row: OutboxRow) -> OutboxRow:
        """Return the row with its signature."""
        named = replace(row, signer=self.kid)
        headers = headers_of(named, _PRODUCER_OF[row.topic])
        return replace(named, signature=self.key.sign(covered(row.topic, row.key.bytes, row.value, headers)))

    def sign_all(self, rows: Sequence[OutboxRow]) -> list[OutboxRow]:
        """Return the rows with their signatures."""
        return [self.sign(row) for row in rows]


@dataclass(frozen=True, slots=True)
class _Trusted:
    process: str
    key: Ed25519PublicKey


class Verifier:
    """Checks signatures with the public keys in force.

    Until `unsigned_until`, events without a signature are accepted: for records on their way when a release that signs
    replaces one that did not. A wrong signature is never accepted.
    """

    def __init__(self, bundle: KeyBundle, unsigned_until: datetime | None = None) -> None:
        """Take the keys of a bundle; raise UntrustedBundleError if one cannot be read."""
        self._trusted = _trusted_in(bundle)
        self._unsigned_until = unsigned_until

    def follow(self, signer: Signer, process: str, bundle: KeyBundle) -> Callable[[], None]:
        """Return what takes a new bundle; raise UntrustedBundleError if it lacks the key of this process."""
        new = Verifier(bundle)
        new.require(signer, process)

        def take() -> None:
            self._trusted = new._trusted

        return take

    def require(self, signer: Signer, process: str) -> None:
        """Raise UntrustedBundleError if readers would refuse what this process signs."""
        trusted = self._trusted.get(signer.kid)
        if trusted != _Trusted(process, signer.key.public_key()):
            raise UntrustedBundleError(SIGNING_KEY_MISSING)

    def check(self, topic: Topic[Any], record: Record) -> None:
        """Raise RefusedEventError, with the reason, unless a process that may sign the topic has signed the record."""
        headers = cast("Sequence[tuple[str, bytes | None]]", record.headers)  # Kafka allows a header without a value
        if not {SIGNER, SIGNATURE} & {name for name, _ in headers}:
            return self._check_unsigned(topic)
        *others, (name, signature) = headers
        signed = [(name, value) for name, value in others if value is not None]
        if name != SIGNATURE or len(signed) != len(others) or not signed or signed[-1][0] != SIGNER:
            raise RefusedEventError(WRONG_SIGNATURE)
        trusted = self._trusted_for(topic, signed[-1][1])
        _verify(trusted.key, signature or b"", covered(record.topic, record.key or b"", record.value or b"", signed))
        return None

    def _check_unsigned(self, topic: Topic[Any]) -> None:
        over = self._unsigned_until is None or datetime.now(UTC) >= self._unsigned_until
        if over or topic.always_signed:
            raise RefusedEventError(UNSIGNED)

    def _trusted_for(self, topic: Topic[Any], kid: bytes) -> _Trusted:
        trusted = self._trusted.get(kid.decode(errors="replace"))
        if trusted is None:
            raise RefusedEventError(UNKNOWN_SIGNER)
        if trusted.process not in topic.signed_by:
            raise RefusedEventError(SIGNER_NOT_ALLOWED)
        return trusted


def _trusted_in(bundle: KeyBundle) -> Mapping[str, _Trusted]:
    """Return the signing keys of a bundle by their ids; raise UntrustedBundleError if one cannot be read."""
    try:
        return {
            key.kid: _Trusted(
                key.role.removeprefix(EVENTS), Ed25519PublicKey.from_public_bytes(decode_base64(key.public_key))
            )
            for key in bundle.keys
            if key.role.startswith(EVENTS)
        }
    except ValueError:
        raise UntrustedBundleError("unreadable") from None


def _verify(key: Ed25519PublicKey, text: bytes, message: bytes) -> None:
    """Raise RefusedEventError unless `text` is the base64, in its one spelling, of the signature of the message."""
    try:
        signature = decode_base64(text.decode("ascii"))
        key.verify(signature, message)
    except (ValueError, InvalidSignature):
        raise RefusedEventError(WRONG_SIGNATURE) from None
    if encode_base64(signature).encode() != text:
        raise RefusedEventError(WRONG_SIGNATURE)
