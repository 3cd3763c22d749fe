"""How far a consumer has read, and whether the broker still answers it."""

import time
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer

STALLED_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class TopicProgress:
    """How far one topic has been read: records still to read, and seconds since the broker last answered.

    A member of the group that has no partition, because there are more members than partitions, has nothing to ask for:
    its heartbeat counts. Without a group, or without the topic, nothing does.
    """

    topic: str
    lag: int
    poll_age: float

    @property
    def is_alive(self) -> bool:
        """Tell whether the broker still answers."""
        return self.poll_age < STALLED_SECONDS


class ProgressOf:
    """Measures one subscription, which metrics and readiness call by its `stage`."""

    def __init__(self, stage: str, topic: str) -> None:
        self._stage = stage
        self._topic = topic
        self._member_at = float("-inf")

    async def measure(self, consumer: AIOKafkaConsumer | None) -> TopicProgress:
        """Return how far a consumer has read; one that has not started has read nothing."""
        if consumer and _is_member(consumer, self._topic):
            self._member_at = time.monotonic()
        absent = time.monotonic() - self._member_at
        lag, age = await _read_so_far(consumer) if consumer else (0, float("inf"))
        return TopicProgress(self._stage, lag=lag, poll_age=max(age, absent))


def _is_member(consumer: AIOKafkaConsumer, topic: str) -> bool:
    """Tell whether the group's coordinator hears this consumer and the topic is there; aiokafka says it to itself only.

    A group or a topic that it may not read raises where nothing but FastStream's loop sees it, which tries again.
    """
    group: Any = consumer._coordinator  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    heartbeat = getattr(group, "_heartbeat_task", None)
    is_heard = heartbeat is not None and not heartbeat.done() and group.coordinator_id is not None
    return is_heard and bool(consumer.partitions_for_topic(topic))


async def _read_so_far(consumer: AIOKafkaConsumer) -> tuple[int, float]:
    """Return how many records are still to read, and the seconds since the broker last answered for a partition."""
    lag, polled_at = 0, float("inf")
    partitions = consumer.assignment()
    for partition in partitions:
        highwater = consumer.highwater(partition)
        if highwater is not None:
            lag += max(0, highwater - await consumer.position(partition))
        polled_at = min(polled_at, consumer.last_poll_timestamp(partition) or 0)
    return lag, time.time() - polled_at / 1000 if partitions else 0.0
