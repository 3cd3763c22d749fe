"""The replay worker on a real database: what cannot be handed over goes back, and holds up no other."""

import asyncio
import base64
from collections.abc import AsyncGenerator, Sequence
from uuid import uuid4

import asyncpg
import pytest
from faststream.kafka.message import FAKE_CONSUMER
from faststream.kafka.message import KafkaMessage as PlainKafkaMessage

from pipeline_local.stack import LocalStack
from pipeline_shared.language.events import CaseStatusChanged
from pipeline_shared.language.vocabulary import SubmissionStatus
from pipeline_shared.messaging.consumer import Consumer, KafkaMessage
from pipeline_shared.messaging.delivery import Record
from pipeline_shared.messaging.parking import Parking
from pipeline_shared.messaging.parking_limit import MOST
from pipeline_shared.runtime.errors import PermanentError
from pipeline_shared.runtime.metrics import create_metrics
from pipeline_shared.runtime.work import Work
from tests.support.building import NOW
from tests.support.database import database_of
from tests.support.own_database import app_dsn_of, create_own_database
from tests.support.settings import PARKING_KEY, settings_of
from tests.support.waiting import wait_for

SERVICE, TOPIC = "intake", "case.status.v1"
OTHER_KEY = base64.b64encode(b"o" * 32).decode()


class Replaying:
    """A service's consumer that replays, and what it finds parked."""

    consumer: Consumer

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.handled: list[CaseStatusChanged] = []

    async def use_case(self, _work: Work, events: Sequence[CaseStatusChanged]) -> None:
        self.handled += events

    async def ask(self, event: CaseStatusChanged, *, key: str = PARKING_KEY, topic: str = TOPIC, step: str = "") -> int:
        """Store a parked record that a person has asked to replay; return its id."""
        value = event.model_dump_json().encode()
        record = Record(topic, 0, uuid4().int % 2**40, 0, 0, None, value, None, 0, len(value), ())
        async with self.pool.acquire() as connection:
            await Parking(key).add(connection, record, consumer=SERVICE + step, error="not_yet", attempts=1)
            query = "UPDATE parked SET state = 'replay' WHERE kafka_offset = $1 RETURNING id"
            return int(await connection.fetchval(query, record.offset))

    async def find(self, parked_id: int) -> asyncpg.Record:
        row = await self.pool.fetchrow("SELECT state, error, attempts FROM parked WHERE id = $1", parked_id)
        assert row
        return row


@pytest.fixture
async def replaying(stack: LocalStack) -> AsyncGenerator[Replaying, None]:
    """The worker runs for the whole test; no broker is needed, and the running service must not take these replays."""
    own_dsn = app_dsn_of(stack, SERVICE, await create_own_database(stack, SERVICE))
    async with asyncpg.create_pool(own_dsn, min_size=0, max_size=4) as pool:
        replaying, stop = Replaying(pool), asyncio.Event()
        consumer = Consumer(settings_of(stack, SERVICE), database_of(pool), create_metrics())

        @consumer.subscriber(CaseStatusChanged)
        async def handle(message: KafkaMessage) -> None:
            await consumer.process(message, replaying.use_case)

        replaying.consumer = consumer
        running = asyncio.create_task(consumer.replay_parked(stop))
        yield replaying
        stop.set()
        await running


def an_event() -> CaseStatusChanged:
    return CaseStatusChanged(event_id=uuid4(), occurred_at=NOW, status_token=uuid4(), status=SubmissionStatus.ACCEPTED)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"key": OTHER_KEY}, "parked_cannot_be_opened"),
        ({"topic": "case.gone.v1"}, "parked_by_no_step"),
        ({"step": ".gone"}, "parked_by_no_step"),
    ],
    ids=["sealed with another key", "of a topic no longer read", "by a step there is no more"],
)
async def test_a_replay_that_nobody_can_take_goes_back_and_the_next_is_done(
    replaying: Replaying, wrong: dict[str, str], code: str
) -> None:
    stuck, event = await replaying.ask(an_event(), **wrong), an_event()
    fine = await replaying.ask(event)

    async def is_done() -> bool:
        return (await replaying.find(fine))["state"] == "replayed"

    await wait_for(is_done, "the replay behind it")
    assert replaying.handled == [event]
    assert tuple(await replaying.find(stuck)) == ("parked", code, 2)


async def test_a_topic_that_would_be_parked_whole_is_kept_in_hand_and_readiness_says_so(replaying: Replaying) -> None:
    consumer, failing = replaying.consumer, True

    async def use_case(work: Work, events: Sequence[CaseStatusChanged]) -> None:
        if failing:
            raise PermanentError("bad_release")
        await replaying.use_case(work, events)

    events = [an_event() for _ in range(MOST * 2)]
    processing = asyncio.create_task(consumer.process(a_message(events), use_case))

    async def stopped() -> bool:
        return consumer.blocked_by == "parking_limit"

    await wait_for(stopped, "the consumer to stop")
    other = an_event()
    await consumer.process(a_message([other], topic="submission.received.v1"), replaying.use_case)
    assert consumer.blocked_by == "parking_limit"  # another topic's success says nothing about this one
    assert await replaying.pool.fetchval("SELECT count(*) FROM parked WHERE error = 'bad_release'") == MOST
    failing = False
    await processing
    assert consumer.blocked_by is None
    assert sorted(replaying.handled, key=str) == sorted(events[MOST:], key=str)


def a_message(events: Sequence[CaseStatusChanged], topic: str = TOPIC) -> PlainKafkaMessage:
    values = [event.model_dump_json().encode() for event in events]
    records = tuple(
        Record(topic, 0, uuid4().int % 2**40, 0, 0, None, value, None, 0, len(value), ()) for value in values
    )
    return PlainKafkaMessage(body=b"", raw_message=records, consumer=FAKE_CONSUMER)
