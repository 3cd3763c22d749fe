"""Kafka for tests: write raw records, read the records of a topic."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from aiokafka.errors import KafkaConnectionError
from aiokafka.structs import TopicPartition

from pipeline_local.stack import LocalStack
from pipeline_shared.messaging.batch_reading import read_safely
from pipeline_shared.messaging.outbox import partition_of
from pipeline_shared.messaging.topics import PARTITIONS
from tests.support.waiting import wait_for

Headers = list[tuple[str, bytes | None]]


def client(stack: LocalStack, principal: str) -> dict[str, Any]:
    """Return aiokafka's arguments for a Kafka user."""
    credentials = stack.kafka_credentials(principal)
    return {
        "bootstrap_servers": credentials.bootstrap,
        "security_protocol": "SASL_SSL",
        "ssl_context": stack.tls(),
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": credentials.username,
        "sasl_plain_password": credentials.password,
    }


async def until_known(stack: LocalStack, *principals: str) -> None:
    """Return when the broker accepts the passwords of these users: it learns them with a delay."""
    for principal in principals:

        async def is_known(principal: str = principal) -> bool:
            producer = AIOKafkaProducer(**client(stack, principal))
            try:
                await producer.start()
            except KafkaConnectionError:
                return False
            finally:
                await producer.stop()
            return True

        await wait_for(is_known, f"the broker to know {principal}")


async def send(
    stack: LocalStack, topic: str, key: UUID, value: bytes, *, principal: str, headers: Any = ()
) -> tuple[int, int]:
    """Write one record as a Kafka user; return its partition and offset."""
    (place,) = await send_all(stack, topic, [(key, value, headers)], principal=principal)
    return place


async def send_all(
    stack: LocalStack, topic: str, records: Sequence[tuple[UUID, bytes, Any]], *, principal: str
) -> list[tuple[int, int]]:
    """Write records as a Kafka user, each with key, value and headers; return the partition and offset of each."""
    producer = AIOKafkaProducer(**client(stack, principal))
    await producer.start()
    try:
        sent = [
            await producer.send(topic, value, key.bytes, partition_of(key, PARTITIONS), headers=list(headers))
            for key, value, headers in records
        ]
        return [(place.partition, place.offset) for place in await asyncio.gather(*sent)]
    finally:
        await producer.stop()


async def count_written(stack: LocalStack, topic: str) -> int:
    """Return how many offsets of a topic are used: a compressed batch uses several and is read as one record."""
    consumer = AIOKafkaConsumer(**client(stack, "admin"))
    await consumer.start()
    try:
        return sum((await consumer.end_offsets([TopicPartition(topic, n) for n in range(PARTITIONS)])).values())
    finally:
        await consumer.stop()


async def read_all(stack: LocalStack, topic: str) -> list[ConsumerRecord[bytes, bytes]]:
    """Return every record of a topic, partition by partition in order; a compressed batch is one without a value."""
    read_safely()
    consumer = AIOKafkaConsumer(**client(stack, "admin"), auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, n) for n in range(PARTITIONS)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        records: list[ConsumerRecord[bytes, bytes]] = []
        while any([await consumer.position(p) < ends[p] for p in partitions]):
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                records += batch
        return records
    finally:
        await consumer.stop()
