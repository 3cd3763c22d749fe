"""Unwanted changes to a broker: a permission withdrawn, a topic deleted, a setting changed."""

# pyright: reportPrivateImportUsage=false
# These names are the documented interface of the library, although its annotations do not say so.

from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any

from confluent_kafka import TopicPartition
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourcePatternType,
    ResourceType,
)

from pipeline_local.stack import LocalStack

SECONDS = 20


def withdraw_writing(stack: LocalStack, principal: str, topic: str) -> None:
    """Withdraw the permission of a Kafka user to write a topic."""
    wanted = AclBindingFilter(*_writing(principal, topic))
    admin = stack.kafka.admin()  # answers come only while a reference to it exists
    _finish(admin.delete_acls([wanted]).values())


def permit_writing(stack: LocalStack, principal: str, topic: str) -> None:
    """Let a Kafka user write a topic, whatever the topology allows."""
    admin = stack.kafka.admin()
    _finish(admin.create_acls([AclBinding(*_writing(principal, topic))]).values())


def _writing(principal: str, topic: str) -> tuple[Any, ...]:
    kind, literal = ResourceType.TOPIC, ResourcePatternType.LITERAL
    return kind, topic, literal, f"User:{principal}", "*", AclOperation.WRITE, AclPermissionType.ALLOW


def delete_topic(stack: LocalStack, topic: str) -> None:
    """Delete a topic with all its records."""
    admin = stack.kafka.admin()
    _finish(admin.delete_topics([topic]).values())


def delete_records(stack: LocalStack, topic: str, partition: int, *, before: int) -> None:
    """Delete the records of a partition before an offset."""
    admin = stack.kafka.admin()
    _finish(admin.delete_records([TopicPartition(topic, partition, before)]).values())


def alter_topic(stack: LocalStack, topic: str, name: str, value: str) -> None:
    """Change one setting of a topic."""
    entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[entry])
    admin = stack.kafka.admin()
    _finish(admin.incremental_alter_configs([resource]).values())


def settings_of_topic(stack: LocalStack, topic: str) -> dict[str, str]:
    """Return a topic's settings as the broker has them."""
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
    admin = stack.kafka.admin()
    (described,) = admin.describe_configs([resource]).values()
    return {name: entry.value for name, entry in described.result(SECONDS).items()}


def _finish(futures: Iterable["Future[Any]"]) -> None:
    for future in futures:
        future.result(SECONDS)
