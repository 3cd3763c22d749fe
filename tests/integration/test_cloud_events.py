"""Every record that a service publishes carries CloudEvents' attributes in its headers, and no other header."""

import json
from typing import Any
from uuid import UUID

from aiokafka import ConsumerRecord
from jsonschema import Draft7Validator

from pipeline_admin.asyncapi import headers_schema
from pipeline_local.stack import LocalStack
from pipeline_shared.messaging.topics import TOPOLOGY, Topic
from pipeline_simulators.browsing import Browser, Page
from pipeline_simulators.people import OFFICERS
from tests.support.intake import Frontend
from tests.support.journey import Databases, case_of, flag_of, submit
from tests.support.kafka import read_all
from tests.support.waiting import wait_for

DANGER = "Lee Hargreaves has a knife under his coat at the bus station and is going to stab Dean Porter there tonight."
PUBLISHED = "SELECT event_id, topic FROM outbox WHERE published_at IS NOT NULL"


async def published(databases: Databases) -> dict[str, str]:
    """Return the topic of every event that a service has published."""
    return {str(row["event_id"]): row["topic"] for each in databases.values() for row in await each.fetch(PUBLISHED)}


async def decide(pipeline: LocalStack, case_id: UUID) -> None:
    async with Browser(pipeline.address("triage"), OFFICERS[0]) as officer:
        page = Page.read((await officer.read(f"/cases/{case_id}")).text)
        form = page.fields | {"outcome": "record", "reason": "It is needed"}
        assert (await officer.send(f"/cases/{case_id}/decision", form)).status == 303


def assert_documented(topic: Topic[Any], record: ConsumerRecord[bytes, bytes]) -> None:
    headers = {name: value.decode() for name, value in record.headers}
    event = json.loads(record.value or b"")
    assert len(headers) == len(record.headers)
    assert [error.message for error in Draft7Validator(headers_schema(topic)).iter_errors(headers)] == []
    assert headers["ce_signer"] in {f"events-{process}-1" for process in topic.signed_by}
    assert (headers["ce_id"], headers["ce_time"]) == (event["event_id"], event["occurred_at"])


async def test_each_record_of_a_submissions_way_has_the_documented_headers_and_no_others(
    pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    before = await published(databases)
    await flag_of(databases, await submit(frontend, narrative=DANGER))
    await decide(pipeline, await case_of(databases, await submit(frontend)))
    ours: dict[str, str] = {}

    async def went_every_way() -> bool:
        ours.update((found, topic) for found, topic in (await published(databases)).items() if found not in before)
        return set(ours.values()) == {topic.name for topic in TOPOLOGY}

    await wait_for(went_every_way, "an event in every topic", seconds=60)
    seen: set[str] = set()
    for topic in TOPOLOGY:
        for record in await read_all(pipeline, topic.name):
            event_id = dict(record.headers).get("ce_id", b"").decode()
            if event_id in ours:
                assert_documented(topic, record)
                seen.add(event_id)
    assert seen == set(ours)
