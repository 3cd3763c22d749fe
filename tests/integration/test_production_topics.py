"""In production a process reads and publishes nothing while the loss of one broker could lose a record; it says why."""

import contextlib
from collections.abc import AsyncGenerator

import aiohttp
import pytest
from pydantic import SecretStr

from pipeline_local.stack import LocalStack
from pipeline_shared.messaging import promise
from pipeline_shared.messaging.promise import describe_topics
from pipeline_shared.messaging.topics import SERVICES, TOPOLOGY, topics_of
from pipeline_shared.runtime.service import Runtime
from tests.support.copies import Copy
from tests.support.outbox import a_row, open_outbox
from tests.support.settings import settings_of
from tests.support.waiting import wait_for

EVERY_REASON = ["too_few_replicas", "min_insync_replicas"]


@pytest.fixture
async def transfer(stack: LocalStack) -> AsyncGenerator[Copy, None]:
    copy = Copy.of(stack, "transfer", 2, ENVIRONMENT="production")
    copy.start()
    yield copy
    await copy.stop()


async def test_on_one_broker_a_process_in_production_is_not_ready_and_names_each_topic(transfer: Copy) -> None:
    async def reasons() -> object:
        with contextlib.suppress(aiohttp.ClientError):
            status, page = await transfer.readiness()
            assert status == 503
            return page["checks"]["durability"]["topics"]
        return None

    wanted = {topic.name: EVERY_REASON for topic in topics_of("transfer")}
    assert await wait_for(reasons, "the reasons") == wanted
    lines = transfer.program.log.read_text(encoding="utf-8").splitlines()
    assert sum('"event":"topic_may_lose_records"' in line for line in lines) == len(wanted)


async def test_what_was_accepted_waits_until_the_topics_are_durable(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_outbox(stack) as box:
        row = a_row()
        await box.add(row)
        monkeypatch.setattr(promise, "LOOK_SECONDS", 0.1)
        dsn = SecretStr(box.dsn)
        runtime = Runtime("intake", settings_of(stack, "intake", environment="production", database_url=dsn))

        async def is_refused() -> bool:
            ready, checks = await runtime.health.report()
            return not ready and not checks["durability"]["ok"]

        async with runtime.working():
            await wait_for(is_refused, "the topics to be refused")
            assert await box.published_at(row) == [float("inf")]
            monkeypatch.setattr(promise, "FEWEST_REPLICAS", 1)
            await box.until_published(row)
            ready, checks = await runtime.health.report()
            assert ready, checks


@pytest.mark.parametrize("service", SERVICES)
async def test_a_process_may_read_the_settings_of_its_own_topics_and_of_no_others(
    stack: LocalStack, service: str
) -> None:
    described = await describe_topics(settings_of(stack, service), [topic.name for topic in TOPOLOGY])
    readable = {name for name, topic in described.items() if promise.MIN_INSYNC in topic.settings}
    assert readable == {topic.name for topic in topics_of(service)}
    assert {topic.replicas for topic in described.values()} == {0, 1}
