"""Kills at the three moments at which a wrong order of steps loses or doubles records.

Chance rarely hits these moments, so each test creates one: a lock or a frozen broker stops the service at exactly this
point.
"""

import asyncio
import signal
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
import pytest
from confluent_kafka import ConsumerGroupTopicPartitions

from pipeline_local.stack import LocalStack
from pipeline_shared.messaging.topics import SANITISER, SUBMISSION_RECEIVED, SUBMISSION_SANITISED, group_of
from tests.chaos.moments import END_BLOCKED, locked, until_blocked, until_dead
from tests.support.building import a_form
from tests.support.intake import Frontend
from tests.support.kafka import count_written, read_all
from tests.support.waiting import POLL_SECONDS, until_ready, wait_for

COUNT = 5
AUTO_COMMIT_SECONDS = 5.0  # the interval at which a Kafka client with automatic commits moves its offset
SERVED_SECONDS = 60  # the group waits until the session of the dead member ends

Databases = dict[str, asyncpg.Connection]


@pytest.fixture
async def whole(pipeline: LocalStack) -> AsyncGenerator[LocalStack, None]:
    """Yield the pipeline, and restore it afterwards."""
    yield pipeline
    pipeline.processes.kill("kafka", signal.SIGCONT)
    for name in ("intake", "sanitiser"):
        pipeline.start(name)
        await until_ready(pipeline, name)


async def stays(condition: Callable[[], Awaitable[bool]], *, seconds: float) -> bool:
    """Tell whether a condition holds for the whole time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not await condition():
            return False
        await asyncio.sleep(POLL_SECONDS)
    return True


async def submit_some(frontend: Frontend) -> list[str]:
    answers = [await frontend.submit(a_form(title=str(n))) for n in range(COUNT)]
    assert {status for status, _ in answers} == {202}
    return [answer["receipt"] for _, answer in answers]


async def refs_of(databases: Databases, receipts: list[str]) -> list[str]:
    query = "SELECT submission_ref::text FROM submission WHERE receipt = ANY($1)"
    return [row["submission_ref"] for row in await databases["intake"].fetch(query, receipts)]


async def until_split(databases: Databases, refs: list[str], *, at_least: int) -> None:
    query = "SELECT count(*) FROM source_record WHERE submission_ref = ANY($1::uuid[])"

    async def is_split() -> bool:
        return int(await databases["restricted"].fetchval(query, refs) or 0) >= at_least

    await wait_for(is_split, "the restricted store", seconds=SERVED_SECONDS)


def read_offset(stack: LocalStack) -> int:
    """Return the sum of the offsets that the sanitiser has committed."""
    group = ConsumerGroupTopicPartitions(group_of(SUBMISSION_RECEIVED, SANITISER))
    admin = stack.kafka.admin()  # the answer comes only while the service lives
    (answer,) = admin.list_consumer_group_offsets([group]).values()
    return sum(max(partition.offset, 0) for partition in answer.result(timeout=10).topic_partitions or [])


async def until_caught_up(stack: LocalStack) -> None:
    """Return when the sanitiser has committed the offset of every record."""
    written = await count_written(stack, SUBMISSION_RECEIVED.name)

    async def is_read() -> bool:
        return await asyncio.to_thread(read_offset, stack) >= written

    await wait_for(is_read, "the sanitiser's offset", seconds=SERVED_SECONDS)


async def assert_once(databases: Databases, refs: list[str]) -> None:
    """Check that each submission has one source record, one event onward and one case, and that none is parked."""
    restricted = databases["restricted"]
    query = "SELECT source_ref FROM source_record WHERE submission_ref = ANY($1::uuid[])"
    sources = [row["source_ref"] for row in await restricted.fetch(query, refs)]
    assert len(sources) == len(set(refs)) == COUNT
    query = "SELECT count(*) FROM outbox WHERE topic = $1 AND key = ANY($2)"
    assert await restricted.fetchval(query, SUBMISSION_SANITISED.name, sources) == COUNT

    async def has_cases() -> bool:
        query = "SELECT count(*) FROM triage_case WHERE source_ref = ANY($1)"
        return await databases["triage"].fetchval(query, sources) == COUNT

    await wait_for(has_cases, "the cases")


async def parked(databases: Databases) -> int:
    return int(await databases["restricted"].fetchval("SELECT count(*) FROM parked") or 0)


@asynccontextmanager
async def batch_in_hand(whole: LocalStack, frontend: Frontend, databases: Databases) -> AsyncGenerator[list[str], None]:
    """Submit some; while the block runs, the sanitiser has read a batch of them and cannot store its effect."""
    async with locked(whole, "restricted", "LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE"):
        refs = await refs_of(databases, await submit_some(frontend))
        await until_blocked(databases["restricted"], "sanitiser_app", "INTO inbox")
        yield refs


async def test_a_batch_in_hand_when_its_consumer_is_killed_is_read_again(
    whole: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    await until_caught_up(whole)
    before, was_parked = read_offset(whole), await parked(databases)
    async with batch_in_hand(whole, frontend, databases) as refs:

        async def is_unmoved() -> bool:
            return await asyncio.to_thread(read_offset, whole) == before

        unmoved = await stays(is_unmoved, seconds=AUTO_COMMIT_SECONDS * 1.5)
        await until_dead(whole, "sanitiser")
    whole.start("sanitiser")
    await until_split(databases, refs, at_least=COUNT)
    assert unmoved, "the offset moved before the effect was committed"
    await assert_once(databases, refs)
    assert await parked(databases) == was_parked


async def test_a_batch_committed_before_its_offset_has_its_effect_once(
    whole: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    await until_caught_up(whole)
    before, was_parked = read_offset(whole), await parked(databases)
    async with batch_in_hand(whole, frontend, databases) as refs:
        whole.processes.kill("kafka", signal.SIGSTOP)
    await until_split(databases, refs, at_least=1)  # the other submissions are not in its batch
    await until_dead(whole, "sanitiser")
    whole.processes.kill("kafka", signal.SIGCONT)
    assert await asyncio.to_thread(read_offset, whole) < before + COUNT
    whole.start("sanitiser")
    await until_caught_up(whole)
    await assert_once(databases, refs)
    assert await parked(databases) == was_parked


async def test_what_a_relay_sent_and_could_not_mark_is_sent_again_and_has_its_effect_once(
    whole: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    was_parked = await parked(databases)
    whole.processes.kill("kafka", signal.SIGSTOP)
    refs = await refs_of(databases, await submit_some(frontend))
    unpublished = "SELECT id FROM outbox WHERE published_at IS NULL FOR UPDATE"
    async with locked(whole, "intake", unpublished):
        whole.processes.kill("kafka", signal.SIGCONT)
        await until_blocked(databases["intake"], "intake_app", "UPDATE outbox")
        await until_split(databases, refs, at_least=1)
        await until_dead(whole, "intake")
        # a backend that waits for a lock does not notice that its client has gone: it would mark the rows later
        await databases["intake"].execute(END_BLOCKED, "intake_app")
    whole.start("intake")

    async def is_there_twice() -> bool:
        keys = [(record.key or b"").hex() for record in await read_all(whole, SUBMISSION_RECEIVED.name)]
        return sum(key in {ref.replace("-", "") for ref in refs} for key in keys) > COUNT

    await wait_for(is_there_twice, "the repetition in the topic", seconds=SERVED_SECONDS)
    await until_caught_up(whole)
    await assert_once(databases, refs)
    assert await parked(databases) == was_parked
