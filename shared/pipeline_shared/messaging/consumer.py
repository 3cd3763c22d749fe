"""The consumer of one service: its broker connection, its subscribers, and the replay of parked records."""

import asyncio
from collections.abc import Iterable

from faststream.kafka import KafkaBroker

from pipeline_shared.messaging import parking
from pipeline_shared.messaging.batch_reading import read_safely
from pipeline_shared.messaging.delivery import Deliverer, park_again
from pipeline_shared.messaging.kafka import faststream_security
from pipeline_shared.messaging.parking import ParkedRecord, Parking
from pipeline_shared.messaging.progress import TopicProgress
from pipeline_shared.messaging.signatures import Verifier
from pipeline_shared.messaging.subscriber import Subscriber
from pipeline_shared.messaging.subscriptions import Subscription
from pipeline_shared.runtime.errors import PermanentError
from pipeline_shared.runtime.metrics import Metrics
from pipeline_shared.runtime.retry import pause
from pipeline_shared.runtime.settings import KafkaSettings
from pipeline_shared.runtime.work import Database

STOP_SECONDS = 20.0
REPLAY_POLL_SECONDS = 1.0


class Consumer:
    """Reads one service's topics and hands records to use cases."""

    def __init__(self, settings: KafkaSettings, database: Database, metrics: Metrics, verifier: Verifier) -> None:
        read_safely()
        self._verifier = verifier
        self._service = settings.kafka_username
        self._database = database
        self._metrics = metrics
        self._parking = Parking(settings.parking_key.get_secret_value())
        self.subscribers: list[Subscriber] = []
        self.stop = asyncio.Event()
        self.broker = KafkaBroker(
            settings.brokers,
            client_id=self._service,
            security=faststream_security(settings),
            allow_auto_create_topics=False,
            graceful_timeout=STOP_SECONDS,
            logger=None,  # FastStream logs exception messages, and those quote records
        )

    def subscribe(self, subscriptions: Iterable[Subscription]) -> None:
        """Subscribe to every topic in a service's table of subscriptions."""
        for subscription in subscriptions:
            deliverer = Deliverer(
                subscription,
                self._database,
                self._metrics,
                parking=self._parking,
                verifier=self._verifier,
                stop=self.stop,
            )
            self.subscribers.append(Subscriber(subscription, deliverer, self.broker, self.stop))

    @property
    def blocked_by(self) -> str | None:
        """Return the reason why some topic is blocked, or None when no topic is blocked."""
        return next((each.blocked_by for each in self.subscribers if each.blocked_by), None)

    async def progress(self) -> list[TopicProgress]:
        """Return how far each subscription has been read. The name of a step's subscription is `topic:step`."""
        return [await each.progress() for each in self.subscribers]

    async def replay_parked(self, stop: asyncio.Event) -> None:
        """Replay parked records that an operator selected, until `stop`."""
        while not stop.is_set():
            async with self._database.pool.acquire() as connection:
                parked = await parking.find_replay(connection)
            if parked:
                await self._replay(parked)
            elif await pause(stop, REPLAY_POLL_SECONDS):
                return

    async def _replay(self, parked: ParkedRecord) -> None:
        """Give one parked record to the reader that parked it, or park it again."""
        try:
            reader, record = self._reader_of(parked), self._parking.open(parked)
        except PermanentError as error:
            await park_again(self._database, parked.id, error, consumer=self._service, place=parked.place)
        else:
            await reader.replay(record, parked.id)

    def _reader_of(self, parked: ParkedRecord) -> Subscriber:
        for subscriber in self.subscribers:
            if subscriber.has_parked(parked):
                return subscriber
        raise PermanentError("parked_by_no_step")
