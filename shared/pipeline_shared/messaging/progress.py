"""How far a consumer has read, and whether the broker still answers it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from pipeline_shared.messaging.batch_reading import SafeResult

STALLED_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class TopicProgress:
    """The progress on one topic: unread records, and seconds since the broker last answered.

    When a group has more members than partitions, some members have no partition and fetch nothing. For such a member,
    the heartbeat counts as an answer. Without a group or a topic there is no answer. `damaged` maps each partition that
    stops before a damaged batch to the offset where it stops.
    """

    topic: str
    lag: int
    poll_age: float
    damaged: Mapping[int, int] = field(default_factory=dict[int, int])

    @property
    def is_alive(self) -> bool:
        """Tell whether the broker still answers, and nothing it holds is damaged."""
        return self.poll_age < STALLED_SECONDS and not self.damaged


class ProgressOf:
    """Measures one subscription. `stage` is its name in metrics and readiness."""

    def __init__(self, stage: str, topic: str) -> None:
        self._stage = stage
        self._topic = topic
        self._member_at = float("-inf")
        self._answered_at = float("-inf")
        self._damaged: dict[TopicPartition, int] = {}

    async def measure(self, consumer: AIOKafkaConsumer | None) -> TopicProgress:
        """Return how far a consumer has read. A consumer that has not started has no progress."""
        if consumer and _is_member(consumer, self._topic):
            self._member_at = time.monotonic()
        absent = time.monotonic() - self._member_at
        lag, answered_at = await _read_so_far(consumer) if consumer else (0, None)
        # after a rebalance no partition has been polled yet: the last answer before it counts on
        self._answered_at = answered_at or self._answered_at
        age = time.time() - self._answered_at
        self._damaged = await _still_damaged(consumer, self._damaged) if consumer else {}
        damaged = {partition: offset for (_, partition), offset in self._damaged.items()}
        return TopicProgress(self._stage, lag=lag, poll_age=max(age, absent), damaged=damaged)


def _is_member(consumer: AIOKafkaConsumer, topic: str) -> bool:
    """Tell whether the topic exists and the group's coordinator hears this consumer, from aiokafka's internal state.

    When the consumer has no access to its group or topic, the error is raised inside FastStream's loop, which retries.
    """
    group: Any = consumer._coordinator  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    heartbeat = getattr(group, "_heartbeat_task", None)
    is_heard = heartbeat is not None and not heartbeat.done() and group.coordinator_id is not None
    return is_heard and bool(consumer.partitions_for_topic(topic))


async def _read_so_far(consumer: AIOKafkaConsumer) -> tuple[int, float | None]:
    """Return the number of unread records, and when the broker last answered for all partitions (seconds since 1970).

    There is no such time while a partition has not been polled. Without partitions there is nothing to ask: it is now.
    """
    lag, answered_at = 0, time.time()
    partitions = consumer.assignment()
    for partition in partitions:
        highwater = consumer.highwater(partition)
        if highwater is not None:
            lag += max(0, highwater - await consumer.position(partition))
        answered_at = min(answered_at, (consumer.last_poll_timestamp(partition) or 0) / 1000)
    return lag, answered_at or None


async def _still_damaged(consumer: AIOKafkaConsumer, before: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
    """Return the assigned partitions that stand where a batch is damaged, also while they are being fetched again."""
    fetcher: Any = consumer._fetcher  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    places = dict(before)
    for partition, result in fetcher._records.items() if fetcher else ():  # noqa: SLF001
        if isinstance(result, SafeResult) and result.damaged_at is not None:
            places[partition] = result.damaged_at
    assigned = consumer.assignment()
    return {p: offset for p, offset in places.items() if p in assigned and await consumer.position(p) == offset}
