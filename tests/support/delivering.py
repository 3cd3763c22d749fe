"""A deliverer on the database of the transfer service, with a use case that fails on demand."""

import asyncio
import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg

from pipeline_shared.language.events import CaseStatusChanged
from pipeline_shared.language.vocabulary import SubmissionStatus
from pipeline_shared.messaging.delivery import Deliverer, Record
from pipeline_shared.messaging.outbox import to_row
from pipeline_shared.messaging.parking import Parking
from pipeline_shared.messaging.signatures import Verifier
from pipeline_shared.messaging.subscriptions import Effect, Subscription
from pipeline_shared.messaging.topics import CASE_STATUS_CHANGED, Reader
from pipeline_shared.runtime.metrics import create_metrics
from pipeline_shared.runtime.work import Work
from tests.support.database import database_of
from tests.support.signing import SIGNERS, VERIFIER, record_of

TOPIC = CASE_STATUS_CHANGED.name
KEY = base64.b64encode(b"p" * 32).decode()
SERVICE = "transfer.delivery-test"  # the role of transfer enters nothing for another service


def an_event() -> CaseStatusChanged:
    """Return an event about a case of its own."""
    return CaseStatusChanged(
        event_id=uuid4(), occurred_at=datetime.now(UTC), status_token=uuid4(), status=SubmissionStatus.ACCEPTED
    )


def a_record(value: bytes | CaseStatusChanged, offset: int | None = None) -> Record:
    """Return a record with an event or other bytes, signed, at a place of its own unless an offset is given."""
    place = uuid4().int % 2**40 if offset is None else offset
    row = to_row(an_event() if isinstance(value, bytes) else value)
    row = replace(row, partition=0, value=value) if isinstance(value, bytes) else replace(row, partition=0)
    return record_of(SIGNERS["triage"].sign(row), place)


class Effects:
    """A use case that writes an audit entry for each event and fails on demand."""

    def __init__(self) -> None:
        self.failures: dict[UUID, list[Exception]] = {}
        self.calls = 0

    async def __call__(self, work: Work, events: Sequence[CaseStatusChanged]) -> None:
        self.calls += 1
        for event in events:
            work.audit("effect", actor=SERVICE, subject=str(event.event_id))
            if remaining := self.failures.get(event.event_id):
                raise remaining.pop(0)


class Delivering:
    """A deliverer on the database of the transfer service, and its effects there."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.parking = Parking(KEY)
        self.stop = asyncio.Event()
        self.metrics = create_metrics()
        self.effects = Effects()
        self.deliverer = self.deliverer_of(self.effects)

    def deliverer_of(
        self, use_case: Effect[CaseStatusChanged], *, step: str = "", verifier: Verifier = VERIFIER
    ) -> Deliverer:
        subscription = Subscription(CASE_STATUS_CHANGED, Reader(SERVICE, step), use_case)
        database = database_of(self.pool)
        return Deliverer(subscription, database, self.metrics, parking=self.parking, verifier=verifier, stop=self.stop)

    async def deliver(self, *records: Record) -> None:
        await self.deliverer.deliver(records)

    async def times(self, event: CaseStatusChanged) -> int:
        query = "SELECT count(*) FROM audit WHERE action = 'effect' AND subject = $1"
        return int(await self.pool.fetchval(query, str(event.event_id)) or 0)

    async def ask_replay(self, record: Record) -> int:
        """Ask for a replay of the record parked at a place, like an operator; return its id."""
        query = "UPDATE parked SET state = 'replay' WHERE kafka_offset = $1 AND consumer = $2 RETURNING id"
        return int(await self.pool.fetchval(query, record.offset, SERVICE) or 0)

    async def times_parked(self, record: Record) -> int:
        query = "SELECT count(*) FROM audit WHERE action = 'record_parked' AND subject = $1"
        return int(await self.pool.fetchval(query, f"{TOPIC}:0:{record.offset}") or 0)

    async def parked(self, record: Record) -> asyncpg.Record | None:
        return await self.pool.fetchrow(
            "SELECT * FROM parked WHERE kafka_offset = $1 AND consumer = $2", record.offset, SERVICE
        )
