"""A parked record has its effect once when it is replayed, also if it is delivered again before or after."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from pipeline_shared.messaging.delivery import UNREADABLE, Record, park_again
from pipeline_shared.messaging.parking import find_replay
from pipeline_shared.runtime.errors import PermanentError
from tests.support.database import database_of
from tests.support.delivering import SERVICE, Delivering, a_record, an_event


async def test_a_parked_record_that_is_replayed_has_its_effect_once(delivering: Delivering) -> None:
    event = an_event()
    record = a_record(event)
    delivering.effects.failures[event.event_id] = [PermanentError("not_yet")] * 2
    await delivering.deliver(record)
    parked_id = (await delivering.parked(record) or {})["id"]
    await delivering.pool.execute("UPDATE parked SET state = 'replay' WHERE id = $1", parked_id)
    async with delivering.pool.acquire() as connection:
        waiting = await find_replay(connection)
    assert waiting
    assert delivering.parking.open(waiting).value == record.value
    delivering.effects.failures.clear()
    await asyncio.gather(*(delivering.deliverer.replay(record, parked_id) for _ in range(5)))
    assert await delivering.times(event) == 1
    assert (await delivering.parked(record) or {})["state"] == "replayed"
    await delivering.deliver(record)
    assert await delivering.times(event) == 1


async def test_a_replay_that_fails_is_parked_again_with_its_attempts_counted(delivering: Delivering) -> None:
    event = an_event()
    record = a_record(event)
    delivering.effects.failures[event.event_id] = [PermanentError("still_wrong")] * 100
    await delivering.deliver(record)
    parked_id = (await delivering.parked(record) or {})["id"]
    await delivering.pool.execute("UPDATE parked SET state = 'replay' WHERE id = $1", parked_id)
    await delivering.deliverer.replay(record, parked_id)
    parked = await delivering.parked(record) or {}
    assert (parked["id"], parked["state"], parked["attempts"]) == (parked_id, "parked", 2)


async def test_a_parked_record_that_is_delivered_again_has_no_effect_and_a_replay_has_one(
    delivering: Delivering,
) -> None:
    event = an_event()
    record = a_record(event)
    delivering.effects.failures[event.event_id] = [PermanentError("not_yet")] * 2
    await delivering.deliver(record)
    delivering.effects.failures.clear()  # now it could be handled
    for offset in (None, record.offset):
        await delivering.deliver(record if offset else a_record(event))
    assert await delivering.times(event) == 0
    await delivering.deliverer.replay(record, await delivering.ask_replay(record))
    await delivering.deliver(record)
    assert await delivering.times(event) == 1


@pytest.mark.parametrize("change", [{"topic": "other.v1"}, {"partition": 1}, {"offset": 7}], ids=str)
async def test_what_is_parked_opens_at_its_own_place_alone(delivering: Delivering, change: dict[str, Any]) -> None:
    record = a_record(b"{}")
    await delivering.deliver(record)
    await delivering.ask_replay(record)
    async with delivering.pool.acquire() as connection:
        waiting = await find_replay(connection)
    assert waiting
    assert delivering.parking.open(waiting).value == record.value
    with pytest.raises(PermanentError):
        delivering.parking.open(replace(waiting, **change))
    database = database_of(delivering.pool)
    await park_again(database, waiting.id, PermanentError("x"), consumer=SERVICE, place=waiting.place)


async def park_as_unreadable(delivering: Delivering, record: Record) -> None:
    """Park a record without an inbox row, like code too old to read it."""
    async with delivering.pool.acquire() as connection:
        await delivering.parking.add(connection, [(record, UNREADABLE)], consumer=SERVICE, attempts=1)


async def test_a_record_that_could_not_be_read_then_has_its_effect_once_when_replayed_and_delivered(
    delivering: Delivering,
) -> None:
    event = an_event()
    record = a_record(event)
    await park_as_unreadable(delivering, record)
    await delivering.deliverer.replay(record, await delivering.ask_replay(record))
    await delivering.deliver(record)
    assert await delivering.times(event) == 1


async def test_a_record_that_could_not_be_read_then_has_its_effect_once_when_delivered_and_replayed(
    delivering: Delivering,
) -> None:
    event = an_event()
    record = a_record(event)
    await park_as_unreadable(delivering, record)
    await delivering.deliver(record)
    await delivering.deliverer.replay(record, await delivering.ask_replay(record))
    assert await delivering.times(event) == 1
    assert (await delivering.parked(record) or {})["state"] == "replayed"


async def test_a_record_that_could_not_be_read_then_and_fails_in_its_replay_has_its_effect_by_another_replay_alone(
    delivering: Delivering,
) -> None:
    event = an_event()
    record = a_record(event)
    await park_as_unreadable(delivering, record)
    delivering.effects.failures[event.event_id] = [PermanentError("not_yet")]
    await delivering.deliverer.replay(record, await delivering.ask_replay(record))
    await delivering.deliver(record)
    assert await delivering.times(event) == 0
    await delivering.deliverer.replay(record, await delivering.ask_replay(record))
    assert await delivering.times(event) == 1
