"""The subscriber: FastStream, with all settings that decide whether records can be lost.

The offset moves after `delivery` has committed its transaction. When the infrastructure fails or the parking limit is
reached, the subscriber keeps the batch and tries again without end. Nothing is parked, and readiness gives the reason.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, cast

import structlog
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka import KafkaMessage as PlainKafkaMessage
from faststream.kafka.annotations import KafkaMessage
from faststream.kafka.subscriber.usecase import BatchSubscriber

from pipeline_shared.messaging.delivery import Deliverer, Record
from pipeline_shared.messaging.parking import ParkedRecord
from pipeline_shared.messaging.progress import ProgressOf, TopicProgress
from pipeline_shared.messaging.subscriptions import Subscription
from pipeline_shared.messaging.topics import group_of
from pipeline_shared.runtime.errors import StoppedError, error_code, is_infrastructure
from pipeline_shared.runtime.retry import Backoff

log = structlog.get_logger()


class Subscriber:
    """Runs one subscription."""

    def __init__(
        self, subscription: Subscription, deliverer: Deliverer, broker: KafkaBroker, stop: asyncio.Event
    ) -> None:
        self.blocked_by: str | None = None
        self._subscription = subscription
        self._deliverer = deliverer
        self._stop = stop
        self._progress = ProgressOf(subscription.stage, subscription.topic.name)
        self._subscriber: BatchSubscriber = broker.subscriber(
            subscription.topic.name,
            group_id=group_of(subscription.topic, subscription.reader),
            batch=True,
            max_records=subscription.max_records,
            batch_timeout_ms=10,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.NACK_ON_ERROR,
            parser=_hide_headers,
            decoder=_leave_undecoded,
        )
        self._subscriber(self._take)

    async def _take(self, message: KafkaMessage) -> None:
        await self.take(cast("Sequence[Record]", message.raw_message))

    async def take(self, records: Sequence[Record]) -> None:
        """Apply the use case to a batch; return when each record has had its effect or is parked."""
        await self._handle(partial(self._deliverer.deliver, records))

    async def replay(self, record: Record, parked_id: int) -> None:
        """Apply the use case to a parked record, or park it again."""
        await self._handle(partial(self._deliverer.replay, record, parked_id))

    async def _handle(self, deliver: Callable[[], Awaitable[None]]) -> None:
        """Deliver, and try again while the infrastructure fails. Raises StoppedError."""
        if self._subscription.until_ready:
            await self._subscription.until_ready(self._stop)
        backoff = Backoff()
        while not await self._is_done(deliver):
            if await backoff.wait(self._stop):
                raise StoppedError
        if self._subscription.afterwards:
            self._subscription.afterwards()

    async def _is_done(self, deliver: Callable[[], Awaitable[None]]) -> bool:
        try:
            await deliver()
        except Exception as error:
            if not is_infrastructure(error):
                raise
            self.blocked_by = error_code(error)
            log.warning("waiting_for_infrastructure", error=self.blocked_by, topic=self._subscription.topic.name)
            return False
        self.blocked_by = None
        return True

    def has_parked(self, parked: ParkedRecord) -> bool:
        """Tell whether the reader of this subscription parked a record."""
        wanted = self._subscription.topic.name, self._subscription.reader.name
        return (parked.topic, parked.consumer) == wanted

    async def progress(self) -> TopicProgress:
        """Return how far the topic has been read."""
        return await self._progress.measure(self._subscriber.consumer)


async def _hide_headers(records: tuple[Record, ...], original: Callable[..., Awaitable[Any]]) -> Any:
    """Parse without headers: FastStream would silently skip a whole batch when one header is not UTF-8.

    The records keep them, for the check of their signatures.
    """
    message = await original(tuple(replace(record, headers=()) for record in records))
    message.raw_message = records
    return message


async def _leave_undecoded(message: PlainKafkaMessage) -> object:
    return message.body
