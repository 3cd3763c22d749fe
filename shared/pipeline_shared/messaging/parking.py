"""Parking: a record that cannot be handled is sealed and set aside for a person, and its partition continues.

A broken record may hold anything, so it is always sealed: value, key and headers. Only its place, an error code and the
number of attempts are readable.
"""

import hmac
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import ConsumerRecord
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pipeline_shared.language.encoding import decode_base64
from pipeline_shared.runtime.db import Connection
from pipeline_shared.runtime.errors import PermanentError

NONCE_BYTES = 12
WHOLE = "whole record:"  # binds a ciphertext that holds key and headers too; older ones hold a value alone

Record = ConsumerRecord[Any, Any]


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

    def seal(self, record: Record) -> bytes:
        """Return ciphertext bound to the record's place."""
        nonce, place = os.urandom(NONCE_BYTES), place_of(record.topic, record.partition, record.offset)
        return nonce + self._cipher.encrypt(nonce, _pack(record), (WHOLE + place).encode())

    def open(self, parked: ParkedRecord) -> Record:
        """Return the record; raise PermanentError when it was changed, moved or sealed with another key."""
        nonce, sealed = parked.sealed[:NONCE_BYTES], parked.sealed[NONCE_BYTES:]
        try:
            return _unpack(parked, self._cipher.decrypt(nonce, sealed, (WHOLE + parked.place).encode()))
        except InvalidTag:
            return _record(parked, b"", self._open_value(parked, nonce, sealed))

    def _open_value(self, parked: ParkedRecord, nonce: bytes, sealed: bytes) -> bytes:
        """Return the value of a record that was parked before events were signed; raise PermanentError."""
        try:
            return self._cipher.decrypt(nonce, sealed, parked.place.encode())
        except InvalidTag:
            raise PermanentError("parked_cannot_be_opened") from None

    async def add(
        self, connection: Connection, records: Sequence[tuple[Record, str]], *, consumer: str, attempts: int
    ) -> list[tuple[Record, str]]:
        """Store records of one topic, each with its error code; return those that were not stored already."""
        if not records:
            return []
        rows = [(r.topic, r.partition, r.offset, self._digest(r), self.seal(r), code) for r, code in records]
        columns = [list(column) for column in zip(*rows, strict=True)]
        added = {tuple(row) for row in await connection.fetch(ADD, consumer, attempts, *columns)}
        return [one for one in records if (one[0].partition, one[0].offset) in added]

    def _digest(self, record: Record) -> bytes:
        """Return a keyed digest of the value: a guessed value cannot be tested."""
        return hmac.digest(self._digest_key, record.value or b"", "sha256")


def _pack(record: Record) -> bytes:
    """Join key, value, names and values of headers, each with its length; what is absent is empty."""
    parts = [record.key or b"", record.value or b""]
    for name, content in record.headers:
        parts += [name.encode(), content or b""]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _unpack(parked: ParkedRecord, packed: bytes) -> Record:
    key, value, *rest = _parts(packed)
    names, contents = (name.decode() for name in rest[::2]), rest[1::2]
    return _record(parked, key, value, tuple(zip(names, contents, strict=True)))


def _parts(packed: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(packed):
        start = at + 4
        at = start + int.from_bytes(packed[at:start], "big")
        yield packed[start:at]


def _record(parked: ParkedRecord, key: bytes, value: bytes, headers: tuple[tuple[str, bytes], ...] = ()) -> Record:
    return Record(parked.topic, parked.partition, parked.offset, 0, 0, key, value, None, len(key), len(value), headers)


def place_of(topic: str, partition: int, offset: int) -> str:
    """Return the place of a record as text: the ciphertext is bound to it, and the audit names it."""
    return f"{topic}:{partition}:{offset}"


ADD = """
INSERT INTO parked (consumer, attempts, topic, partition, kafka_offset, digest, sealed, error)
SELECT $1, $2, * FROM unnest($3::text[], $4::int[], $5::bigint[], $6::bytea[], $7::bytea[], $8::text[])
ON CONFLICT (consumer, topic, partition, kafka_offset, digest) DO NOTHING RETURNING partition, kafka_offset
"""

COUNT_CODES = """
SELECT count(*) FROM (
    SELECT FROM parked WHERE consumer = $1 AND topic = $2 AND state <> 'replayed' AND error = ANY($3::text[]) LIMIT $4
) AS found
"""


async def count_codes(connection: Connection, consumer: str, topic: str, codes: Collection[str], *, most: int) -> int:
    """Return how many parked records of a topic have one of these codes, or `most` if there are more."""
    return await connection.fetchval(COUNT_CODES, consumer, topic, list(codes), most) or 0


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
