"""The order of the rows that wait in an outbox: urgent rows first, then lanes in turn, in batches of a limited size."""

from collections.abc import AsyncGenerator
from uuid import uuid4

import pytest

from pipeline_local.stack import LocalStack
from pipeline_shared.messaging import outbox
from tests.support.outbox import ORDINARY, URGENT, Outbox, a_row, open_outbox


@pytest.fixture
async def box(stack: LocalStack) -> AsyncGenerator[Outbox, None]:
    async with open_outbox(stack) as box:
        yield box


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


async def test_a_topic_has_more_until_all_that_waits_is_behind_a_row_set_aside(box: Outbox) -> None:
    first, other = a_row(), a_row(URGENT)
    await box.add(first, a_row(key=first.key), other)
    both = {ORDINARY, URGENT}
    assert await outbox.topics_with_more(box.connection, both) == both
    (row,) = await box.connection.fetch("SELECT id FROM outbox WHERE event_id = $1", first.event_id)
    await outbox.set_aside(box.connection, {row["id"]: "no_such_partition"})
    assert await outbox.topics_with_more(box.connection, both) == {URGENT}
    assert await outbox.topics_with_more(box.connection, ()) == set()
