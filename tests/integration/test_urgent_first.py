"""Urgent things come first wherever things wait: in the outbox and in the queue of the officers."""

from collections.abc import AsyncGenerator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

import triage_service
from pipeline_local.stack import LocalStack
from pipeline_shared.language.events import HighSubmissionReceived, SafetyFlagged, SafetyPreview, SubmissionReceived
from pipeline_shared.language.vocabulary import SafetyLevel, SafetyReason
from pipeline_shared.messaging import outbox
from pipeline_shared.messaging.lanes import lane_of
from pipeline_shared.messaging.relay import BATCH
from pipeline_shared.messaging.topics import TOPIC_OF
from pipeline_shared.runtime.work import Database, begin
from tests.support.building import NOW
from tests.support.database import database_of
from tests.support.own_database import app_dsn_of, create_own_database
from tests.unit.triage.builders import sanitised
from triage_service.cases.usecases import open_cases
from triage_service.queue.store import list_waiting
from triage_service.rules.table_file import load_rules

MIGRATIONS = Path(triage_service.__file__).parent / "migrations"
SOURCES = """
    SELECT source_ref FROM triage_case WHERE case_id = ANY($1::uuid[]) ORDER BY array_position($1::uuid[], case_id)
"""
BACKLOG = BATCH + 100
URGENT = (
    HighSubmissionReceived(event_id=uuid4(), occurred_at=NOW, submission_ref=uuid4(), sealed=b"x"),
    SafetyFlagged(event_id=uuid4(), occurred_at=NOW, flag_id=uuid4(), reasons=(), preview=SafetyPreview()),
)


@pytest.fixture(scope="module")
async def dsn(stack: LocalStack) -> str:
    """Create a database of triage for these tests alone."""
    return app_dsn_of(stack, "triage", await create_own_database(stack, "triage", MIGRATIONS))


@pytest.fixture
async def own(dsn: str) -> AsyncGenerator[Database, None]:
    async with asyncpg.create_pool(dsn, min_size=0, max_size=2) as pool:
        yield database_of(pool)


@pytest.mark.parametrize("urgent", URGENT, ids=lambda event: type(event).__name__)
async def test_an_urgent_row_is_sent_before_a_backlog_that_fills_more_than_one_batch(
    own: Database, urgent: HighSubmissionReceived | SafetyFlagged
) -> None:
    async with begin(own) as work:
        for _ in range(BACKLOG):
            ref = uuid4()
            work.publish(SubmissionReceived(event_id=ref, occurred_at=NOW, submission_ref=ref, sealed=b"x"))
    async with begin(own) as work:
        work.publish(urgent)
    async with own.pool.acquire() as connection:
        rows = await outbox.list_waiting(connection, BATCH)
        assert rows[0].topic == outbox.to_row(urgent).topic
        await outbox.mark_published(connection, [rows[0].id])


@pytest.mark.parametrize("urgent", URGENT, ids=lambda event: type(event).__name__)
async def test_what_rings_waits_behind_no_backlog_of_what_can_wait_a_little(
    own: Database, urgent: HighSubmissionReceived | SafetyFlagged
) -> None:
    agency, key = uuid4(), TOPIC_OF[type(urgent)].key
    soon = [
        urgent.model_copy(update={"event_id": uuid4(), key: uuid4(), "level": SafetyLevel.SOON}) for _ in range(BACKLOG)
    ]
    now = urgent.model_copy(update={"event_id": uuid4(), key: uuid4()})
    async with begin(own) as work:
        for event in (*soon, now):
            work.publish(event, lane=lane_of(event.level, agency))
    async with own.pool.acquire() as connection:
        rows = await outbox.list_waiting(connection, BATCH)
        assert now.event_id in {row.event_id for row in rows[:2]}
        while rows:
            await outbox.mark_published(connection, [row.id for row in rows])
            rows = await outbox.list_waiting(connection, BATCH)


async def test_a_newer_immediate_case_stands_before_an_older_routine_one(own: Database) -> None:
    routine = [sanitised() for _ in range(3)]
    why = (SafetyReason.CHILD_AT_RISK,)
    at_risk = sanitised().model_copy(update={"safety": why, "level": SafetyLevel.NOW})
    for event in (*routine, at_risk, sanitised()):
        async with begin(own) as work:
            await open_cases(work, [event], rules=load_rules())
    async with own.pool.acquire() as connection:
        rows = await list_waiting(connection, limit=10, offset=0)
        ids = await connection.fetch(SOURCES, [row.case_id for row in rows])
    assert rows[0].priority == "immediate"
    assert [row["source_ref"] for row in ids][:4] == [event.source_ref for event in (at_risk, *routine)]
