"""The topology in one table: who may write which event where, who may read it, under which key, for how long.

Topics, SCRAM users and ACLs are created from this table and from nothing else; what it does not list, the broker
refuses.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from pipeline_shared.language.events import (
    CaseDecided,
    CaseStatusChanged,
    Event,
    HighSubmissionReceived,
    SafetyFlagged,
    SafetyPreviewed,
    SubmissionReceived,
    SubmissionSanitised,
    TransferConfirmed,
)

SERVICES = ("intake", "sanitiser", "triage", "transfer")
PARTITIONS = 6
RETENTION = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Durability:
    """On how many brokers each record stands, and how many must have it before its producer hears so.

    Raises ValueError where one broker's absence would lose what was acknowledged, or where nothing could be written.
    """

    replicas: int
    min_insync: int

    def __post_init__(self) -> None:
        if not 1 <= self.min_insync <= self.replicas or (self.replicas > 1 and self.min_insync == 1):
            raise ValueError("replicas_and_min_insync")


ONE_BROKER = Durability(replicas=1, min_insync=1)  # a demonstration, a test
PRODUCTION = Durability(replicas=3, min_insync=2)  # one broker may be away, and nothing acknowledged is on one alone


@dataclass(frozen=True, slots=True)
class Topic:
    """One row: `key` names the event's field whose records must stay in order; `urgent` ones are relayed first.

    Each of a consumer's `steps` reads in a group of its own, so that none waits for another; most have one, unnamed.
    """

    name: str
    event: type[Event]
    key: str
    producer: str
    consumers: tuple[str, ...]
    partitions: int = PARTITIONS
    retention: timedelta = RETENTION
    urgent: bool = False
    steps: tuple[str, ...] = ("",)

    def config(self, durability: Durability = PRODUCTION) -> dict[str, str]:
        """Return the broker's settings for this topic: never compacted, short segments, records as they came.

        A broker that had to unpack them to keep them (`uncompressed`) would end by one record that unpacks to more than
        its memory; no consumer of ours unpacks either.
        """
        return {
            "cleanup.policy": "delete",
            "compression.type": "producer",
            "retention.ms": str(int(self.retention.total_seconds() * 1000)),
            "segment.ms": str(24 * 3600 * 1000),
            "max.message.bytes": str(1024 * 1024),
            "min.insync.replicas": str(durability.min_insync),
        }


TOPOLOGY: tuple[Topic, ...] = (
    Topic("submission.received.v1", SubmissionReceived, "submission_ref", "intake", ("sanitiser",)),
    Topic(
        "submission.received.high.v1",
        HighSubmissionReceived,
        "submission_ref",
        "intake",
        ("sanitiser",),
        urgent=True,
        steps=("", "flag", "preview"),
    ),
    Topic("safety.flagged.v1", SafetyFlagged, "flag_id", "sanitiser", ("triage",), urgent=True),
    Topic("safety.previewed.v1", SafetyPreviewed, "flag_id", "sanitiser", ("triage",), urgent=True),
    Topic("submission.sanitised.v1", SubmissionSanitised, "source_ref", "sanitiser", ("triage",)),
    Topic("case.decided.v1", CaseDecided, "case_id", "triage", ("transfer",)),
    Topic("case.status.v1", CaseStatusChanged, "status_token", "triage", ("intake",)),
    Topic("transfer.confirmed.v1", TransferConfirmed, "case_id", "transfer", ("triage",)),
)

TOPIC_OF: Mapping[type[Event], Topic] = MappingProxyType({topic.event: topic for topic in TOPOLOGY})


def group_of(service: str, topic: Topic, step: str = "") -> str:
    """Return the consumer group under which a service's step reads a topic."""
    return f"{service}.{topic.name}.{step}" if step else f"{service}.{topic.name}"


@dataclass(frozen=True, slots=True)
class Access:
    """One permission the broker grants; `group` is set for readers."""

    principal: str
    topic: str
    operation: str
    group: str | None = None


def granted_access() -> Iterator[Access]:
    """Yield every (principal, topic, operation) that the table allows."""
    for topic in TOPOLOGY:
        yield Access(topic.producer, topic.name, "write")
        for consumer in topic.consumers:
            for step in topic.steps:
                yield Access(consumer, topic.name, "read", group_of(consumer, topic, step))
