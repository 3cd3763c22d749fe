"""The real broker and the real databases refuse everything that the tables do not grant: each empty cell is tried."""

import time
from typing import Any

import asyncpg
import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from pipeline_admin.provision_kafka import TooFewReplicasError, provision_kafka
from pipeline_local.certificates import authorities_file
from pipeline_local.stack import LocalStack
from pipeline_settings.processes import DATABASE_OF, PROCESS_OF
from pipeline_shared.messaging.topics import ONE_BROKER, PRODUCTION, SERVICES, TOPOLOGY, Access, Topic, granted_access
from tests.support.broker import alter_topic, permit_writing, settings_of_topic
from tests.support.own_database import app_dsn_of
from tests.support.stack import OURS
from tests.support.waiting import wait_for

GRANTED = {(access.principal, access.topic, access.operation) for access in granted_access()}
CELLS = [(service, topic.name, way) for service in SERVICES for topic in TOPOLOGY for way in ("read", "write")]


def client(stack: LocalStack, principal: str, password: str | None = None) -> dict[str, Any]:
    credentials = stack.kafka_credentials(principal)
    return {
        "bootstrap.servers": credentials.bootstrap,
        "security.protocol": "SASL_SSL",
        "ssl.ca.location": str(authorities_file(stack.home)),
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": principal,
        "sasl.password": password or credentials.password,
        "log_level": 0,
    }


def error_of_writing(stack: LocalStack, principal: str, topic: str, password: str | None = None) -> str | None:
    """Send one record; return the name of the broker's error, or None if it was accepted."""
    errors: list[KafkaError | None] = []
    producer = Producer(client(stack, principal, password) | {"message.timeout.ms": 5_000})
    try:
        producer.produce(topic, b"not an event", partition=0, on_delivery=lambda error, _: errors.append(error))
    except KafkaException as refusal:
        return refusal.args[0].name()
    producer.flush(10)
    return errors[0].name() if errors and errors[0] else None


def may_read(stack: LocalStack, principal: str, topic: str) -> bool:
    """Fetch from a topic; tell whether the broker allows it."""
    # the group does not matter here: this test looks for another refusal
    consumer = Consumer(client(stack, principal) | {"group.id": "unused", "enable.auto.commit": False})
    described = consumer.list_topics(topic, timeout=10).topics[topic]
    if described.error:  # not even its partitions may be listed
        assert described.error.name() == "TOPIC_AUTHORIZATION_FAILED"
        return False
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    seconds = 1 if (principal, topic, "read") in GRANTED else 10
    return "TOPIC_AUTHORIZATION_FAILED" not in errors_until(consumer, "TOPIC_AUTHORIZATION_FAILED", seconds)


def may_join(stack: LocalStack, principal: str, topic: str, group: str) -> bool:
    """Join a group; tell whether the broker allows it."""
    consumer = Consumer(client(stack, principal) | {"group.id": group})
    consumer.subscribe([topic])
    return "GROUP_AUTHORIZATION_FAILED" not in errors_until(consumer, "GROUP_AUTHORIZATION_FAILED", 10)


def errors_until(consumer: Consumer, wanted: str, seconds: float) -> set[str]:
    """Poll until the wanted error comes; return the names of all errors."""
    errors: set[str] = set()
    deadline = time.monotonic() + seconds
    while wanted not in errors and time.monotonic() < deadline:
        polled = consumer.poll(0.2)
        error = polled.error() if polled else None
        errors |= {error.name()} if error else set()
    consumer.close()
    return errors


@pytest.mark.parametrize(("principal", "topic", "way"), CELLS)
def test_the_broker_grants_what_the_topology_says_and_nothing_else(
    stack: LocalStack, principal: str, topic: str, way: str
) -> None:
    granted = (principal, topic, way) in GRANTED
    if way == "read":
        assert may_read(stack, principal, topic) == granted
    elif not granted:  # where writing is allowed, nothing is sent: every other test proves that it works
        assert error_of_writing(stack, principal, topic) == "TOPIC_AUTHORIZATION_FAILED"


@pytest.mark.parametrize("access", [a for a in granted_access() if a.group], ids=lambda a: f"{a.principal}-{a.topic}")
def test_a_reader_may_use_its_own_group_and_no_other(stack: LocalStack, access: Access) -> None:
    assert not may_join(stack, access.principal, access.topic, "my-own")


def test_a_wrong_password_is_refused(stack: LocalStack) -> None:
    assert error_of_writing(stack, "intake", "submission.received.v1", "wrong") is not None


def test_a_topic_that_the_table_does_not_name_does_not_come_to_be(stack: LocalStack) -> None:
    assert error_of_writing(stack, "admin", "a.topic.of.my.own") is not None
    topics = AdminClient(client(stack, "admin")).list_topics(timeout=10).topics
    assert set(topics) - {"__consumer_offsets"} == {topic.name for topic in TOPOLOGY}


def test_every_reader_of_a_topic_has_a_group_of_its_own_that_is_named_for_both() -> None:
    groups = [access.group for access in granted_access() if access.group]
    assert len(set(groups)) == len(groups)
    assert "sanitiser.submission.received.high.v1.flag" in groups
    assert all(
        f"{access.principal}.{access.topic}" in (access.group or "") for access in granted_access() if access.group
    )


def test_nobody_but_the_services_and_the_administrator_has_a_user_at_the_broker(stack: LocalStack) -> None:
    """The desk has none: what it releases, the worker's relay publishes."""
    admin: Any = (
        stack.kafka.admin()
    )  # asked for everybody, it answers with one future; its annotation knows only several
    assert set(admin.describe_user_scram_credentials().result(10)) == {"admin", *SERVICES}


def dsn_as(stack: LocalStack, process: str, database: str) -> str:
    return app_dsn_of(stack, process, database)


@pytest.mark.parametrize("process", OURS)
@pytest.mark.parametrize("database", [*DATABASE_OF.values(), "postgres", "template1"])
async def test_a_process_reaches_its_services_database_and_no_other(
    stack: LocalStack, process: str, database: str
) -> None:
    if DATABASE_OF[PROCESS_OF[process].service or ""] == database:
        connection = await asyncpg.connect(dsn_as(stack, process, database))
        await connection.close()
    else:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(dsn_as(stack, process, database))


@pytest.mark.parametrize("process", OURS)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'nobody'",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "DELETE FROM parked",
        "UPDATE outbox SET value = ''",
        "DROP TABLE audit",
        "CREATE TABLE mine (a int)",
        "ALTER TABLE audit DISABLE ROW LEVEL SECURITY",
        "SET ROLE postgres",
    ],
)
async def test_a_process_cannot_rewrite_what_only_grows(stack: LocalStack, process: str, statement: str) -> None:
    connection = await asyncpg.connect(stack.app_dsn(process))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(statement)
    await connection.close()


@pytest.mark.parametrize("process", ["sanitiser", "desk"])
async def test_the_restricted_store_cannot_be_emptied_by_its_own_service(stack: LocalStack, process: str) -> None:
    connection = await asyncpg.connect(stack.app_dsn(process))
    for statement in ("DELETE FROM source_record", "UPDATE source_record SET sealed = ''", "DELETE FROM held"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.close()


async def test_a_permission_that_the_table_does_not_list_is_taken_away_by_provisioning(stack: LocalStack) -> None:
    topic = "case.decided.v1"
    permit_writing(stack, "intake", topic)

    async def may_write() -> bool:
        return error_of_writing(stack, "intake", topic) is None

    await wait_for(may_write, "the permission to be in force")
    provision_kafka(stack.kafka.admin(), stack.keys.kafka)

    async def may_not() -> bool:
        return error_of_writing(stack, "intake", topic) == "TOPIC_AUTHORIZATION_FAILED"

    await wait_for(may_not, "the permission to be gone")


@pytest.mark.parametrize("topic", TOPOLOGY, ids=lambda topic: topic.name)
def test_every_topic_has_the_tables_settings_and_provisioning_mends_what_was_changed(
    stack: LocalStack, topic: Topic[Any]
) -> None:
    wanted = topic.config(ONE_BROKER)
    alter_topic(stack, topic.name, "min.insync.replicas", "2")
    alter_topic(stack, topic.name, "retention.ms", "1000000")
    provision_kafka(stack.kafka.admin(), stack.keys.kafka)
    assert wanted.items() <= settings_of_topic(stack, topic.name).items()


def test_topics_on_fewer_brokers_than_they_should_are_not_passed_over(stack: LocalStack) -> None:
    with pytest.raises(TooFewReplicasError):
        provision_kafka(stack.kafka.admin(), stack.keys.kafka, durability=PRODUCTION)
