"""Parking: a record that cannot be handled is sealed and set aside for a person, and its partition continues.

A broken record may hold anything, so its value is always sealed. Only its place, an error code and the number of
attempts are readable.
"""

import hmac
import os
from dataclasses import dataclass

from aiokafka import ConsumerRecord
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pipeline_shared.language.encoding import decode_base64
from pipeline_shared.runtime.db import Connection
from pipeline_shared.runtime.errors import PermanentError

NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class ParkedRecord:
    """A parked record that an operator selected for replay."""

    id: int
    consumer: str
    topic: str
    partition: int
    offset: int
    sealed: bytes

    @property
    def place(self) -> str:
        """Return the topic, partition and offset of the record as text."""
        return place_of(self.topic, self.partition, self.offset)


def derive_key(parking_key: str, purpose: str) -> bytes:
    """Return the key for one purpose, derived from a service's parking key (base64)."""
    return hmac.digest(decode_base64(parking_key), purpose.encode(), "sha256")


class Parking:
    """Seals, stores and opens the parked records of one service."""

    def __init__(self, key: str) -> None:
        self._cipher = AESGCM(decode_base64(key))
        self._digest_key = derive_key(key, "parked.digest")

    def seal(self, value: bytes, place: str) -> bytes:
        """Return ciphertext bound to the record's place."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, value, place.encode())

    def open(self, parked: ParkedRecord) -> bytes:
        """Return the value; raise PermanentError when it was changed, moved or sealed with another key."""
        try:
            return self._cipher.decrypt(parked.sealed[:NONCE_BYTES], parked.sealed[NONCE_BYTES:], parked.place.encode())
        except InvalidTag:
            raise PermanentError("parked_cannot_be_opened") from None

    async def add(
        self,
        connection: Connection,
        record: "ConsumerRecord[bytes, bytes]",
        *,
        consumer: str,
        error: str,
        attempts: int,
    ) -> bool:
        """Store a record; return False when the same record was delivered again and is already stored."""
        value, place = record.value or b"", (record.topic, record.partition, record.offset)
        digest = hmac.digest(self._digest_key, value, "sha256")  # keyed: a guessed value cannot be tested
        sealed = self.seal(value, place_of(*place))
        return await connection.fetchval(ADD, consumer, *place, digest, sealed, error, attempts) is not None


def place_of(topic: str, partition: int, offset: int) -> str:
    """Return the place of a record as text: the ciphertext is bound to it, and the audit names it."""
    return f"{topic}:{partition}:{offset}"


ADD = """
INSERT INTO parked (consumer, topic, partition, kafka_offset, digest, sealed, error, attempts)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (consumer, topic, partition, kafka_offset, digest) DO NOTHING RETURNING id
"""

NEXT_REPLAY = """
SELECT id, consumer, topic, partition, kafka_offset AS "offset", sealed FROM parked WHERE state = 'replay'
ORDER BY id LIMIT 1
"""


async def find_replay(connection: Connection) -> ParkedRecord | None:
    """Return the oldest record that an operator selected for replay."""
    row = await connection.fetchrow(NEXT_REPLAY)
    return ParkedRecord(**row) if row else None


CLAIM_REPLAY = (
    "UPDATE parked SET state = 'replayed', replayed_at = now() WHERE id = $1 AND state = 'replay' RETURNING error"
)


async def claim_replay(connection: Connection, parked_id: int) -> str | None:
    """Take a replay within the transaction of its effect, so that it happens once; return its error code or None."""
    return await connection.fetchval(CLAIM_REPLAY, parked_id)


PUT_BACK = """
UPDATE parked SET state = 'parked', error = $2, attempts = attempts + 1 WHERE id = $1 AND state = 'replay' RETURNING id
"""


async def put_back(connection: Connection, parked_id: int, error: str) -> bool:
    """Park a record again after a failed replay; return False when it was no longer waiting for one."""
    return await connection.fetchval(PUT_BACK, parked_id, error) is not None


COUNT = "SELECT count(*) FROM parked WHERE state <> 'replayed'"


async def count(connection: Connection) -> int:
    """Return how many parked records wait for a person."""
    return await connection.fetchval(COUNT) or 0
