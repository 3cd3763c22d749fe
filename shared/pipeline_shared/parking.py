"""Parking: a record that cannot be handled is set aside as ciphertext for a person, and its partition moves on.

What a broken record holds is unknown, so its value is sealed whatever the topic; only its place, an error code and the
number of attempts are readable.
"""

import base64
import os
from dataclasses import dataclass

from aiokafka import ConsumerRecord
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pipeline_shared.db import Connection

NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class ParkedRecord:
    """A parked record that a person wants handled again."""

    id: int
    consumer: str
    topic: str
    partition: int
    offset: int
    sealed: bytes


class Parking:
    """Seals, stores and reopens the records that one service sets aside."""

    def __init__(self, key: str) -> None:
        self._cipher = AESGCM(base64.b64decode(key))

    def seal(self, value: bytes, place: bytes) -> bytes:
        """Return ciphertext bound to the place it came from."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, value, place)

    def open(self, parked: ParkedRecord) -> bytes:
        """Return the value; raise InvalidTag when it was changed or moved."""
        place = place_of(parked.topic, parked.partition, parked.offset)
        return self._cipher.decrypt(parked.sealed[:NONCE_BYTES], parked.sealed[NONCE_BYTES:], place)

    async def add(
        self,
        connection: Connection,
        record: "ConsumerRecord[bytes, bytes]",
        *,
        consumer: str,
        error: str,
        attempts: int,
    ) -> None:
        """Store a record; parked again after a replay, it keeps its row."""
        sealed = self.seal(record.value or b"", place_of(record.topic, record.partition, record.offset))
        place = (record.topic, record.partition, record.offset)
        await connection.execute(ADD, consumer, *place, sealed, error, attempts)


def place_of(topic: str, partition: int, offset: int) -> bytes:
    """Return the place of a record as the bytes its ciphertext is bound to."""
    return f"{topic}:{partition}:{offset}".encode()


ADD = """
INSERT INTO parked (consumer, topic, partition, kafka_offset, sealed, error, attempts) VALUES ($1, $2, $3, $4, $5, $6,
$7) ON CONFLICT (consumer, topic, partition, kafka_offset) DO UPDATE SET state = 'parked', error = excluded.error,
attempts = parked.attempts + excluded.attempts
"""

NEXT_REPLAY = """
SELECT id, consumer, topic, partition, kafka_offset AS "offset", sealed FROM parked WHERE state = 'replay'
ORDER BY id LIMIT 1
"""


async def find_replay(connection: Connection) -> ParkedRecord | None:
    """Return the oldest record that a person asked to replay."""
    row = await connection.fetchrow(NEXT_REPLAY)
    return ParkedRecord(**row) if row else None


CLAIM_REPLAY = (
    "UPDATE parked SET state = 'replayed', replayed_at = now() WHERE id = $1 AND state = 'replay' RETURNING id"
)


async def claim_replay(connection: Connection, parked_id: int) -> bool:
    """Take a replay in the transaction of its effect, so that it happens once; return whether it was still to do."""
    return await connection.fetchval(CLAIM_REPLAY, parked_id) is not None


COUNT = "SELECT count(*) FROM parked WHERE state <> 'replayed'"


async def count(connection: Connection) -> int:
    """Return how many records wait for a person."""
    return await connection.fetchval(COUNT) or 0
