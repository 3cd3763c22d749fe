"""What production asks of the topics of a process: that the loss of one broker loses no acknowledged record.

Provisioning asks the brokers before it makes the topics. A process asks for its own topics before it reads or writes,
because somebody may have changed them, or may have made them in another way. Until the promise is kept, what was
accepted waits in the outbox.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import structlog
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from pipeline_shared.messaging.kafka import client_options
from pipeline_shared.messaging.topics import topics_of
from pipeline_shared.runtime.errors import StoppedError, error_code
from pipeline_shared.runtime.retry import Backoff, pause
from pipeline_shared.runtime.settings import KafkaSettings
from pipeline_shared.runtime.start_checks import FEWEST_REPLICAS, PRODUCTION

MIN_INSYNC = "min.insync.replicas"
UNCLEAN = "unclean.leader.election.enable"
ASK_SECONDS = 20.0
LOOK_SECONDS = 10.0
LOOK_AGAIN_SECONDS = 600.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Described:
    """A topic as the cluster describes it: the fewest replicas of a partition (0: no topic), and its settings."""

    replicas: int
    settings: Mapping[str, str | None]


class Broken(StrEnum):
    """A way to lose an acknowledged record of a topic with one broker, as logs and `/health/ready` name it."""

    NO_TOPIC = "no_topic"
    TOO_FEW_REPLICAS = "too_few_replicas"
    SETTINGS_NOT_READABLE = "settings_not_readable"  # the permission is missing: `pipeline provision` grants it
    MIN_INSYNC = "min_insync_replicas"
    UNCLEAN = "unclean_leader_election"


def broken_promises(topic: Described) -> Iterator[Broken]:
    """Yield each way in which the loss of one broker can lose an acknowledged record of a topic."""
    if not topic.replicas:
        yield Broken.NO_TOPIC
    elif topic.replicas < FEWEST_REPLICAS:
        yield Broken.TOO_FEW_REPLICAS
    if MIN_INSYNC not in topic.settings:
        yield Broken.SETTINGS_NOT_READABLE
    elif int(topic.settings[MIN_INSYNC] or 0) < FEWEST_REPLICAS:
        yield Broken.MIN_INSYNC
    if (topic.settings.get(UNCLEAN) or "false").lower() != "false":
        yield Broken.UNCLEAN


async def describe_topics(settings: KafkaSettings, names: Sequence[str]) -> dict[str, Described]:
    """Return what the cluster says of these topics. Raises KafkaError, OSError."""
    admin = AIOKafkaAdminClient(**client_options(settings))
    try:
        await admin.start()
        topics = {topic["topic"]: topic for topic in await admin.describe_topics(list(names))}
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        answer: Any
        (answer,) = await admin.describe_configs(resources)
    finally:
        await admin.close()
    settings_of = {name: {entry[0]: entry[1] for entry in entries} for _, _, _, name, entries in answer.resources}
    return {name: Described(_fewest_replicas(topics.get(name)), settings_of.get(name, {})) for name in names}


def _fewest_replicas(topic: Mapping[str, Any] | None) -> int:
    return min((len(partition["replicas"]) for partition in topic["partitions"]), default=0) if topic else 0


class Promise:
    """Whether the cluster keeps the promise for the topics of one process; only production asks."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._topics = [topic.name for topic in topics_of(settings.kafka_username)]
        self._kept = asyncio.Event()
        self._broken: dict[str, list[Broken]] = {}
        if settings.environment != PRODUCTION:
            self._kept.set()

    async def check(self) -> dict[str, object]:
        """Return each topic with what can lose its records; not knowing is no fault, because nothing is published."""
        return {"ok": not self._broken, "topics": self._broken}

    async def until_kept(self, stop: asyncio.Event) -> None:
        """Return when the cluster keeps the promise. Raises StoppedError."""
        waiting = [asyncio.create_task(event.wait()) for event in (self._kept, stop)]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        if not self._kept.is_set():
            raise StoppedError

    async def watch(self, stop: asyncio.Event) -> None:
        """Ask the cluster until `stop`; say in the log what is missing. Once it keeps the promise, ask rarely."""
        if self._settings.environment != PRODUCTION:
            await stop.wait()
        backoff = Backoff()
        while not stop.is_set():
            try:
                async with asyncio.timeout(ASK_SECONDS):
                    described = await describe_topics(self._settings, self._topics)
            except Exception as error:  # noqa: BLE001 - without its broker a service waits
                log.warning("broker_unreachable", error=error_code(error))
                await backoff.wait(stop)
            else:
                self._note(described)
                await pause(stop, LOOK_SECONDS if self._broken else LOOK_AGAIN_SECONDS)

    def _note(self, described: Mapping[str, Described]) -> None:
        broken = {name: found for name, topic in described.items() if (found := list(broken_promises(topic)))}
        for name, found in broken.items():
            if found != self._broken.get(name):
                log.error("topic_may_lose_records", topic=name, error=" ".join(found))
        self._broken = broken
        if not broken:
            self._kept.set()
