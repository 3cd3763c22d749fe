"""What production asks of a Kafka cluster: that the loss of one broker loses no acknowledged record.

Provisioning refuses a cluster that cannot keep this promise, before it changes anything there.
"""

# pyright: reportPrivateImportUsage=false
# These names are the library's documented interface; only its annotations do not say so.

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from confluent_kafka.admin import AdminClient, ConfigResource

from pipeline_shared.messaging.promise import MIN_INSYNC, UNCLEAN, Broken, Described, broken_promises
from pipeline_shared.messaging.topics import Durability

SECONDS = 20
OFFSETS = "offsets.topic.replication.factor"
# Of the ways to lose a record of a topic, those that a topic made on these brokers could have. A durability of one
# replica has one in-sync replica, too, so it needs no reason of its own.
REASON_OF = MappingProxyType(
    {
        Broken.MIN_INSYNC: (
            "an acknowledged record may be on one broker only: set PROVISION_KAFKA_MIN_INSYNC to 2 or more"
        ),
        Broken.UNCLEAN: f"{UNCLEAN} is on: a broker without the newest records may become the leader",
    }
)

Settings = Mapping[str, str | None]


class ClusterPromiseError(Exception):
    """The cluster cannot keep what production promises; carries the reasons."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))


def check_cluster(admin: AdminClient, durability: Durability) -> None:
    """Return if the cluster can keep the promise. Raises ClusterPromiseError, KafkaException."""
    brokers = sorted(admin.list_topics(timeout=SECONDS).brokers)
    settings = [_settings(admin, broker) for broker in brokers]
    if reasons := list(reasons_to_refuse(settings, durability)):
        raise ClusterPromiseError(reasons)


def out_of_sync(admin: AdminClient, brokers: int) -> list[str]:
    """Return why another broker must not stop now: a broker is away, or a partition lacks a replica."""
    found = admin.list_topics(timeout=SECONDS)
    missing = brokers - len(found.brokers)
    behind = {
        topic.topic
        for topic in found.topics.values()
        for partition in topic.partitions.values()
        if len(partition.isrs) < len(partition.replicas)
    }
    away = [f"{missing} of {brokers} brokers away"] if missing > 0 else []
    return away + ([f"{len(behind)} topics wait for a replica"] if behind else [])


def _settings(admin: AdminClient, broker: int) -> Settings:
    """Return the settings of one broker; each call may ask for one only."""
    (described,) = admin.describe_configs([ConfigResource(ConfigResource.Type.BROKER, str(broker))]).values()
    return {name: entry.value for name, entry in described.result(SECONDS).items()}


def reasons_to_refuse(brokers: Sequence[Settings], durability: Durability) -> Iterator[str]:
    """Yield why the brokers with these settings cannot keep the promise for topics of this durability."""
    if len(brokers) < durability.replicas:
        yield f"there are {len(brokers)} brokers for {durability.replicas} replicas"
    topics = [Described(durability.replicas, {**broker, MIN_INSYNC: str(durability.min_insync)}) for broker in brokers]
    broken = {each for topic in topics for each in broken_promises(topic)}
    yield from (reason for each, reason in REASON_OF.items() if each in broken)
    if any(int(broker.get(OFFSETS) or 1) < durability.replicas for broker in brokers):
        yield f"{OFFSETS} is less than {durability.replicas}: the loss of one broker loses the consumers' positions"
