"""Outages of the real parts: accepted submissions survive them, and nothing is accepted that cannot be stored."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from pipeline_shared.language.events import SubmissionReceived
from pipeline_shared.messaging.outbox import to_row
from tests.support.building import a_form
from tests.support.intake import Frontend
from tests.support.kafka import read_all, send
from tests.support.signing import publish
from tests.support.stack import OURS
from tests.support.waiting import until_ready, wait_for
from tests.support.web import web_session

RECEIVED = "submission.received.v1"
Databases = dict[str, asyncpg.Connection]


async def readiness(stack: LocalStack, service: str) -> tuple[int, dict[str, Any]]:
    async with (
        web_session(stack.operations_address(service)) as session,
        session.get("/health/ready") as answer,
    ):
        return answer.status, await answer.json()


@pytest.fixture
async def whole(pipeline: LocalStack) -> AsyncGenerator[LocalStack, None]:
    """Yield the pipeline, and restore it afterwards."""
    yield pipeline
    for name in ("kafka", "postgres", "intake", "sanitiser"):
        pipeline.start(name)
    await until_ready(pipeline, "kafka", "postgres", *OURS)


async def opened_cases(databases: Databases, refs: list[str]) -> int:
    query = "SELECT count(*) FROM source_record WHERE submission_ref = ANY($1::uuid[])"
    return int(await databases["restricted"].fetchval(query, refs) or 0)


async def test_without_kafka_intake_accepts_and_drains_in_order_later(
    whole: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    whole.processes.kill("kafka")
    answers = [await frontend.submit(a_form(title=str(n))) for n in range(30)]
    assert {status for status, _ in answers} == {202}
    assert (await readiness(whole, "intake"))[0] == 200
    whole.start("kafka")
    receipts = [answer["receipt"] for _, answer in answers]
    query = "SELECT submission_ref::text FROM submission WHERE receipt = ANY($1) ORDER BY accepted_at"
    refs = [row["submission_ref"] for row in await databases["intake"].fetch(query, receipts)]

    async def all_arrived() -> bool:
        return await opened_cases(databases, refs) == len(refs)

    await wait_for(all_arrived, "the backlog", seconds=60)
    await assert_log_is_in_outbox_order(whole, databases, refs)


async def test_without_kafka_the_services_that_read_it_say_that_they_are_not_ready(whole: LocalStack) -> None:
    whole.processes.kill("kafka")

    async def none_reads() -> bool:
        answers = [await readiness(whole, service) for service in ("sanitiser", "triage", "transfer")]
        return all(status == 503 and not facts["checks"]["consumer"]["ok"] for status, facts in answers)

    await wait_for(none_reads, "consumers that say so", seconds=60)
    status, facts = await readiness(whole, "desk")  # which has nothing to do with Kafka, and says nothing of it
    assert (status, facts["checks"].keys()) == (200, {"database", "review_children"})


def event_id_of(value: bytes) -> str | None:
    """Return the id of an event, or None for an unreadable record of another test."""
    try:
        event = json.loads(value)
    except ValueError:
        return None
    return event.get("event_id") if isinstance(event, dict) else None


async def assert_log_is_in_outbox_order(stack: LocalStack, databases: Databases, refs: list[str]) -> None:
    """Check that the log has the order of the outbox for one agency; agencies take turns."""
    rows = await databases["intake"].fetch(
        "SELECT event_id FROM outbox WHERE topic = $1 AND key = ANY($2::uuid[]) ORDER BY id", RECEIVED, refs
    )
    assert len(rows) == len(refs)
    position = {str(row["event_id"]): n for n, row in enumerate(rows)}
    first_seen: dict[int, list[int]] = {}
    for record in await read_all(stack, RECEIVED):
        event_id = event_id_of(record.value or b"")
        if event_id in position and position[event_id] not in (seen := first_seen.setdefault(record.partition, [])):
            seen.append(position[event_id])
    assert all(seen == sorted(seen) for seen in first_seen.values())


async def test_without_postgres_nothing_is_accepted_and_readiness_says_why(
    whole: LocalStack, frontend: Frontend
) -> None:
    whole.immediate_stop_postgres()

    async def is_down() -> bool:
        return not await asyncio.to_thread(whole.is_ready, "postgres")

    await wait_for(is_down, "PostgreSQL's end")
    answers = [await frontend.submit(a_form()) for _ in range(5)]
    assert {(status, answer["code"]) for status, answer in answers} <= {(503, "not_stored")}
    status, facts = await readiness(whole, "intake")
    assert (status, facts["checks"]["database"]["ok"]) == (503, False)
    assert (await readiness(whole, "desk"))[0] == 503
    whole.start("postgres")
    await until_ready(whole, "postgres", "intake", "sanitiser", "desk")
    assert (await frontend.submit(a_form()))[0] == 202


async def test_a_poison_record_is_parked_within_thirty_seconds_and_its_partition_moves_on(
    pipeline: LocalStack, databases: Databases
) -> None:
    ref = uuid4()
    poison = SubmissionReceived(
        event_id=uuid4(), occurred_at=datetime.now(UTC), submission_ref=ref, sealed=b"not sealed by anybody"
    )
    partition, offset = await publish(pipeline, poison)
    await send(
        pipeline, RECEIVED, ref, b"\xff not an event", principal="intake", headers=[("n", None), ("b", b"\xff\xfe")]
    )
    query = "SELECT error FROM parked WHERE topic = $1 AND partition = $2 AND kafka_offset BETWEEN $3 AND $3 + 1"

    async def both_parked() -> list[asyncpg.Record]:
        rows = await databases["restricted"].fetch(query, RECEIVED, partition, offset)
        return rows if len(rows) == 2 else []

    rows = await wait_for(both_parked, "two parked records", seconds=30)
    assert {row["error"] for row in rows} == {"cannot_be_opened", "unsigned_event"}


async def test_a_late_commit_is_not_skipped_by_the_relay(pipeline: LocalStack, databases: Databases) -> None:
    """The late row has a lower id than rows that were published before it became visible."""
    late = await asyncpg.connect(pipeline.admin_dsn("intake"))
    transaction = late.transaction()
    await transaction.start()
    insert = "INSERT INTO outbox (event_id, topic, partition, key, value) VALUES ($1, $2, $3, $4, $5)"
    events = [
        SubmissionReceived(event_id=uuid4(), occurred_at=datetime.now(UTC), submission_ref=uuid4(), sealed=b"late")
        for _ in range(2)
    ]
    rows = [to_row(event) for event in events]
    await late.execute(insert, rows[0].event_id, rows[0].topic, rows[0].partition, rows[0].key, rows[0].value)
    await databases["intake"].execute(
        insert, rows[1].event_id, rows[1].topic, rows[1].partition, rows[1].key, rows[1].value
    )

    async def published(n: int) -> bool:
        query = "SELECT published_at IS NOT NULL FROM outbox WHERE event_id = $1"
        return bool(await databases["intake"].fetchval(query, rows[n].event_id))

    await wait_for(lambda: published(1), "the early commit")
    await transaction.commit()
    await wait_for(lambda: published(0), "the late commit")
    await late.close()


async def test_on_sigterm_what_is_in_flight_is_finished(whole: LocalStack, frontend: Frontend) -> None:
    pid = whole.processes.pid("intake")
    posts = [asyncio.create_task(frontend.submit(a_form())) for _ in range(60)]
    await asyncio.wait(posts, return_when=asyncio.FIRST_COMPLETED)
    os.kill(pid or 0, signal.SIGTERM)
    answers = await asyncio.gather(*posts, return_exceptions=True)
    finished = [answer for answer in answers if isinstance(answer, tuple)]
    assert {status for status, _ in finished} == {202}

    async def has_ended() -> bool:
        return whole.processes.pid("intake") is None

    await wait_for(has_ended, "intake's end", seconds=20)
    whole.start("intake")
    await until_ready(whole, "intake")
    for _, answer in finished:
        assert await frontend.status(answer["receipt"])
