"""Creates the broker's topics, users and permissions from the topology table alone.

A second run changes nothing. A permission that is no longer in the table is removed.
"""

# pyright: reportPrivateImportUsage=false
# These names are the library's documented interface; only its annotations do not say so.

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from typing import Any

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from pipeline_shared.messaging.topics import ONE_BROKER, SERVICES, TOPOLOGY, Access, Durability, Topic, granted_access

SECONDS = 20
SCRAM_ITERATIONS = 4096


class PartitionsChangedError(Exception):
    """A topic has another number of partitions than the table; a change would break the order within a Kafka key."""


class TooFewReplicasError(Exception):
    """A topic has too few replicas. No setting can change that: use `kafka-reassign-partitions`."""


def provision_kafka(admin: AdminClient, passwords: Mapping[str, str], *, durability: Durability = ONE_BROKER) -> None:
    """Bring the broker in line with the table. Raises KafkaException, PartitionsChangedError, TooFewReplicasError."""
    _make_topics(admin, durability)
    _set_passwords(admin, {name: passwords[name] for name in SERVICES})
    _set_permissions(admin)


def _make_topics(admin: AdminClient, durability: Durability) -> None:
    existing = admin.list_topics(timeout=SECONDS).topics
    for topic in TOPOLOGY:
        if topic.name in existing and len(existing[topic.name].partitions) != topic.partitions:
            raise PartitionsChangedError(topic.name)
        if topic.name in existing and _replicas(existing[topic.name]) < durability.replicas:
            raise TooFewReplicasError(topic.name)
    missing = [topic for topic in TOPOLOGY if topic.name not in existing]
    if missing:
        _finish(admin.create_topics([_new(topic, durability) for topic in missing]))
    present = [topic for topic in TOPOLOGY if topic.name in existing]
    if present:
        _finish(admin.incremental_alter_configs([_settings(topic, durability) for topic in present]))


def _replicas(found: Any) -> int:
    return min(len(partition.replicas) for partition in found.partitions.values())


def _new(topic: Topic[Any], durability: Durability) -> NewTopic:
    return NewTopic(
        topic.name,
        num_partitions=topic.partitions,
        replication_factor=durability.replicas,
        config=topic.config(durability),
    )


def _settings(topic: Topic[Any], durability: Durability) -> ConfigResource:
    wanted = topic.config(durability).items()
    entries = [ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET) for name, value in wanted]
    return ConfigResource(ConfigResource.Type.TOPIC, topic.name, incremental_configs=entries)


def _set_passwords(admin: AdminClient, passwords: Mapping[str, str]) -> None:
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, SCRAM_ITERATIONS)
    changes = [UserScramCredentialUpsertion(name, info, password.encode()) for name, password in passwords.items()]
    _finish(admin.alter_user_scram_credentials(list(changes)))


def _set_permissions(admin: AdminClient) -> None:
    wanted = {binding for access in granted_access() for binding in _bindings(access)}
    present = set(admin.describe_acls(_every()).result(SECONDS))
    if wanted - present:
        _finish(admin.create_acls(list(wanted - present)))
    if present - wanted:
        _finish(admin.delete_acls([_exactly(binding) for binding in present - wanted]))


def _bindings(access: Access) -> Iterator[AclBinding]:
    """Yield the ACLs of one row; the broker derives the rights to describe and to write idempotently from them."""
    operation = AclOperation.WRITE if access.operation == "write" else AclOperation.READ
    yield _allow(access.principal, ResourceType.TOPIC, access.topic, operation)
    yield _allow(access.principal, ResourceType.TOPIC, access.topic, AclOperation.DESCRIBE_CONFIGS)
    if access.group:
        yield _allow(access.principal, ResourceType.GROUP, access.group, AclOperation.READ)


def _allow(principal: str, kind: ResourceType, name: str, operation: AclOperation) -> AclBinding:
    literal, allow = ResourcePatternType.LITERAL, AclPermissionType.ALLOW
    return AclBinding(kind, name, literal, f"User:{principal}", "*", operation, allow)


def _every() -> AclBindingFilter:
    anything: Any = None  # missing in the library's own annotations
    kind, pattern = ResourceType.ANY, ResourcePatternType.ANY
    return AclBindingFilter(kind, anything, pattern, anything, anything, AclOperation.ANY, AclPermissionType.ANY)


def _exactly(binding: Any) -> AclBindingFilter:
    return AclBindingFilter(
        binding.restype,
        binding.name,
        binding.resource_pattern_type,
        binding.principal,
        binding.host,
        binding.operation,
        binding.permission_type,
    )


def _finish(futures: Mapping[Any, "Future[Any]"] | Iterable["Future[Any]"]) -> None:
    for future in futures.values() if isinstance(futures, Mapping) else futures:
        future.result(SECONDS)
