"""Readiness of a consumer on a real broker: it reads, stands by, or reads nothing and reports it."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import asyncpg
from aiokafka.errors import GroupAuthorizationFailedError, KafkaConnectionError

from pipeline_local.stack import LocalStack
from pipeline_shared.language.events import CaseStatusChanged
from pipeline_shared.messaging.consumer import Consumer
from pipeline_shared.messaging.subscriptions import Subscription
from pipeline_shared.messaging.topics import CASE_STATUS_CHANGED, PARTITIONS, Reader
from pipeline_shared.runtime.errors import StoppedError
from pipeline_shared.runtime.metrics import create_metrics
from pipeline_shared.runtime.work import Work
from tests.support.database import database_of
from tests.support.settings import settings_of
from tests.support.signing import VERIFIER
from tests.support.waiting import wait_for


async def do_nothing(_work: Work, _events: Sequence[CaseStatusChanged]) -> None:
    pass


@contextlib.asynccontextmanager
async def member(stack: LocalStack, *, service: str = "intake", **changes: Any) -> AsyncGenerator[Consumer, None]:
    """Run a consumer of case statuses as a service: intake may join the group for them, triage may only write them."""
    async with asyncpg.create_pool(stack.app_dsn(service), min_size=0, max_size=1) as pool:
        consumer = Consumer(settings_of(stack, service, **changes), database_of(pool), create_metrics(), VERIFIER)

        async def take_nothing(stop: asyncio.Event) -> None:
            """What another test has sent is for the running service."""
            await stop.wait()
            raise StoppedError

        consumer.subscribe([Subscription(CASE_STATUS_CHANGED, Reader(service), do_nothing, until_ready=take_nothing)])

        async def has_tried() -> bool:
            try:
                await consumer.broker.start()
            except KafkaConnectionError:  # the broker learns a new password with a delay
                await consumer.broker.stop()
                return False
            except GroupAuthorizationFailedError:
                pass
            return True

        await wait_for(has_tried, "its start")
        try:
            yield consumer
        finally:
            consumer.stop.set()
            await consumer.broker.stop()


def partitions_of(consumer: Consumer) -> int:
    readers: Any = consumer.broker.subscribers
    return sum(len(reader.consumer.assignment()) for reader in readers)


async def is_alive(consumer: Consumer) -> bool:
    return all(topic.is_alive for topic in await consumer.progress())


async def test_a_member_joins_by_whichever_of_several_brokers_answers(stack: LocalStack) -> None:
    addresses = f"127.0.0.1:1, {stack.kafka.address}"  # nothing listens at the first
    async with member(stack, kafka_bootstrap=addresses) as consumer:

        async def has_joined() -> bool:
            return await is_alive(consumer)

        await wait_for(has_joined, "its place in the group")


async def test_a_member_without_a_partition_is_alive(stack: LocalStack) -> None:
    async with contextlib.AsyncExitStack() as members:
        everybody = [await members.enter_async_context(member(stack)) for _ in range(PARTITIONS + 1)]

        async def one_stands_by() -> bool:
            held = sorted(map(partitions_of, everybody))
            return held[0] == 0 and held[-1] == 1 and sum(held) >= PARTITIONS - 1  # the running service may be one

        await wait_for(one_stands_by, "a partition for all but one or two", seconds=60)

        async def all_are_alive() -> bool:
            return all([await is_alive(one) for one in everybody])

        await wait_for(all_are_alive, "life in each of them")


async def test_a_member_stays_alive_while_it_takes_over_the_partitions_of_another(stack: LocalStack) -> None:
    seen: list[bool] = []
    async with member(stack) as heir:

        async def both_read() -> bool:
            return all([partitions_of(one) and await is_alive(one) for one in (heir, leaver)])

        async with member(stack) as leaver:
            await wait_for(both_read, "both to read", seconds=60)
            held = partitions_of(heir)

        async def reads_all() -> bool:
            seen.append(await is_alive(heir))
            consumers: Any = heir.broker.subscribers
            polled = [c.last_poll_timestamp(p) for c in (each.consumer for each in consumers) for p in c.assignment()]
            return len(polled) > held and all(polled)

        await wait_for(reads_all, "an answer for the other's partitions", seconds=60)
    assert all(seen)


async def test_a_consumer_that_may_not_join_its_group_is_not_alive(stack: LocalStack) -> None:
    async with member(stack, service="triage") as consumer:
        assert not partitions_of(consumer)
        assert not await is_alive(consumer)
