"""Keys that sign events: those of the stack under test, and made-up ones for parts that a test runs by itself."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from aiokafka import ConsumerRecord
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipeline_local.stack import LocalStack
from pipeline_settings.processes import PROCESS_OF, SERVICE_PROCESSES
from pipeline_shared.crypto.keys import BundledKey, KeyBundle, read_bundle
from pipeline_shared.language.encoding import encode_base64
from pipeline_shared.language.events import Event
from pipeline_shared.messaging.cloud_events import Headers, headers_of
from pipeline_shared.messaging.outbox import OutboxRow, to_row
from pipeline_shared.messaging.signatures import EVENTS, Signer, Verifier
from pipeline_shared.messaging.topics import TOPIC_OF, TOPOLOGY
from tests.support.kafka import send

PROCESSES = tuple(process.name for process in SERVICE_PROCESSES)
PRODUCER_OF: Mapping[str, str] = {topic.name: topic.producer for topic in TOPOLOGY}


def a_signer(process: str, number: int = 1) -> Signer:
    """Return the made-up key of a process: the same in every run."""
    seed = hashlib.sha256(f"{process} {number}".encode()).digest()
    return Signer(f"events-{process}-{number}", Ed25519PrivateKey.from_private_bytes(seed))


def bundled(process: str, signer: Signer) -> BundledKey:
    """Return the public key of a process as it stands in a bundle."""
    public = encode_base64(signer.key.public_key().public_bytes_raw())
    return BundledKey(kid=signer.kid, role=f"{EVENTS}{process}", public_key=public)


def a_bundle(*keys: BundledKey) -> KeyBundle:
    """Return a bundle in force with these keys."""
    return KeyBundle(version=1, valid_until=datetime.now(UTC) + timedelta(days=1), keys=keys)


SIGNERS: Mapping[str, Signer] = {process: a_signer(process) for process in PROCESSES}
KEYS = tuple(bundled(process, signer) for process, signer in SIGNERS.items())
VERIFIER = Verifier(a_bundle(*KEYS))


def signed(event: Event, signer: Signer | None = None) -> OutboxRow:
    """Return the row of an event, signed with the made-up key of its producer or with another key."""
    return (signer or SIGNERS[TOPIC_OF[type(event)].producer]).sign(to_row(event))


def headers_for(row: OutboxRow) -> Headers:
    """Return the headers with which the relay sends a row."""
    return headers_of(row, PRODUCER_OF[row.topic])


def record_of(row: OutboxRow, offset: int = 0) -> ConsumerRecord[bytes, bytes]:
    """Return the record that a reader gets of a row."""
    key, value, headers = row.key.bytes, row.value, tuple(headers_for(row))
    return ConsumerRecord(row.topic, row.partition, offset, 0, 0, key, value, None, len(key), len(value), headers)


def stack_signer(stack: LocalStack, process: str) -> Signer:
    """Return the key with which a process of the stack signs."""
    return Signer.load(stack.home.keys / f"{PROCESS_OF[process].signing_key}.key")


def stack_verifier(stack: LocalStack) -> Verifier:
    """Return what the readers of the stack check signatures with."""
    signed_bundle = (stack.home.keys / "bundle.json").read_bytes()
    return Verifier(read_bundle(signed_bundle, stack.keys.trust_root, datetime.now(UTC)))


def stack_signed(stack: LocalStack, event: Event, process: str | None = None) -> OutboxRow:
    """Return the row of an event, signed with the key of its producer on the stack, or of another process there."""
    return signed(event, stack_signer(stack, process or TOPIC_OF[type(event)].producer))


async def send_row(stack: LocalStack, row: OutboxRow, *, principal: str | None = None) -> tuple[int, int]:
    """Write a row to Kafka as its producer's relay would, or as another user; return partition and offset."""
    user = principal or PRODUCER_OF[row.topic]
    return await send(stack, row.topic, row.key, row.value, principal=user, headers=headers_for(row))


async def publish(stack: LocalStack, event: Event) -> tuple[int, int]:
    """Write an event to Kafka as its producer would; return partition and offset."""
    return await send_row(stack, stack_signed(stack, event))
