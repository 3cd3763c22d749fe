"""The consuming edge: FastStream, with every option that decides whether records are lost set here and nowhere else.

The offset moves after the transaction that `delivery` commits. When the infrastructure fails, or when most of a topic
would be parked, the batch stays in hand and is tried again for as long as it takes: nothing is parked, and readiness
says why.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

import structlog
from aiokafka import AIOKafkaConsumer
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka import KafkaMessage as PlainKafkaMessage
from faststream.kafka.annotations import KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER
from faststream.kafka.subscriber.usecase import BatchSubscriber

from pipeline_shared.language.events import Event
from pipeline_shared.messaging import parking
from pipeline_shared.messaging.delivery import Deliverer, Record, UseCase
from pipeline_shared.messaging.kafka import faststream_security
from pipeline_shared.messaging.parking import ParkedRecord, Parking
from pipeline_shared.messaging.topics import TOPIC_OF, group_of
from pipeline_shared.messaging.uncompressed import unpack_nothing
from pipeline_shared.runtime.errors import PermanentError, StoppedError, error_code, is_infrastructure
from pipeline_shared.runtime.metrics import Metrics
from pipeline_shared.runtime.retry import backoff, pause
from pipeline_shared.runtime.settings import ServiceSettings
from pipeline_shared.runtime.work import Database

__all__ = ["Consumer", "KafkaMessage"]

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0
STOP_SECONDS = 20.0
REPLAY_POLL_SECONDS = 1.0
STALLED_SECONDS = 15.0

log = structlog.get_logger()

Handler = Callable[[PlainKafkaMessage], Awaitable[None]]


class ReplayedMessage(PlainKafkaMessage):
    """A parked record on its way through its handler once more; only the step that parked it takes it."""

    parked_id: int
    consumer_name: str
    taken = False


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


async def _drop_headers(records: tuple[Record, ...], original: Callable[..., Awaitable[Any]]) -> Any:
    """Parse without headers: FastStream would skip a whole batch in silence when one is not UTF-8."""
    return await original(tuple(replace(record, headers=()) for record in records))


async def _leave_undecoded(message: PlainKafkaMessage) -> object:
    return message.body


class Consumer:
    """Reads one service's topics and hands records to use cases."""

    def __init__(self, settings: ServiceSettings, database: Database, metrics: Metrics) -> None:
        unpack_nothing()
        self._service = settings.kafka_username
        self._database = database
        self._parking = Parking(settings.parking_key.get_secret_value())
        self._handlers: dict[str, list[Handler]] = {}
        self._subscribers: dict[tuple[str, str], BatchSubscriber] = {}
        self.stop = asyncio.Event()
        self._blocked: dict[tuple[str, str], str] = {}
        self._metrics = metrics
        self._deliverers: dict[str, Deliverer] = {}
        self._member_at: dict[str, float] = {}
        self.broker = KafkaBroker(
            settings.kafka_bootstrap,
            client_id=self._service,
            security=faststream_security(settings),
            allow_auto_create_topics=False,
            graceful_timeout=STOP_SECONDS,
            logger=None,  # it prints the messages of exceptions, and those quote records
        )

    def subscriber(self, event: type[Event], *, max_records: int = 500, step: str = "") -> Callable[[Handler], Handler]:
        """Declare a handler for a step of an event's topic, with the options that make delivery safe."""
        topic = TOPIC_OF[event]

        def declare(handler: Handler) -> Handler:
            self._handlers.setdefault(topic.name, []).append(handler)
            self._subscribers[topic.name, step] = subscriber = self.broker.subscriber(
                topic.name,
                group_id=group_of(self._service, topic, step),
                batch=True,
                max_records=max_records,
                batch_timeout_ms=10,
                auto_offset_reset="earliest",
                ack_policy=AckPolicy.NACK_ON_ERROR,
                parser=_drop_headers,
                decoder=_leave_undecoded,
            )
            subscriber(handler)
            return handler

        return declare

    async def process(self, message: PlainKafkaMessage, use_case: UseCase, *, step: str = "") -> None:
        """Apply a use case to a batch; return when each record has had its effect or is parked.

        Where several handlers read a topic, each names its `step`: what is applied or parked is so for that step.
        """
        records = cast("tuple[Record, ...]", message.raw_message)
        deliverer = self._deliverer(step)
        for delay in backoff(FIRST_PAUSE, LONGEST_PAUSE):
            try:
                if isinstance(message, ReplayedMessage):
                    if message.consumer_name == deliverer.consumer:
                        message.taken = True
                        await deliverer.replay(records[0], message.parked_id, use_case)
                else:
                    await deliverer.deliver(records, use_case)
            except Exception as error:
                if not is_infrastructure(error):
                    raise
                self._blocked[records[0].topic, step] = error_code(error)
                log.warning("waiting_for_infrastructure", error=error_code(error), topic=records[0].topic)
            else:
                self._blocked.pop((records[0].topic, step), None)
                return
            if await pause(self.stop, delay):
                raise StoppedError

    @property
    def blocked_by(self) -> str | None:
        """Return why records of some topic are not taken on, None when all are."""
        return next(iter(self._blocked.values()), None)

    def _deliverer(self, step: str) -> Deliverer:
        if step not in self._deliverers:
            self._deliverers[step] = Deliverer(
                self._service, self._database, self._metrics, parking=self._parking, stop=self.stop, step=step
            )
        return self._deliverers[step]

    async def replay_parked(self, stop: asyncio.Event) -> None:
        """Hand records that a person asked to replay to their handlers, until `stop`."""
        while not stop.is_set():
            async with self._database.pool.acquire() as connection:
                parked = await parking.find_replay(connection)
            if parked:
                await self._replay(parked)
            elif await pause(stop, REPLAY_POLL_SECONDS):
                return

    async def _replay(self, parked: ParkedRecord) -> None:
        """Hand one parked record to its handler; one that cannot be handed over goes back and holds up no other."""
        try:
            message = self._replayed(parked)
        except PermanentError as error:
            return await self._put_back(parked, error)
        for handler in self._handlers.get(parked.topic, ()):
            await handler(message)
        if not message.taken:
            await self._put_back(parked, PermanentError("parked_by_no_step"))
        return None

    async def _put_back(self, parked: ParkedRecord, error: PermanentError) -> None:
        await self._deliverer("").put_back(parked.id, error, place=parked.place)

    def _replayed(self, parked: ParkedRecord) -> ReplayedMessage:
        value = self._parking.open(parked)
        record = Record(
            topic=parked.topic,
            partition=parked.partition,
            offset=parked.offset,
            timestamp=0,
            timestamp_type=0,
            key=None,
            value=value,
            checksum=None,
            serialized_key_size=0,
            serialized_value_size=len(value),
            headers=(),
        )
        message = ReplayedMessage(body=b"", raw_message=(record,), consumer=FAKE_CONSUMER)
        message.parked_id, message.consumer_name = parked.id, parked.consumer
        return message

    async def progress(self) -> list[TopicProgress]:
        """Return how far each subscriber has read; one of a named step goes by `topic:step`."""
        return [await self._progress(*each) for each in self._consumers()]

    async def _progress(self, name: str, topic: str, consumer: AIOKafkaConsumer | None) -> TopicProgress:
        if consumer and _is_member(consumer, topic):
            self._member_at[name] = time.monotonic()
        absent = time.monotonic() - self._member_at.get(name, float("-inf"))
        lag, age = await _read_so_far(consumer) if consumer else (0, float("inf"))
        return TopicProgress(name, lag=lag, poll_age=max(age, absent))

    def _consumers(self) -> Iterator[tuple[str, str, AIOKafkaConsumer | None]]:
        for (topic, step), subscriber in self._subscribers.items():
            name = f"{topic}:{step}" if step else topic
            yield name, topic, subscriber.consumer


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
