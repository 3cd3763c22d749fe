"""The topology in one table: each topic's event, writer, signers, readers, Kafka key and retention.

Topics, SCRAM users and ACLs are made from this table only. The broker refuses all other access.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Generic, TypeVar

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

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Durability:
    """The number of brokers that store each record, and the number that must have it before it is acknowledged.

    Raises ValueError when the loss of one broker could lose acknowledged records, or when nothing could be written.
    """

    replicas: int
    min_insync: int

    def __post_init__(self) -> None:
        if not 1 <= self.min_insync <= self.replicas or (self.replicas > 1 and self.min_insync == 1):
            raise ValueError("replicas_and_min_insync")


ONE_BROKER = Durability(replicas=1, min_insync=1)  # for demonstrations and tests
PRODUCTION = Durability(replicas=3, min_insync=2)  # one broker may be down, and every acknowledged record is on two


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader of a topic: a service, or one step of a service.

    Each reader of a topic has its own consumer group and reads all records, so no reader waits for another.
    """

    service: str
    step: str = ""

    @property
    def name(self) -> str:
        """Return the name in inbox rows, parked records and the audit."""
        return f"{self.service}.{self.step}" if self.step else self.service


@dataclass(frozen=True, slots=True)
class Topic(Generic[E]):
    """One row. `key` names the event's field that becomes the Kafka key; `urgent` records are relayed first.

    `signers` are the processes whose signature its events may carry, if not only the producer's. `always_signed`: the
    change to signed events made no exception for it.
    """

    name: str
    event: type[E]
    key: str
    producer: str
    readers: tuple[Reader, ...]
    partitions: int = PARTITIONS
    retention: timedelta = RETENTION
    urgent: bool = False
    signers: tuple[str, ...] = ()
    always_signed: bool = False

    @property
    def signed_by(self) -> tuple[str, ...]:
        """Return the processes that may sign its events."""
        return self.signers or (self.producer,)

    def config(self, durability: Durability = PRODUCTION) -> dict[str, str]:
        """Return the broker's settings for this topic: no compaction, short segments, batches stored as received.

        A broker that unpacks batches (see `batch_reading`) would crash on one that unpacks to more than its memory. Our
        consumers do not unpack either.
        """
        return {
            "cleanup.policy": "delete",
            "compression.type": "producer",
            "retention.ms": str(int(self.retention.total_seconds() * 1000)),
            "segment.ms": str(24 * 3600 * 1000),
            "max.message.bytes": str(1024 * 1024),
            "min.insync.replicas": str(durability.min_insync),
            "unclean.leader.election.enable": "false",  # no broker without the newest records becomes the leader
        }


INTAKE, SANITISER, TRIAGE, TRANSFER = (Reader(service) for service in SERVICES)
SANITISER_FLAG = Reader("sanitiser", "flag")
SANITISER_PREVIEW = Reader("sanitiser", "preview")

SUBMISSION_RECEIVED = Topic("submission.received.v1", SubmissionReceived, "submission_ref", "intake", (SANITISER,))
HIGH_SUBMISSION_RECEIVED = Topic(
    "submission.received.high.v1",
    HighSubmissionReceived,
    "submission_ref",
    "intake",
    (SANITISER, SANITISER_FLAG, SANITISER_PREVIEW),
    urgent=True,
)
SAFETY_FLAGGED = Topic("safety.flagged.v1", SafetyFlagged, "flag_id", "sanitiser", (TRIAGE,), urgent=True)
SAFETY_PREVIEWED = Topic("safety.previewed.v1", SafetyPreviewed, "flag_id", "sanitiser", (TRIAGE,), urgent=True)
# The worker publishes the submissions that need no review, and the desk publishes those that a person has released.
SUBMISSION_SANITISED = Topic(
    "submission.sanitised.v1",
    SubmissionSanitised,
    "source_ref",
    "sanitiser",
    (TRIAGE,),
    signers=("sanitiser", "desk"),
)
CASE_DECIDED = Topic("case.decided.v1", CaseDecided, "case_id", "triage", (TRANSFER,), always_signed=True)
CASE_STATUS_CHANGED = Topic("case.status.v1", CaseStatusChanged, "status_token", "triage", (INTAKE,))
TRANSFER_CONFIRMED = Topic("transfer.confirmed.v1", TransferConfirmed, "case_id", "transfer", (TRIAGE,))

TOPOLOGY: tuple[Topic[Any], ...] = (
    SUBMISSION_RECEIVED,
    HIGH_SUBMISSION_RECEIVED,
    SAFETY_FLAGGED,
    SAFETY_PREVIEWED,
    SUBMISSION_SANITISED,
    CASE_DECIDED,
    CASE_STATUS_CHANGED,
    TRANSFER_CONFIRMED,
)

TOPIC_OF: Mapping[type[Event], Topic[Any]] = MappingProxyType({topic.event: topic for topic in TOPOLOGY})


def group_of(topic: Topic[Any], reader: Reader) -> str:
    """Return the consumer group in which a reader reads a topic."""
    group = f"{reader.service}.{topic.name}"
    return f"{group}.{reader.step}" if reader.step else group


def topics_of(service: str) -> Iterator[Topic[Any]]:
    """Yield the topics that a service writes or reads."""
    return (topic for topic in TOPOLOGY if service in {topic.producer, *(reader.service for reader in topic.readers)})


@dataclass(frozen=True, slots=True)
class Access:
    """One permission the broker grants; `group` is set for readers. Whoever has it may read the topic's settings."""

    principal: str
    topic: str
    operation: str
    group: str | None = None


def granted_access() -> Iterator[Access]:
    """Yield every (principal, topic, operation) that the table allows."""
    for topic in TOPOLOGY:
        yield Access(topic.producer, topic.name, "write")
        for reader in topic.readers:
            yield Access(reader.service, topic.name, "read", group_of(topic, reader))
