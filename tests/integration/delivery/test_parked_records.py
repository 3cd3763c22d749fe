"""A record that cannot be handled is parked and delays no other; a fault of the infrastructure parks nothing."""

import os
import time
from collections.abc import Sequence

import asyncpg
import pytest

from pipeline_shared.language.events import CaseStatusChanged
from pipeline_shared.messaging.delivery import ATTEMPTS
from pipeline_shared.messaging.parking import ParkedRecord
from pipeline_shared.runtime.errors import PermanentError, StoppedError
from pipeline_shared.runtime.work import Work
from tests.support.delivering import SERVICE, TOPIC, Delivering, a_record, an_event


async def test_a_poison_record_is_parked_after_bounded_retries_and_the_others_go_on(delivering: Delivering) -> None:
    events = [an_event() for _ in range(3)]
    records = list(map(a_record, events))
    delivering.effects.failures[events[1].event_id] = [RuntimeError("Margaret Entwistle")] * 100
    began = time.monotonic()
    await delivering.deliver(*records)
    assert time.monotonic() - began < 30
    assert [await delivering.times(event) for event in events] == [1, 0, 1]
    parked = await delivering.parked(records[1])
    assert parked
    assert (parked["error"], parked["attempts"], parked["state"]) == ("RuntimeError", ATTEMPTS, "parked")
    assert b"status_token" not in parked["sealed"]


async def test_a_stop_parks_nothing_that_has_tries_left(delivering: Delivering) -> None:
    event = an_event()
    record = a_record(event)
    delivering.effects.failures[event.event_id] = [RuntimeError("x")] * 2
    delivering.stop.set()
    with pytest.raises(StoppedError):
        await delivering.deliver(record)
    assert await delivering.parked(record) is None
    delivering.stop.clear()
    await delivering.deliver(record)
    assert await delivering.times(event) == 1


QUERIES = {
    "a value that no parameter of its type can be": ("SELECT $1::int", "nine"),
    "text that is no text": ("SELECT $1::text", "\ud800"),
    "a value too large for its index": (
        "INSERT INTO audit (actor, action, subject) VALUES ('x', 'x', $1)",
        os.urandom(20_000).hex(),
    ),
}


@pytest.mark.parametrize("what", QUERIES)
async def test_a_record_whose_own_value_cannot_be_stored_is_parked(delivering: Delivering, what: str) -> None:
    record = a_record(an_event())

    async def store(work: Work, _events: Sequence[CaseStatusChanged]) -> None:
        await work.connection.execute(*QUERIES[what])

    await delivering.deliverer_of(store).deliver([record])
    assert await delivering.parked(record)


async def test_a_permanent_error_is_parked_at_once(delivering: Delivering) -> None:
    event = an_event()
    record = a_record(event)
    delivering.effects.failures[event.event_id] = [PermanentError("no_such_case")] * 100
    await delivering.deliver(record)
    parked = await delivering.parked(record)
    assert parked
    assert (parked["error"], parked["attempts"]) == ("no_such_case", 1)


@pytest.mark.parametrize("value", [b"", b"\xff\x00", b"{}", b'{"type": "case.status.v1"}', b"null", b"[" * 10_000])
async def test_a_record_that_cannot_be_read_is_parked_and_the_others_go_on(
    delivering: Delivering, value: bytes
) -> None:
    event, record = an_event(), a_record(value)
    await delivering.deliver(record, a_record(event))
    parked = await delivering.parked(record)
    assert parked
    assert parked["error"] == "unreadable_record"
    assert await delivering.times(event) == 1


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        asyncpg.InterfaceError("closed"),
        asyncpg.AdminShutdownError(),
        asyncpg.DiskFullError(),
        asyncpg.OutOfMemoryError(),
        asyncpg.TooManyConnectionsError(),
        asyncpg.ConfigurationLimitExceededError(),
        asyncpg.CannotConnectNowError(),
        asyncpg.ReadOnlySQLTransactionError(),
        asyncpg.QueryCanceledError(),
        asyncpg.InsufficientPrivilegeError(),
        asyncpg.PostgresIOError(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_failure_of_the_infrastructure_parks_nothing(delivering: Delivering, error: Exception) -> None:
    event = an_event()
    record = a_record(event)
    delivering.effects.failures[event.event_id] = [error]
    with pytest.raises(type(error)):
        await delivering.deliver(record)
    assert await delivering.parked(record) is None
    await delivering.deliver(record)
    assert await delivering.times(event) == 1


async def test_a_schema_that_is_not_there_yet_parks_nothing(delivering: Delivering) -> None:
    event = an_event()
    record = a_record(event)
    delivering.effects.failures[event.event_id] = [asyncpg.UndefinedTableError("relation")]
    with pytest.raises(asyncpg.UndefinedTableError):
        await delivering.deliver(record)
    assert await delivering.parked(record) is None


async def test_two_records_at_one_place_of_a_topic_made_anew_are_both_parked(delivering: Delivering) -> None:
    older, newer = an_event(), an_event()
    first = a_record(older)
    second = a_record(newer, offset=first.offset)
    for event in (older, newer):
        delivering.effects.failures[event.event_id] = [PermanentError("not_yet")] * 2
    await delivering.deliver(first)
    await delivering.deliver(second)
    rows = await delivering.pool.fetch("SELECT * FROM parked WHERE kafka_offset = $1 ORDER BY id", first.offset)
    parked = [ParkedRecord(row["id"], SERVICE, TOPIC, 0, first.offset, row["sealed"]) for row in rows]
    assert [delivering.parking.open(one).value for one in parked] == [first.value, second.value]


async def test_a_record_that_cannot_be_read_and_comes_again_is_parked_and_audited_once(delivering: Delivering) -> None:
    record = a_record(b"{}")
    await delivering.deliver(record)
    await delivering.deliver(record)
    assert await delivering.times_parked(record) == 1
    await delivering.pool.execute("UPDATE parked SET state = 'replayed' WHERE kafka_offset = $1", record.offset)
    await delivering.deliver(record)
    assert (await delivering.parked(record) or {})["state"] == "replayed"
    assert await delivering.times_parked(record) == 1
