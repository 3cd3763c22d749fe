"""The relay against a real broker that refuses: one row is set aside, a topic rests, everything else flows in order."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Generator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from aiokafka import ConsumerRecord
from pydantic import SecretStr

from pipeline_admin.parked import OUTBOX, ParkingPlace, ask_replay, find_parked, list_parked
from pipeline_admin.provision_kafka import provision_kafka
from pipeline_local.stack import LocalStack
from pipeline_shared.audit.entries import Operator
from pipeline_shared.messaging import outbox
from pipeline_shared.messaging.operators import RefusedEventFacts
from pipeline_shared.messaging.outbox import OutboxRow, partition_of
from pipeline_shared.messaging.refusals import MOST_SET_ASIDE
from pipeline_shared.messaging.relay import Relay
from pipeline_shared.messaging.topics import PARTITIONS
from tests.support.broker import alter_topic, delete_topic, withdraw_writing
from tests.support.kafka import read_all
from tests.support.own_database import app_dsn_of, create_own_database
from tests.support.settings import settings_of
from tests.support.stack import create_stack
from tests.support.waiting import wait_for

ORDINARY, URGENT, ANOTHERS = "submission.received.v1", "submission.received.high.v1", "case.decided.v1"
TOO_LARGE = 1_500_000


def a_row(topic: str = ORDINARY, *, key: UUID | None = None, size: int = 0, **changes: Any) -> OutboxRow:
    """Return a row with a value that names its event, so that a test can find it in a topic."""
    event_id, key = uuid4(), key or uuid4()
    row = OutboxRow(
        event_id, topic, partition_of(key, PARTITIONS), key, str(event_id).encode().ljust(size, b"."), topic == URGENT
    )
    return replace(row, **changes)


SOMEBODY = Operator("sam")


class Outbox:
    """An outbox that no running service reads, and a relay for it."""

    def __init__(self, stack: LocalStack, dsn: str, connection: asyncpg.Connection) -> None:
        self.stack, self.connection = stack, connection
        self.place = ParkingPlace("intake-outbox", dsn, OUTBOX)
        self.relay = Relay(settings_of(stack, "intake", database_url=SecretStr(dsn)))

    async def add(self, *rows: OutboxRow) -> None:
        await outbox.add(self.connection, rows)

    @contextlib.asynccontextmanager
    async def relaying(self) -> AsyncGenerator[None, None]:
        stop = asyncio.Event()
        running = asyncio.create_task(self.relay.run(stop))
        try:
            yield
        finally:
            stop.set()
            await running

    async def refused(self) -> dict[UUID, str]:
        """Return the rows set aside, each with its code."""
        rows = await self.connection.fetch("SELECT event_id, error FROM outbox WHERE set_aside_at IS NOT NULL")
        return {row["event_id"]: row["error"] for row in rows}

    async def until_published(self, *rows: OutboxRow, seconds: float = 30) -> None:
        query = "SELECT count(*) FROM outbox WHERE event_id = ANY($1::uuid[]) AND published_at IS NOT NULL"

        async def all_are() -> bool:
            return await self.connection.fetchval(query, [row.event_id for row in rows]) == len(rows)

        await wait_for(all_are, "rows to be published", seconds=seconds)

    async def arrived(self, topic: str) -> list[UUID]:
        """Return the events in a topic, partition by partition in order."""
        return [_event_of(record) for record in await read_all(self.stack, topic)]

    async def published_at(self, *rows: OutboxRow) -> list[float]:
        query = "SELECT extract(epoch FROM published_at)::float FROM outbox WHERE event_id = $1"
        return [await self.connection.fetchval(query, row.event_id) or float("inf") for row in rows]


def _event_of(record: ConsumerRecord[bytes, bytes]) -> UUID:
    return UUID((record.value or b"")[:36].decode())


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Generator[LocalStack, None, None]:
    """Start a stack for these tests: other tests must not miss the permissions and topics removed here."""
    stack = create_stack(tmp_path_factory.mktemp("relay"))
    try:
        stack.start_infrastructure()
        stack.provision()
        yield stack
    finally:
        stack.stop()


@pytest.fixture
async def box(broker: LocalStack) -> AsyncGenerator[Outbox, None]:
    provision_kafka(broker.kafka.admin(), broker.keys.kafka)
    dsn = app_dsn_of(broker, "intake", await create_own_database(broker, "intake"))
    connection = await asyncpg.connect(dsn)
    yield Outbox(broker, dsn, connection)
    await connection.close()


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "larger than its topic takes": ({"value": bytes(TOO_LARGE)}, "MessageSizeTooLargeError"),
    "larger than any broker takes": ({"value": bytes(outbox.LARGEST_VALUE + 1)}, "record_too_large"),
    "for a topic that is not there": ({"topic": "no.such.topic.v1"}, "TopicAuthorizationFailedError"),
    "for a topic of another service": ({"topic": ANOTHERS}, "TopicAuthorizationFailedError"),
    "for a topic with a name that none can have": ({"topic": "no such topic!"}, "InvalidTopicError"),
    "for a topic with an endless name": ({"topic": "t" * 300}, "InvalidTopicError"),
    "for a topic without a name": ({"topic": ""}, "InvalidTopicError"),
    "for a partition that is not there": ({"partition": 99}, "no_such_partition"),
    "for a partition that cannot be": ({"partition": -1}, "no_such_partition"),
}


@pytest.mark.parametrize("topic", [ORDINARY, URGENT])
async def test_rows_that_the_broker_refuses_are_set_aside_and_all_others_arrive_in_order_and_high_first(
    box: Outbox, topic: str
) -> None:
    keys = [uuid4() for _ in range(30)]
    ordinary = [a_row(key=keys[n % len(keys)]) for n in range(600)]
    refused = [replace(a_row(topic), **changes) for changes, _ in REFUSED.values()]
    high = [a_row(URGENT) for _ in range(12)]
    await box.add(*ordinary[:300], *refused, *ordinary[300:], *high)
    async with box.relaying():
        await box.until_published(*ordinary, *high, seconds=60)
        assert box.relay.facts() == {"ok": True, "blocked_by": None, "refused_topics": {}}
    assert await box.refused() == {row.event_id: code for row, (_, code) in zip(refused, REFUSED.values(), strict=True)}
    assert await outbox.count_set_aside(box.connection) == (len(refused), sum(row.urgent for row in refused))
    assert max(await box.published_at(*high)) <= min(await box.published_at(*ordinary))
    arrived = [event_id for event_id in await box.arrived(ORDINARY) if event_id in {row.event_id for row in ordinary}]
    for key in keys:
        mine = [row.event_id for row in ordinary if row.key == key]
        assert [event_id for event_id in arrived if event_id in mine] == mine
    assert {row.event_id for row in high} <= set(await box.arrived(URGENT))


async def test_a_row_set_aside_is_listed_and_arrives_with_what_waits_behind_it_once_its_cause_is_mended(
    box: Outbox,
) -> None:
    large = a_row(size=TOO_LARGE)
    later, other = a_row(key=large.key), a_row()
    await box.add(large, later, other)
    async with box.relaying():
        await box.until_published(other)
        (listed,) = await list_parked(box.place)
        assert (listed.topic, listed.error, listed.attempts) == (ORDINARY, "MessageSizeTooLargeError", 1)
        facts = await find_parked(box.place, listed.id)
        assert isinstance(facts, RefusedEventFacts)
        assert (facts.event_id, facts.waiting_behind) == (large.event_id, 1)
        assert await ask_replay(box.place, listed.id, SOMEBODY) == 1

        async def refused_again() -> bool:
            return [facts.attempts for facts in await list_parked(box.place)] == [2]

        await wait_for(refused_again, "the second refusal")
        alter_topic(box.stack, ORDINARY, "max.message.bytes", "2000000")
        assert await ask_replay(box.place, None, SOMEBODY) == 1
        await box.until_published(large, later)
    assert await list_parked(box.place) == []
    arrived = await box.arrived(ORDINARY)
    assert arrived.index(large.event_id) < arrived.index(later.event_id)
    audited = "SELECT action, actor, reason FROM audit WHERE subject = $1 ORDER BY id"
    assert [tuple(row) for row in await box.connection.fetch(audited, str(large.event_id))] == [
        ("outbox_set_aside", "service:intake", "MessageSizeTooLargeError"),
        ("parked_replay_asked", "operator:sam", "MessageSizeTooLargeError"),
        ("outbox_set_aside", "service:intake", "MessageSizeTooLargeError"),
        ("parked_replay_asked", "operator:sam", "MessageSizeTooLargeError"),
    ]


async def test_a_topic_that_may_no_longer_be_written_rests_and_the_other_flows(box: Outbox) -> None:
    first, waiting = a_row(), [a_row() for _ in range(700)]
    async with box.relaying():
        await box.add(first)
        await box.until_published(first)
        withdraw_writing(box.stack, "intake", ORDINARY)
        await box.add(*waiting)

        async def is_refused() -> bool:
            return ORDINARY in box.relay.refused_topics

        await wait_for(is_refused, "the topic to be refused")
        high = a_row(URGENT)
        began = time.monotonic()
        await box.add(high)
        await box.until_published(high)
        assert time.monotonic() - began < 5
        facts = box.relay.facts()
        assert (facts["ok"], facts["refused_topics"]) == (False, {ORDINARY: "TopicAuthorizationFailedError"})
        assert await box.refused() == {}
        provision_kafka(box.stack.kafka.admin(), box.stack.keys.kafka)
        await box.until_published(*waiting)
        await wait_for_ok(box)


async def test_a_topic_that_is_deleted_rests_and_the_other_flows_until_it_is_made_again(box: Outbox) -> None:
    first, waiting = a_row(), [a_row() for _ in range(30)]
    async with box.relaying():
        await box.add(first)
        await box.until_published(first)
        delete_topic(box.stack, ORDINARY)
        await box.add(*waiting)

        async def is_refused() -> bool:
            return box.relay.refused_topics.get(ORDINARY) == "UnknownTopicOrPartitionError"

        await wait_for(is_refused, "the topic to be missed", seconds=60)
        high = a_row(URGENT)
        await box.add(high)
        await box.until_published(high)
        assert await box.refused() == {}
        provision_kafka(box.stack.kafka.admin(), box.stack.keys.kafka)
        await box.until_published(*waiting, seconds=60)
        await wait_for_ok(box)


async def test_a_setting_that_refuses_every_row_sets_few_of_them_aside(box: Outbox) -> None:
    waiting = [a_row(size=1_000) for _ in range(2_000)]
    alter_topic(box.stack, ORDINARY, "max.message.bytes", "500")
    await box.add(*waiting)
    async with box.relaying():

        async def is_refused() -> bool:
            return box.relay.refused_topics == {ORDINARY: "MessageSizeTooLargeError"}

        await wait_for(is_refused, "the topic to be refused", seconds=60)
        high = a_row(URGENT)
        await box.add(high)
        await box.until_published(high)
        provision_kafka(box.stack.kafka.admin(), box.stack.keys.kafka)
        await wait_for_ok(box)
        assert 0 < len(await box.refused()) <= MOST_SET_ASIDE * 10
        await ask_replay(box.place, None, SOMEBODY)
        await box.until_published(*waiting, seconds=60)


async def test_without_its_broker_nothing_is_set_aside(box: Outbox) -> None:
    rows = [a_row() for _ in range(50)]
    async with box.relaying():
        await wait_for_ok(box)
        box.stack.kill("kafka")
        await box.add(*rows)

        async def says_so() -> bool:
            return not box.relay.facts()["ok"]

        await wait_for(says_so, "the relay to say that it does not work")
        box.stack.start("kafka")
        await box.until_published(*rows, seconds=60)
        await wait_for_ok(box)
    assert await box.refused() == {}


@pytest.mark.parametrize("topic", [ORDINARY, URGENT])
async def test_lanes_are_taken_in_turn(box: Outbox, topic: str) -> None:
    one, other = uuid4(), uuid4()
    backlog = [a_row(topic, lane=one) for _ in range(1_000)]
    small = [a_row(topic, lane=other) for _ in range(3)]
    alone = a_row(topic)
    await box.add(*backlog, *small, alone)
    taken = [row.event_id for row in await outbox.list_waiting(box.connection, 500)]
    assert {row.event_id for row in (*small, alone)} <= set(taken[:12])
    mine = [event_id for event_id in taken if event_id not in {row.event_id for row in (*small, alone)}]
    assert mine == [row.event_id for row in backlog[: len(mine)]]


async def test_what_is_urgent_goes_first_whatever_waits_and_in_whichever_lane(box: Outbox) -> None:
    ordinary = [a_row(lane=uuid4()) for _ in range(600)]
    high = a_row(URGENT, lane=uuid4())
    await box.add(*ordinary, high)
    assert (await outbox.list_waiting(box.connection, 500))[0].event_id == high.event_id


async def test_a_batch_takes_no_more_memory_than_it_may_and_always_something(box: Outbox) -> None:
    rows = [a_row(size=outbox.BATCH_BYTES // 4) for _ in range(10)]
    await box.add(*rows)
    taken = await outbox.list_waiting(box.connection, 500)
    assert [row.event_id for row in taken] == [row.event_id for row in rows[: len(taken)]]
    assert 1 <= len(taken) <= 5


async def wait_for_ok(box: Outbox) -> None:
    async def is_ok() -> bool:
        return box.relay.facts()["ok"] is True

    await wait_for(is_ok, "the relay to be well", seconds=60)


async def test_a_topic_has_more_until_all_that_waits_is_behind_a_row_set_aside(box: Outbox) -> None:
    first, other = a_row(), a_row(URGENT)
    await box.add(first, a_row(key=first.key), other)
    both = {ORDINARY, URGENT}
    assert await outbox.topics_with_more(box.connection, both) == both
    (row,) = await box.connection.fetch("SELECT id FROM outbox WHERE event_id = $1", first.event_id)
    await outbox.set_aside(box.connection, {row["id"]: "no_such_partition"})
    assert await outbox.topics_with_more(box.connection, both) == {URGENT}
    assert await outbox.topics_with_more(box.connection, ()) == set()
