"""A disk has changed a byte of a record in Kafka: no other record is lost, and all is read once it is mended."""

import contextlib
from collections.abc import AsyncGenerator, Generator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
from structlog.testing import capture_logs

from pipeline_local.stack import LocalStack
from pipeline_shared.language.events import CaseStatusChanged
from pipeline_shared.language.vocabulary import SubmissionStatus
from pipeline_shared.messaging import batch_reading
from pipeline_shared.messaging.consumer import Consumer
from pipeline_shared.messaging.outbox import partition_of
from pipeline_shared.messaging.subscriptions import Subscription
from pipeline_shared.messaging.topics import CASE_STATUS_CHANGED, INTAKE, PARTITIONS
from pipeline_shared.runtime.metrics import create_metrics
from pipeline_shared.runtime.work import Work
from tests.support.broker import delete_records
from tests.support.database import database_of
from tests.support.kafka import until_known
from tests.support.own_database import app_dsn_of, create_own_database
from tests.support.settings import settings_of
from tests.support.signing import publish, stack_verifier
from tests.support.stack import create_stack, running
from tests.support.waiting import wait_for

IN_EACH = 5
DAMAGED, OFFSET = 3, 2


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Generator[LocalStack, None, None]:
    """Start a stack for this test: it damages the broker's files."""
    stack = create_stack(tmp_path_factory.mktemp("damaged"))
    if type(stack) is not LocalStack:
        pytest.skip("the files of a broker in a container are out of reach")
    with running(stack):
        yield stack


def an_event(partition: int) -> CaseStatusChanged:
    """Return an event whose Kafka key belongs to a partition."""
    token = next(key for key in iter(uuid4, None) if partition_of(key, PARTITIONS) == partition)
    now = datetime.now(UTC)
    return CaseStatusChanged(event_id=uuid4(), occurred_at=now, status_token=token, status=SubmissionStatus.CLOSED)


def flip_a_byte(stack: LocalStack, event: CaseStatusChanged) -> None:
    """Change one byte of an event in the broker's file; a second call restores it."""
    folder: Path = stack.kafka.folder / f"{CASE_STATUS_CHANGED.name}-{DAMAGED}"
    (segment,) = folder.glob("*.log")
    all_but_the_last = event.model_dump_json().encode()[:-1]
    with segment.open("r+b") as file:
        at = file.read().index(all_but_the_last) + len(all_but_the_last)
        file.seek(at)
        (byte,) = file.read(1)
        file.seek(at)
        file.write(bytes((byte ^ 1,)))


class Reader:
    """A consumer of its own, and the events that it has handled."""

    def __init__(self, consumer: Consumer) -> None:
        self.consumer = consumer
        self.handled: list[UUID] = []

    async def use_case(self, _work: Work, events: Sequence[CaseStatusChanged]) -> None:
        self.handled += [event.event_id for event in events]

    async def until_handled(self, *events: CaseStatusChanged) -> None:
        async def are_handled() -> bool:
            return {event.event_id for event in events} <= {*self.handled}

        await wait_for(are_handled, "the events")

    async def until_damaged(self, expected: dict[int, int]) -> None:
        async def is_known() -> bool:
            (progress,) = await self.consumer.progress()
            return dict(progress.damaged) == expected

        await wait_for(is_known, "the damage to be known, or over")


@contextlib.asynccontextmanager
async def reading(stack: LocalStack) -> AsyncGenerator[Reader, None]:
    dsn = app_dsn_of(stack, "intake", await create_own_database(stack, "intake"))
    async with asyncpg.create_pool(dsn, min_size=0, max_size=2) as pool:
        verifier = stack_verifier(stack)
        reader = Reader(Consumer(settings_of(stack, "intake"), database_of(pool), create_metrics(), verifier))
        reader.consumer.subscribe([Subscription(CASE_STATUS_CHANGED, INTAKE, reader.use_case)])
        await reader.consumer.broker.start()
        try:
            yield reader
        finally:
            reader.consumer.stop.set()
            await reader.consumer.broker.stop()


async def test_a_damaged_batch_costs_no_record_and_its_partition_goes_on_once_it_is_mended(
    broker: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_reading, "FETCH_AGAIN_SECONDS", 0.5)
    events = {partition: [an_event(partition) for _ in range(IN_EACH)] for partition in range(PARTITIONS)}
    await until_known(broker, "triage", "intake")
    for event in (event for some in events.values() for event in some):
        await publish(broker, event)  # each in a batch of its own
    flip_a_byte(broker, events[DAMAGED][OFFSET])
    others = [event for partition, some in events.items() if partition != DAMAGED for event in some]
    with capture_logs() as logs:
        async with reading(broker) as reader:
            await reader.until_handled(*others, *events[DAMAGED][:OFFSET])
            await reader.until_damaged({DAMAGED: OFFSET})
            (progress,) = await reader.consumer.progress()
            assert not progress.is_alive
            later = an_event(DAMAGED - 1)
            await publish(broker, later)
            await reader.until_handled(later)
            assert not {event.event_id for event in events[DAMAGED][OFFSET:]} & {*reader.handled}
            flip_a_byte(broker, events[DAMAGED][OFFSET])
            await reader.until_handled(*events[DAMAGED])
            await reader.until_damaged({})
    named = [line for line in logs if line["event"] == "batch_damaged"]
    assert {(line["topic"], line["partition"], line["offset"]) for line in named} == {
        (CASE_STATUS_CHANGED.name, DAMAGED, OFFSET)
    }
    assert len(reader.handled) == len({*reader.handled}) == len(others) + IN_EACH + 1


async def test_behind_a_batch_that_stays_damaged_the_rest_is_read_once_it_is_deleted_and_a_resend_brings_it_back(
    broker: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_reading, "FETCH_AGAIN_SECONDS", 0.5)
    damaged, behind = an_event(DAMAGED), an_event(DAMAGED)
    _, offset = await publish(broker, damaged)
    await publish(broker, behind)
    flip_a_byte(broker, damaged)
    async with reading(broker) as reader:
        await reader.until_damaged({DAMAGED: offset})
        delete_records(broker, CASE_STATUS_CHANGED.name, DAMAGED, before=offset + 1)
        await reader.until_handled(behind)
        assert damaged.event_id not in reader.handled
        await publish(broker, damaged)  # what `pipeline resend` does
        await reader.until_handled(damaged)
        await reader.until_damaged({})
