"""The operator's view of any service's database: parked records, refused events, and sending published events again.

Content stays out of sight. Every change is audited in the transaction that makes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from pipeline_shared.audit.entries import Operator
from pipeline_shared.runtime.db import Connection
from pipeline_shared.runtime.work import Work

REPLAY_ASKED, RESENT = "parked_replay_asked", "events_resent"


@dataclass(frozen=True, slots=True)
class Request:
    """A change that an operator asks for, with their reason."""

    operator: Operator
    reason: str


@dataclass(frozen=True, slots=True)
class StateCount:
    """The number of things in one state. `oldest` is the longest waiting time in seconds."""

    state: str
    number: int
    oldest: float | None = None


@dataclass(frozen=True, slots=True)
class ParkedFacts:
    """The readable facts of one parked thing. `place` is its origin or its destination."""

    id: str
    topic: str
    place: str
    error: str
    attempts: int
    state: str
    parked_at: datetime


@dataclass(frozen=True, slots=True)
class RefusedEventFacts(ParkedFacts):
    """An event that the broker refused. Later events with its Kafka key wait behind it."""

    event_id: UUID
    waiting_behind: int


RECORD = "id::text AS id, topic, partition || ':' || kafka_offset AS place, error, attempts, state, parked_at"
LIST_RECORDS = f"SELECT {RECORD} FROM parked WHERE state <> 'replayed' ORDER BY parked.id"  # noqa: S608 - constants


async def list_records(connection: Connection) -> list[ParkedFacts]:
    """Return the parked records that wait for an operator."""
    return [ParkedFacts(**row) for row in await connection.fetch(LIST_RECORDS)]


FIND_RECORD = f"SELECT {RECORD} FROM parked WHERE id::text = $1"  # noqa: S608 - constants


async def find_record(connection: Connection, parked_id: str) -> ParkedFacts | None:
    """Return the facts of one parked record."""
    row = await connection.fetchrow(FIND_RECORD, parked_id)
    return ParkedFacts(**row) if row else None


REPLAY_RECORDS = """
UPDATE parked SET state = 'replay' WHERE state = 'parked' AND ($1::text IS NULL OR id::text = $1)
RETURNING id::text AS subject, error AS reason
"""


async def replay_records(work: Work, parked_id: str | None, request: Request) -> int:
    """Mark one parked record, or all, for replay; return how many were marked."""
    return audit_replays(work, await work.connection.fetch(REPLAY_RECORDS, parked_id), request)


def audit_replays(work: Work, rows: Sequence[asyncpg.Record], request: Request) -> int:
    """Audit each replay with the code of the earlier failure and the reason; return the number of replays."""
    for row in rows:
        said = f"{row['reason'] or 'no code'}: {request.reason}"
        work.audit(REPLAY_ASKED, actor=request.operator.actor, subject=row["subject"], reason=said)
    return len(rows)


EVENT = "id::text AS id, topic, partition::text AS place, error, attempts, 'parked' AS state, set_aside_at AS parked_at"
REFUSED = "published_at IS NULL AND set_aside_at IS NOT NULL"
LIST_EVENTS = f"SELECT {EVENT} FROM outbox WHERE {REFUSED} ORDER BY outbox.id"  # noqa: S608 - constants


async def list_events(connection: Connection) -> list[ParkedFacts]:
    """Return the events that the broker refused."""
    return [ParkedFacts(**row) for row in await connection.fetch(LIST_EVENTS)]


FIND_EVENT = f"""
SELECT {EVENT}, event_id,
    (SELECT count(*) FROM outbox AS later WHERE later.published_at IS NULL AND later.topic = outbox.topic
        AND later.key = outbox.key AND later.id > outbox.id) AS waiting_behind
FROM outbox WHERE {REFUSED} AND id::text = $1
"""  # noqa: S608 - constants


async def find_event(connection: Connection, parked_id: str) -> ParkedFacts | None:
    """Return the facts of one event that the broker refused."""
    row = await connection.fetchrow(FIND_EVENT, parked_id)
    return RefusedEventFacts(**row) if row else None


# The relay sends these rows like any other waiting row. Rows that waited behind one of them follow in their order.
REPLAY_EVENTS = f"""
UPDATE outbox SET set_aside_at = NULL WHERE {REFUSED} AND ($1::text IS NULL OR id::text = $1)
RETURNING event_id::text AS subject, error AS reason
"""  # noqa: S608 - constants


async def replay_events(work: Work, parked_id: str | None, request: Request) -> int:
    """Mark one refused event, or all, to be sent again; return how many were marked."""
    return audit_replays(work, await work.connection.fetch(REPLAY_EVENTS, parked_id), request)


# An outbox stores only the hour of publication, so events published earlier in that hour are sent again too. They keep
# the order of their ids: the relay sends unpublished rows of any age.
RESEND = """
WITH chosen AS (
    UPDATE outbox SET published_at = NULL WHERE published_at >= date_trunc('hour', $1::timestamptz) RETURNING id)
SELECT count(*) FROM chosen
"""


async def resend_since(work: Work, since: datetime, request: Request) -> int:
    """Mark events published since a time to be sent again after the broker lost records; return how many.

    This is safe because each consumer finds repeated events in its inbox. An inbox keeps its rows longer than any
    outbox, so every event that can be sent again is still known.
    """
    said = f"since {since.isoformat()}: {request.reason}"
    work.audit(RESENT, actor=request.operator.actor, subject="outbox", reason=said)
    return await work.connection.fetchval(RESEND, since) or 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """Events to publish, the age of the oldest in seconds, and the numbers of parked and refused rows."""

    outbox: int
    outbox_age: float | None
    parked: int


MEASURE_DELIVERY = """
SELECT count(*) FILTER (WHERE set_aside_at IS NULL) AS outbox,
    extract(epoch FROM now() - min(created_at) FILTER (WHERE set_aside_at IS NULL))::float AS outbox_age,
    count(*) FILTER (WHERE set_aside_at IS NOT NULL)
        + (SELECT count(*) FROM parked WHERE state <> 'replayed') AS parked
FROM outbox WHERE published_at IS NULL
"""


async def measure_delivery(connection: Connection) -> Delivery:
    """Return the counts of waiting, parked and refused rows."""
    (row,) = await connection.fetch(MEASURE_DELIVERY)
    return Delivery(**row)
