"""Batches by one of our own Kafka users that aiokafka must not unpack or cannot read: each is one parked record."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psutil
import pytest
from confluent_kafka import Producer

from pipeline_local.certificates import authorities_file
from pipeline_local.stack import LocalStack
from pipeline_shared.language.events import SubmissionReceived
from pipeline_shared.messaging.outbox import partition_of
from pipeline_shared.messaging.topics import PARTITIONS
from tests.support.hostile_batches import a_batch_with_header, a_bomb, drop
from tests.support.intake import Frontend
from tests.support.journey import Databases, submission_of, submit
from tests.support.signing import publish
from tests.support.waiting import wait_for

TOPIC = "submission.received.v1"
MEGABYTES = 400  # more than the embedded broker's heap of 384
MOST_GROWTH = 150 * 2**20
SEPARATED = "SELECT count(*) FROM source_record WHERE submission_ref = ANY($1::uuid[])"
PARKED = "SELECT error FROM parked WHERE topic = $1 AND partition = $2 AND kafka_offset = $3"


def memory_of(stack: LocalStack, name: str) -> int:
    """Return the memory of a process and its children."""
    process = psutil.Process(stack.processes.pid(name))
    return sum(each.memory_info().rss for each in (process, *process.children(recursive=True)))


async def until_parked(databases: Databases, partition: int, offset: int) -> str:
    async def error() -> str | None:
        return await databases["restricted"].fetchval(PARKED, TOPIC, partition, offset)

    return await wait_for(error, "the record to be parked") or ""


async def send_after(stack: LocalStack, key: UUID) -> tuple[int, int]:
    """Send a readable record that cannot be opened, behind the records sent before."""
    event = SubmissionReceived(
        event_id=uuid4(), occurred_at=datetime.now(UTC), submission_ref=key, sealed=b"not sealed by anybody"
    )
    return await publish(stack, event)


async def test_a_bomb_ends_neither_the_broker_nor_its_consumer_and_what_comes_after_it_is_handled(
    pipeline: LocalStack, databases: Databases
) -> None:
    key, broker = uuid4(), pipeline.processes.pid("kafka")
    partition, before = partition_of(key, PARTITIONS), memory_of(pipeline, "sanitiser")
    code, offset = await drop(pipeline, a_bomb(MEGABYTES), TOPIC, partition, principal="intake")
    assert code == 0
    assert await until_parked(databases, partition, offset) == "unsigned_event"
    assert await until_parked(databases, *await send_after(pipeline, key)) == "cannot_be_opened"
    assert pipeline.processes.pid("kafka") == broker
    assert memory_of(pipeline, "sanitiser") - before < MOST_GROWTH


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
async def test_whatever_compresses_a_batch_it_is_one_unreadable_record_and_the_next_is_handled(
    pipeline: LocalStack, databases: Databases, codec: str
) -> None:
    key = uuid4()
    partition = partition_of(key, PARTITIONS)
    offsets: list[int] = []
    producer = Producer(
        {
            "bootstrap.servers": pipeline.kafka_credentials("intake").bootstrap,
            "security.protocol": "SASL_SSL",
            "ssl.ca.location": str(authorities_file(pipeline.home)),
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": "intake",
            "sasl.password": pipeline.kafka_credentials("intake").password,
            "compression.type": codec,
            "linger.ms": 200,
        }
    )
    for _ in range(20):
        producer.produce(
            TOPIC,
            bytes(10_000),
            key.bytes,
            partition,
            on_delivery=lambda _, message: offsets.append(message.offset() or 0),
        )
    assert producer.flush(20) == 0
    assert await until_parked(databases, partition, min(offsets)) == "unsigned_event"
    assert await until_parked(databases, *await send_after(pipeline, key)) == "cannot_be_opened"
    between = "SELECT count(*) FROM parked WHERE topic = $1 AND partition = $2 AND kafka_offset BETWEEN $3 AND $4"
    assert await databases["restricted"].fetchval(between, TOPIC, partition, min(offsets), max(offsets)) == 1


async def test_a_header_name_that_is_no_text_costs_no_other_record_on_any_partition(
    pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    bad: list[tuple[int, int]] = []
    receipts: list[str] = []
    for partition in (0, 3):
        code, offset = await drop(pipeline, a_batch_with_header(b"\xff\xfe"), TOPIC, partition, principal="intake")
        assert code == 0
        bad.append((partition, offset))
        receipts += await asyncio.gather(*(submit(frontend) for _ in range(40)))
    refs = [await submission_of(databases, receipt) for receipt in receipts]

    async def are_separated() -> bool:
        return await databases["restricted"].fetchval(SEPARATED, refs) == len(refs)

    await wait_for(are_separated, "every other submission")
    assert [await until_parked(databases, *place) for place in bad] == ["unsigned_event"] * len(bad)
