"""Delivery on a real database: each record has its effect once or is parked, and none delays another."""

import asyncio
import base64
import os
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from pipeline_shared.language.events import CaseStatusChanged
from pipeline_shared.language.vocabulary import SubmissionStatus
from pipeline_shared.messaging.delivery import ATTEMPTS, UNREADABLE, Deliverer, Record, park_again
from pipeline_shared.messaging.parking import ParkedRecord, Parking, find_replay
from pipeline_shared.messaging.parking_limit import MOST
from pipeline_shared.messaging.subscriptions import Effect, Subscription
from pipeline_shared.messaging.topics import CASE_STATUS_CHANGED, Reader
from pipeline_shared.runtime.errors import ParkingLimitError, PermanentError, StoppedError
from pipeline_shared.runtime.metrics import create_metrics
from pipeline_shared.runtime.work import Work
from tests.support.building import NOW
from tests.support.database import database_of
from tests.support.own_database import app_dsn_of, create_own_database

TOPIC = CASE_STATUS_CHANGED.name
KEY = base64.b64encode(b"p" * 32).decode()
SERVICE = "delivery-test"


def an_event() -> CaseStatusChanged:
    return CaseStatusChanged(event_id=uuid4(), occurred_at=NOW, status_token=uuid4(), status=SubmissionStatus.ACCEPTED)


def a_record(value: bytes | CaseStatusChanged, offset: int | None = None) -> Record:
    data = value if isinstance(value, bytes) else value.model_dump_json().encode()
    place = uuid4().int % 2**40 if offset is None else offset
    return Record(TOPIC, 0, place, 0, 0, None, data, None, 0, len(data), ())


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
        self.effects = Effects()
        self.deliverer = self.deliverer_of(self.effects)

    def deliverer_of(self, use_case: Effect[CaseStatusChanged], *, step: str = "") -> Deliverer:
        subscription = Subscription(CASE_STATUS_CHANGED, Reader(SERVICE, step), use_case)
        database = database_of(self.pool)
        return Deliverer(subscription, database, create_metrics(), parking=self.parking, stop=self.stop)

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


@pytest.fixture(scope="module")
async def own_dsn(stack: LocalStack) -> str:
    """Create a database for these tests: the running service must not take their replays."""
    return app_dsn_of(stack, "transfer", await create_own_database(stack, "transfer"))


@pytest.fixture
async def delivering(own_dsn: str) -> AsyncGenerator[Delivering, None]:
    async with asyncpg.create_pool(own_dsn, min_size=0, max_size=4) as pool:
        yield Delivering(pool)


async def test_a_batch_has_its_effects_in_one_transaction(delivering: Delivering) -> None:
    events = [an_event() for _ in range(20)]
    await delivering.deliver(*map(a_record, events))
    assert delivering.effects.calls == 1
    assert [await delivering.times(event) for event in events] == [1] * 20


async def test_an_event_that_arrives_again_has_no_second_effect(delivering: Delivering) -> None:
    event, other = an_event(), an_event()
    await delivering.deliver(a_record(event), a_record(event))
    await delivering.deliver(a_record(event), a_record(other))
    assert (await delivering.times(event), await delivering.times(other)) == (1, 1)


async def test_each_step_that_reads_an_event_has_its_effect(delivering: Delivering) -> None:
    event = an_event()
    for step in ("", "flag", "flag", ""):
        await delivering.deliverer_of(delivering.effects, step=step).deliver([a_record(event)])
    assert await delivering.times(event) == 2


async def test_two_members_of_a_group_with_the_same_event_give_one_effect(delivering: Delivering) -> None:
    event = an_event()
    await asyncio.gather(*(delivering.deliver(a_record(event)) for _ in range(10)))
    assert await delivering.times(event) == 1


async def test_a_record_that_fails_once_succeeds_later_and_the_others_go_on(delivering: Delivering) -> None:
    events = [an_event() for _ in range(3)]
    # the first failure ends the batch, the second ends the first try alone
    delivering.effects.failures[events[1].event_id] = [RuntimeError("x"), RuntimeError("x")]
    await delivering.deliver(*map(a_record, events))
    assert [await delivering.times(event) for event in events] == [1, 1, 1]


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
    assert delivering.parking.open(waiting) == record.value
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
    assert delivering.parking.open(waiting) == record.value
    with pytest.raises(PermanentError):
        delivering.parking.open(replace(waiting, **change))
    database = database_of(delivering.pool)
    await park_again(database, waiting.id, PermanentError("x"), consumer=SERVICE, place=waiting.place)


async def test_a_release_that_can_handle_nothing_parks_few_and_keeps_the_rest_in_hand_until_it_is_mended(
    delivering: Delivering,
) -> None:
    events = [an_event() for _ in range(200)]
    records = list(map(a_record, events))
    delivering.effects.failures = {event.event_id: [PermanentError("bad_release")] * 10**6 for event in events}
    for _ in range(5):
        with pytest.raises(ParkingLimitError):
            await delivering.deliver(*records)
    parked = [record for record in records if await delivering.parked(record)]
    assert len(parked) == MOST
    delivering.effects.failures.clear()
    await delivering.deliver(*records)
    for record in parked:
        await delivering.deliverer.replay(record, await delivering.ask_replay(record))
    await delivering.deliver(*records)
    assert [await delivering.times(event) for event in events] == [1] * 200


async def test_a_topic_of_which_nothing_can_be_read_parks_few_and_goes_on_when_it_can_be(
    delivering: Delivering,
) -> None:
    unreadable, event = [a_record(b"{}") for _ in range(MOST)], an_event()
    await delivering.deliver(*unreadable)
    with pytest.raises(ParkingLimitError):
        await delivering.deliver(*unreadable, a_record(b"one more"))
    await delivering.deliver(*unreadable, a_record(event))  # a parked record blocks nothing
    assert await delivering.times(event) == 1


async def test_poison_among_records_that_can_be_handled_is_parked_as_ever(delivering: Delivering) -> None:
    events = [an_event() for _ in range(150)]
    poison = [a_record(b"{}") for _ in range(MOST + 30)]
    await delivering.deliver(*map(a_record, events))
    await delivering.deliver(*poison)
    assert all([await delivering.parked(record) for record in poison])


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
    assert [delivering.parking.open(one) for one in parked] == [first.value, second.value]


async def test_a_record_that_cannot_be_read_and_comes_again_is_parked_and_audited_once(delivering: Delivering) -> None:
    record = a_record(b"{}")
    await delivering.deliver(record)
    await delivering.deliver(record)
    assert await delivering.times_parked(record) == 1
    await delivering.pool.execute("UPDATE parked SET state = 'replayed' WHERE kafka_offset = $1", record.offset)
    await delivering.deliver(record)
    assert (await delivering.parked(record) or {})["state"] == "replayed"
    assert await delivering.times_parked(record) == 1


async def park_as_unreadable(delivering: Delivering, record: Record) -> None:
    """Park a record without an inbox row, like code too old to read it."""
    async with delivering.pool.acquire() as connection:
        await delivering.parking.add(connection, record, consumer=SERVICE, error=UNREADABLE, attempts=1)


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
