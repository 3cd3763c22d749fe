"""The relay against a real broker that refuses: one row is set aside, a topic rests, everything else flows in order."""

import contextlib
import time
from collections.abc import AsyncGenerator, Generator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from pydantic import SecretStr

from pipeline_admin.parked import ask_replay, find_parked, list_parked
from pipeline_admin.provision_kafka import provision_kafka
from pipeline_local.stack import LocalStack
from pipeline_shared.messaging import outbox, relay
from pipeline_shared.messaging.operators import RefusedEventFacts
from pipeline_shared.messaging.outbox import to_row
from pipeline_shared.messaging.refusals import MOST_SET_ASIDE
from pipeline_shared.runtime.errors import PermanentError
from pipeline_shared.runtime.service import Runtime
from pipeline_shared.runtime.work import begin
from tests.support.broker import alter_topic, delete_topic, withdraw_writing
from tests.support.database import database_of
from tests.support.delivering import an_event
from tests.support.operators import FROM_SAM, SAM
from tests.support.outbox import ANOTHERS, ORDINARY, URGENT, Outbox, a_row, open_outbox
from tests.support.settings import settings_of
from tests.support.stack import create_stack, running
from tests.support.waiting import wait_for

TOO_LARGE = 1_500_000


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Generator[LocalStack, None, None]:
    """Start a stack for these tests: other tests must not miss the permissions and topics removed here."""
    with running(create_stack(tmp_path_factory.mktemp("relay"))) as stack:
        yield stack


@pytest.fixture
async def box(broker: LocalStack) -> AsyncGenerator[Outbox, None]:
    provision_kafka(broker.kafka.admin(), broker.keys.kafka)
    async with open_outbox(broker) as box:
        yield box


async def test_new_rows_of_the_same_process_wake_the_relay(box: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "POLL_SECONDS", 3600)
    async with box.relaying():
        for row in (a_row(), a_row(), a_row()):
            await box.add(row)
            box.new_rows.set()
            await box.until_published(row)


async def test_only_a_commit_of_events_wakes_the_relay(box: Outbox) -> None:
    async with asyncpg.create_pool(box.dsn, min_size=1, max_size=1) as pool:
        database = database_of(pool)
        async with begin(database):
            pass
        with contextlib.suppress(PermanentError):
            async with begin(database) as work:
                work.publish(an_event())
                raise PermanentError("refused")
        assert not database.new_events.is_set()
        async with begin(database) as work:
            work.publish(an_event())
            assert not database.new_events.is_set()
        assert database.new_events.is_set()


async def test_a_commit_of_a_running_service_wakes_its_relay(
    broker: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "POLL_SECONDS", 3600)
    async with open_outbox(broker, "triage") as box:
        runtime = Runtime("triage", settings_of(broker, "triage", database_url=SecretStr(box.dsn)))
        async with runtime.working():
            for event in (an_event(), an_event(), an_event()):
                async with begin(runtime.database) as work:
                    work.publish(event)
                await box.until_published(to_row(event))


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "larger than its topic takes": ({"value": bytes(TOO_LARGE)}, "MessageSizeTooLargeError"),
    "larger than any broker takes": ({"value": bytes(outbox.LARGEST_VALUE + 1)}, "record_too_large"),
    "for a topic that is not there": ({"topic": "no.such.topic.v1"}, "TopicAuthorizationFailedError"),
    "for a topic of another service": ({"topic": ANOTHERS}, "TopicAuthorizationFailedError"),
    "for a topic with a name that none can have": ({"topic": "no such topic!"}, "InvalidTopicError"),
    "for a topic with an endless name": ({"topic": "t" * 300}, "InvalidTopicError"),
    "for a topic without a name": ({"topic": ""}, "InvalidTopicError"),
    "for a partition that is not there": ({"partition": 99}, "no_such_partition"),
    "for a partition that cannot be": ({"partition": -1}, "no_such_partition"),
}


@pytest.mark.parametrize("topic", [ORDINARY, URGENT])
async def test_rows_that_the_broker_refuses_are_set_aside_and_all_others_arrive_in_order_and_high_first(
    box: Outbox, topic: str
) -> None:
    keys = [uuid4() for _ in range(30)]
    ordinary = [a_row(key=keys[n % len(keys)]) for n in range(600)]
    refused = [replace(a_row(topic), **changes) for changes, _ in REFUSED.values()]
    high = [a_row(URGENT) for _ in range(12)]
    await box.add(*ordinary[:300], *refused, *ordinary[300:], *high)
    async with box.relaying():
        await box.until_published(*ordinary, *high, seconds=60)
        assert box.relay.facts() == {"ok": True, "blocked_by": None, "refused_topics": {}}
    assert await box.refused() == {row.event_id: code for row, (_, code) in zip(refused, REFUSED.values(), strict=True)}
    assert await outbox.count_set_aside(box.connection) == (len(refused), sum(row.urgent for row in refused))
    assert max(await box.published_at(*high)) <= min(await box.published_at(*ordinary))
    arrived = [event_id for event_id in await box.arrived(ORDINARY) if event_id in {row.event_id for row in ordinary}]
    for key in keys:
        mine = [row.event_id for row in ordinary if row.key == key]
        assert [event_id for event_id in arrived if event_id in mine] == mine
    assert {row.event_id for row in high} <= set(await box.arrived(URGENT))


async def test_a_row_set_aside_is_listed_and_arrives_with_what_waits_behind_it_once_its_cause_is_mended(
    box: Outbox,
) -> None:
    large = a_row(size=TOO_LARGE)
    later, other = a_row(key=large.key), a_row()
    await box.add(large, later, other)
    async with box.relaying():
        await box.until_published(other)
        (listed,) = await list_parked(box.place, SAM)
        assert (listed.topic, listed.error, listed.attempts) == (ORDINARY, "MessageSizeTooLargeError", 1)
        facts = await find_parked(box.place, listed.id, SAM)
        assert isinstance(facts, RefusedEventFacts)
        assert (facts.event_id, facts.waiting_behind) == (large.event_id, 1)
        assert await ask_replay(box.place, listed.id, FROM_SAM) == 1

        async def refused_again() -> bool:
            return [facts.attempts for facts in await list_parked(box.place, SAM)] == [2]

        await wait_for(refused_again, "the second refusal")
        alter_topic(box.stack, ORDINARY, "max.message.bytes", "2000000")
        assert await ask_replay(box.place, None, FROM_SAM) == 1
        await box.until_published(large, later)
    assert await list_parked(box.place, SAM) == []
    arrived = await box.arrived(ORDINARY)
    assert arrived.index(large.event_id) < arrived.index(later.event_id)
    audited = "SELECT action, actor, reason FROM audit WHERE subject = $1 ORDER BY id"
    assert [tuple(row) for row in await box.connection.fetch(audited, str(large.event_id))] == [
        ("outbox_set_aside", "service:intake", "MessageSizeTooLargeError"),
        ("parked_replay_asked", "operator:sam", "MessageSizeTooLargeError: the broker works again"),
        ("outbox_set_aside", "service:intake", "MessageSizeTooLargeError"),
        ("parked_replay_asked", "operator:sam", "MessageSizeTooLargeError: the broker works again"),
    ]


async def test_a_topic_that_may_no_longer_be_written_rests_and_the_other_flows(box: Outbox) -> None:
    first, waiting = a_row(), [a_row() for _ in range(700)]
    async with box.relaying():
        await box.add(first)
        await box.until_published(first)
        withdraw_writing(box.stack, "intake", ORDINARY)
        await box.add(*waiting)

        async def is_refused() -> bool:
            return ORDINARY in box.relay.refused_topics

        await wait_for(is_refused, "the topic to be refused")
        high = a_row(URGENT)
        began = time.monotonic()
        await box.add(high)
        await box.until_published(high)
        assert time.monotonic() - began < 5
        facts = box.relay.facts()
        assert (facts["ok"], facts["refused_topics"]) == (False, {ORDINARY: "TopicAuthorizationFailedError"})
        assert await box.refused() == {}
        provision_kafka(box.stack.kafka.admin(), box.stack.keys.kafka)
        await box.until_published(*waiting)
        await wait_for_ok(box)


async def test_a_topic_that_is_deleted_rests_and_the_other_flows_until_it_is_made_again(box: Outbox) -> None:
    first, waiting = a_row(), [a_row() for _ in range(30)]
    async with box.relaying():
        await box.add(first)
        await box.until_published(first)
        delete_topic(box.stack, ORDINARY)
        await box.add(*waiting)

        async def is_refused() -> bool:
            return box.relay.refused_topics.get(ORDINARY) == "UnknownTopicOrPartitionError"

        await wait_for(is_refused, "the topic to be missed", seconds=60)
        high = a_row(URGENT)
        await box.add(high)
        await box.until_published(high)
        assert await box.refused() == {}
        provision_kafka(box.stack.kafka.admin(), box.stack.keys.kafka)
        await box.until_published(*waiting, seconds=60)
        await wait_for_ok(box)


async def test_a_setting_that_refuses_every_row_sets_few_of_them_aside(box: Outbox) -> None:
    waiting = [a_row(size=1_000) for _ in range(2_000)]
    alter_topic(box.stack, ORDINARY, "max.message.bytes", "500")
    await box.add(*waiting)
    async with box.relaying():

        async def is_refused() -> bool:
            return box.relay.refused_topics == {ORDINARY: "MessageSizeTooLargeError"}

        await wait_for(is_refused, "the topic to be refused", seconds=60)
        high = a_row(URGENT)
        await box.add(high)
        await box.until_published(high)
        provision_kafka(box.stack.kafka.admin(), box.stack.keys.kafka)
        await wait_for_ok(box)
        assert 0 < len(await box.refused()) <= MOST_SET_ASIDE * 10
        await ask_replay(box.place, None, FROM_SAM)
        await box.until_published(*waiting, seconds=60)


async def test_without_its_broker_nothing_is_set_aside(box: Outbox) -> None:
    rows = [a_row() for _ in range(50)]
    async with box.relaying():
        await wait_for_ok(box)
        box.stack.kill("kafka")
        await box.add(*rows)

        async def says_so() -> bool:
            return not box.relay.facts()["ok"]

        await wait_for(says_so, "the relay to say that it does not work")
        box.stack.start("kafka")
        await box.until_published(*rows, seconds=60)
        await wait_for_ok(box)
    assert await box.refused() == {}


async def wait_for_ok(box: Outbox) -> None:
    async def is_ok() -> bool:
        return box.relay.facts()["ok"] is True

    await wait_for(is_ok, "the relay to be well", seconds=60)
