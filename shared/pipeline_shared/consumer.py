"""The consuming edge: FastStream, with every option that decides whether records are lost set here and nowhere else.

The offset moves after the transaction that `delivery` commits. When the infrastructure fails, the batch stays in hand
and is tried again for as long as it takes: nothing is parked, and readiness says why.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

import asyncpg
import structlog
from aiokafka import AIOKafkaConsumer
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka import KafkaMessage as PlainKafkaMessage
from faststream.kafka.annotations import KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER

from pipeline_shared import parking
from pipeline_shared.contracts import Event
from pipeline_shared.delivery import Deliverer, Record, UseCase
from pipeline_shared.errors import PermanentError, StoppedError, error_code, is_infrastructure
from pipeline_shared.kafka import faststream_security
from pipeline_shared.metrics import Metrics
from pipeline_shared.parking import ParkedRecord, Parking
from pipeline_shared.pause import backoff, pause
from pipeline_shared.settings import ServiceSettings
from pipeline_shared.topics import TOPIC_OF, group_of

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
    """How far one topic has been read: records still to read, and seconds since the broker last answered."""

    topic: str
    assigned: bool
    lag: int
    poll_age: float

    @property
    def is_alive(self) -> bool:
        """Tell whether the broker still answers; a member without a partition has nothing to ask for."""
        return not self.assigned or self.poll_age < STALLED_SECONDS


async def _drop_headers(records: tuple[Record, ...], original: Callable[..., Awaitable[Any]]) -> Any:
    """Parse without headers: FastStream would skip a whole batch in silence when one is not UTF-8."""
    return await original(tuple(replace(record, headers=()) for record in records))


async def _leave_undecoded(message: PlainKafkaMessage) -> object:
    return message.body


class Consumer:
    """Reads one service's topics and hands records to use cases."""

    def __init__(self, settings: ServiceSettings, pool: asyncpg.Pool, metrics: Metrics) -> None:
        self._service = settings.kafka_username
        self._pool = pool
        self._parking = Parking(settings.parking_key.get_secret_value())
        self._handlers: dict[str, Handler] = {}
        self.stop = asyncio.Event()
        self.blocked_by: str | None = None
        self._metrics = metrics
        self._deliverers: dict[str, Deliverer] = {}
        self.broker = KafkaBroker(
            settings.kafka_bootstrap,
            client_id=self._service,
            security=faststream_security(settings),
            allow_auto_create_topics=False,
            graceful_timeout=STOP_SECONDS,
            logger=None,  # it prints the messages of exceptions, and those quote records
        )

    def subscriber(self, event: type[Event], *, max_records: int = 500) -> Callable[[Handler], Handler]:
        """Declare a handler for the topic of an event, with the options that make delivery safe."""
        topic = TOPIC_OF[event]

        def declare(handler: Handler) -> Handler:
            self._handlers[topic.name] = handler
            self.broker.subscriber(
                topic.name,
                group_id=group_of(self._service, topic),
                batch=True,
                max_records=max_records,
                batch_timeout_ms=10,
                auto_offset_reset="earliest",
                ack_policy=AckPolicy.NACK_ON_ERROR,
                parser=_drop_headers,
                decoder=_leave_undecoded,
            )(handler)
            return handler

        return declare

    async def process(self, message: PlainKafkaMessage, use_case: UseCase, *, step: str = "") -> None:
        """Apply a use case to a batch; return when each record has had its effect or is parked.

        A handler that does several things with a record, each in a transaction of its own, names each `step`.
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
                self.blocked_by = error_code(error)
                log.warning("waiting_for_infrastructure", error=self.blocked_by, topic=records[0].topic)
            else:
                self.blocked_by = None
                return
            if await pause(self.stop, delay):
                raise StoppedError

    def _deliverer(self, step: str) -> Deliverer:
        if step not in self._deliverers:
            self._deliverers[step] = Deliverer(
                self._service, self._pool, self._metrics, parking=self._parking, stop=self.stop, step=step
            )
        return self._deliverers[step]

    async def replay_parked(self, stop: asyncio.Event) -> None:
        """Hand records that a person asked to replay to their handlers, until `stop`."""
        while not stop.is_set():
            async with self._pool.acquire() as connection:
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
        if handler := self._handlers.get(parked.topic):
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
        """Return how far each subscribed topic has been read."""
        return [await _progress(topic, consumer) for topic, consumer in self._consumers()]

    def _consumers(self) -> Iterator[tuple[str, AIOKafkaConsumer | None]]:
        for subscriber in self.broker.subscribers:
            yield subscriber.topic_names[0], subscriber.consumer  # pyright: ignore[reportAttributeAccessIssue]


async def _progress(topic: str, consumer: AIOKafkaConsumer | None) -> TopicProgress:
    if consumer is None:
        return TopicProgress(topic, assigned=True, lag=0, poll_age=float("inf"))
    lag, polled_at = 0, float("inf")
    partitions = consumer.assignment()
    for partition in partitions:
        highwater = consumer.highwater(partition)
        if highwater is not None:
            lag += max(0, highwater - await consumer.position(partition))
        polled_at = min(polled_at, consumer.last_poll_timestamp(partition) or 0)
    age = time.time() - polled_at / 1000 if partitions else 0.0
    return TopicProgress(topic, assigned=bool(partitions), lag=lag, poll_age=age)
