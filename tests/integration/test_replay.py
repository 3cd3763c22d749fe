"""The replay worker on a real database: a record that fails again goes back, and delays no other."""

import asyncio
import base64
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from pipeline_shared.language.events import CaseDecided, CaseStatusChanged
from pipeline_shared.language.vocabulary import SubmissionStatus
from pipeline_shared.messaging.consumer import Consumer
from pipeline_shared.messaging.delivery import Record
from pipeline_shared.messaging.parking import Parking
from pipeline_shared.messaging.parking_limit import MOST
from pipeline_shared.messaging.subscriptions import Subscription
from pipeline_shared.messaging.topics import CASE_DECIDED, CASE_STATUS_CHANGED, INTAKE
from pipeline_shared.runtime.errors import PermanentError
from pipeline_shared.runtime.metrics import create_metrics
from pipeline_shared.runtime.work import Work
from tests.support.database import database_of
from tests.support.own_database import app_dsn_of, create_own_database
from tests.support.settings import PARKING_KEY, settings_of
from tests.support.signing import VERIFIER, record_of, signed
from tests.support.waiting import wait_for

SERVICE, TOPIC = INTAKE.service, CASE_STATUS_CHANGED.name
OTHER_KEY = base64.b64encode(b"o" * 32).decode()


class Replaying:
    """The consumer of a service that replays, and the records parked in its database."""

    consumer: Consumer

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.handled: list[CaseStatusChanged] = []
        self.is_failing = False

    async def use_case(self, _work: Work, events: Sequence[CaseStatusChanged]) -> None:
        if self.is_failing:
            raise PermanentError("bad_release")
        self.handled += events

    async def no_use_case(self, _work: Work, _events: Sequence[CaseDecided]) -> None:
        pytest.fail("nothing that it could read was sent")

    async def ask(self, event: CaseStatusChanged, *, key: str = PARKING_KEY, topic: str = TOPIC, step: str = "") -> int:
        """Store a parked record with a request to replay it; return its id."""
        record = a_record(event, topic)
        async with self.pool.acquire() as connection:
            await Parking(key).add(connection, [(record, "not_yet")], consumer=SERVICE + step, attempts=1)
            query = "UPDATE parked SET state = 'replay' WHERE kafka_offset = $1 RETURNING id"
            return int(await connection.fetchval(query, record.offset))

    async def find(self, parked_id: int) -> asyncpg.Record:
        row = await self.pool.fetchrow("SELECT state, error, attempts FROM parked WHERE id = $1", parked_id)
        assert row
        return row


@pytest.fixture
async def replaying(stack: LocalStack) -> AsyncGenerator[Replaying, None]:
    """Run the worker for the whole test, without a broker, on a database that the running service does not read."""
    own_dsn = app_dsn_of(stack, SERVICE, await create_own_database(stack, SERVICE))
    async with asyncpg.create_pool(own_dsn, min_size=0, max_size=4) as pool:
        replaying, stop = Replaying(pool), asyncio.Event()
        replaying.consumer = consumer = Consumer(
            settings_of(stack, SERVICE), database_of(pool), create_metrics(), VERIFIER
        )
        consumer.subscribe(
            [
                Subscription(CASE_STATUS_CHANGED, INTAKE, replaying.use_case),
                Subscription(CASE_DECIDED, INTAKE, replaying.no_use_case),
            ]
        )
        running = asyncio.create_task(consumer.replay_parked(stop))
        yield replaying
        stop.set()
        await running


def an_event() -> CaseStatusChanged:
    return CaseStatusChanged(
        event_id=uuid4(), occurred_at=datetime.now(UTC), status_token=uuid4(), status=SubmissionStatus.ACCEPTED
    )


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
    consumer, replaying.is_failing = replaying.consumer, True
    statuses, decisions = consumer.subscribers
    events = [an_event() for _ in range(MOST * 2)]
    taking = asyncio.create_task(statuses.take([a_record(event) for event in events]))

    async def stopped() -> bool:
        return consumer.blocked_by == "parking_limit"

    await wait_for(stopped, "the consumer to stop")
    await decisions.take([a_record(an_event(), CASE_DECIDED.name)])
    assert consumer.blocked_by == "parking_limit"  # the success of another topic proves nothing about this one
    assert await replaying.pool.fetchval("SELECT count(*) FROM parked WHERE error = 'bad_release'") == MOST
    replaying.is_failing = False
    await taking
    assert consumer.blocked_by is None
    assert sorted(replaying.handled, key=str) == sorted(events[MOST:], key=str)


def a_record(event: CaseStatusChanged, topic: str = TOPIC) -> Record:
    return replace(record_of(signed(event), uuid4().int % 2**40), topic=topic)
