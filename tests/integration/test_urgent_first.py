"""What may save somebody comes first wherever things wait: in the outbox and in the officers' queue."""

from collections.abc import AsyncGenerator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

import triage_service
from pipeline_local.stack import LocalStack
from pipeline_shared import outbox
from pipeline_shared.contracts import HighSubmissionReceived, SafetyFlagged, SafetyPreview, SubmissionReceived
from pipeline_shared.relay import BATCH
from pipeline_shared.submission import SafetyReason
from pipeline_shared.work import begin
from tests.support.building import NOW
from tests.support.own_database import app_dsn_of, create_own_database
from tests.unit.triage.builders import sanitised
from triage_service.rules import load_rules
from triage_service.store import CaseStore
from triage_service.usecases import open_cases

MIGRATIONS = Path(triage_service.__file__).parent / "migrations"
BACKLOG = BATCH + 100
URGENT = (
    HighSubmissionReceived(event_id=uuid4(), occurred_at=NOW, submission_ref=uuid4(), sealed=b"x", status_ref=uuid4()),
    SafetyFlagged(event_id=uuid4(), occurred_at=NOW, status_ref=uuid4(), reasons=(), preview=SafetyPreview()),
)


@pytest.fixture(scope="module")
async def database(stack: LocalStack) -> str:
    """A database of triage's that nobody else looks into."""
    return app_dsn_of(stack, "triage", await create_own_database(stack, "triage", MIGRATIONS))


@pytest.fixture
async def pool(database: str) -> AsyncGenerator[asyncpg.Pool, None]:
    async with asyncpg.create_pool(database, min_size=0, max_size=2) as pool:
        yield pool


@pytest.mark.parametrize("urgent", URGENT, ids=lambda event: type(event).__name__)
async def test_an_urgent_row_is_sent_before_a_backlog_that_fills_more_than_one_batch(
    pool: asyncpg.Pool, urgent: HighSubmissionReceived | SafetyFlagged
) -> None:
    async with begin(pool) as work:
        for _ in range(BACKLOG):
            ref = uuid4()
            work.publish(SubmissionReceived(event_id=ref, occurred_at=NOW, submission_ref=ref, sealed=b"x"))
    async with begin(pool) as work:
        work.publish(urgent)
    async with pool.acquire() as connection:
        rows = await outbox.list_waiting(connection, BATCH)
        assert rows[0]["topic"] == outbox.to_row(urgent).topic
        await outbox.mark_published(connection, [rows[0]["id"]])


async def test_a_newer_immediate_case_stands_before_an_older_routine_one(pool: asyncpg.Pool) -> None:
    routine = [sanitised() for _ in range(3)]
    at_risk = sanitised().model_copy(update={"safety": (SafetyReason.CHILD_AT_RISK,)})
    for event in (*routine, at_risk, sanitised()):
        async with begin(pool) as work:
            await open_cases(work, [event], rules=load_rules())
    async with pool.acquire() as connection:
        rows = await CaseStore(connection).list_queue(waiting=True, limit=10, offset=0)
        first = await connection.fetchval("SELECT source_ref FROM triage_case WHERE case_id = $1", rows[0].case_id)
    assert rows[0].priority == "immediate"
    assert first == at_risk.source_ref
    opened = [row.opened_at for row in rows if row.priority != "immediate"]
    assert opened == sorted(opened)
