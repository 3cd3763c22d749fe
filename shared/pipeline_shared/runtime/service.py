"""A process that reads and publishes events: consumer and relay besides what every process has.

Nothing here waits for the broker to be up: a service starts without it, says that it is not ready, and goes on when it
comes back.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from functools import partial

import structlog

from pipeline_shared.crypto.bundle import BundleInUse
from pipeline_shared.messaging import outbox, parking
from pipeline_shared.messaging.consumer import Consumer
from pipeline_shared.messaging.kafka import require_native_codec, tls_fault
from pipeline_shared.messaging.promise import Promise
from pipeline_shared.messaging.relay import Relay
from pipeline_shared.messaging.signatures import Signer, Verifier
from pipeline_shared.runtime.db import Connection
from pipeline_shared.runtime.errors import StoppedError, error_code
from pipeline_shared.runtime.metrics import Metrics
from pipeline_shared.runtime.process import Process
from pipeline_shared.runtime.retry import Backoff
from pipeline_shared.runtime.settings import KafkaSettings
from pipeline_shared.runtime.work import Database

RELAY_SECONDS = 5.0  # at a stop; the next relay publishes the rest

log = structlog.get_logger()


class Runtime(Process):
    """Everything of a service that has a life, with a consumer and a relay."""

    def __init__(self, name: str, settings: KafkaSettings, *, needs_kafka: bool = True) -> None:
        """Prepare; `needs_kafka=False` for a service that can do its work while the broker is away.

        Raises UntrustedBundleError when the public keys may not be used, or lack the key with which this process signs.
        """
        super().__init__(name, settings)
        self._kafka = settings
        self.bundle = BundleInUse(settings.key_bundle, settings.trust_root)
        self.add_worker("key_bundle", partial(self.bundle.watch, self.pool))
        verifier, signer = Verifier(self.bundle.keys, settings.unsigned_events_until), Signer.load(settings.signing_key)
        verifier.require(signer, name)
        self.bundle.follow(partial(verifier.follow, signer, name))
        self.add_reading(self.bundle.report)
        id_key = parking.derive_key(settings.parking_key.get_secret_value(), "ids")
        self.database = Database(self.pool, id_key, signer)
        self.consumer = Consumer(settings, self.database, self.metrics, verifier)
        self._relay = Relay(settings, self.database.new_events)
        self._set_aside = 0
        self._promise = Promise(settings)
        self.health.add("durability", self._promise.check, essential=True)
        self.add_worker("durability", self._promise.watch)
        self.health.add("relay", self._check_relay, essential=needs_kafka)
        self.health.add("consumer", self._check_consumer, essential=needs_kafka)
        self.add_worker("replay", self._replay_parked)
        self.add_measurement(self._measure_delivery)

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncGenerator[None, None]:
        """Connect, consume and publish until the block ends; then finish what is in flight."""
        require_native_codec()
        # the relay ends last: it publishes what the others have just committed
        async with self._relaying(), super().working(), self._consuming():
            yield

    @contextlib.asynccontextmanager
    async def _relaying(self) -> AsyncGenerator[None, None]:
        stop = asyncio.Event()
        relay = asyncio.create_task(self._publish(stop))
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait([relay], timeout=RELAY_SECONDS)
            await _end(relay)

    async def _publish(self, stop: asyncio.Event) -> None:
        with contextlib.suppress(StoppedError):
            await self._promise.until_kept(stop)
            await self._relay.run(stop)

    @contextlib.asynccontextmanager
    async def _consuming(self) -> AsyncGenerator[None, None]:
        consuming = asyncio.create_task(self._consume())
        try:
            yield
        finally:
            self.drain()
            await consuming

    async def _consume(self) -> None:
        """Read until this process drains; then finish and commit what is in hand, and leave the groups to others."""
        starting = asyncio.create_task(self._start_consuming())
        await self._draining.wait()
        self.consumer.stop.set()
        await _end(starting)
        await self.consumer.broker.stop()

    async def _start_consuming(self) -> None:
        """Start reading once no newer bundle is known: an older one may hold a key that has been withdrawn."""
        with contextlib.suppress(StoppedError):
            await self.bundle.until_confirmed(self._draining)
            await self._promise.until_kept(self._draining)
        backoff = Backoff()
        while not self._draining.is_set():
            try:
                return await self.consumer.broker.start()
            except Exception as error:  # noqa: BLE001 - without its broker a service waits
                log.warning("broker_unreachable", error=error_code(error))
            await self.consumer.broker.stop()
            await backoff.wait(self._draining)
        return None

    async def _replay_parked(self, stop: asyncio.Event) -> None:
        with contextlib.suppress(StoppedError):
            await self.bundle.until_confirmed(stop)
        await self.consumer.replay_parked(stop)

    async def measure(self) -> None:
        """Measure once; how far each topic has been read is known also while the database is away."""
        for progress in await self.consumer.progress():
            self.metrics.consumer_lag.labels(progress.topic).set(progress.lag)
            self.metrics.last_poll_age.labels(progress.topic).set(progress.poll_age)
        await super().measure()
        self.metrics.refused_topics.clear()
        for topic in self._relay.refused_topics:
            self.metrics.refused_topics.labels(topic).set(1)

    async def _measure_delivery(self, connection: Connection, metrics: Metrics) -> None:
        depth, age = await outbox.depth(connection)
        self._set_aside, urgent = await outbox.count_set_aside(connection)
        metrics.outbox_depth.set(depth)
        metrics.outbox_age.set(age)
        metrics.parked.labels(self.name).set(await parking.count(connection))
        metrics.parked.labels(f"{self.name}-outbox").set(self._set_aside)
        metrics.urgent_set_aside.set(urgent)

    async def _check_relay(self) -> dict[str, object]:
        return self._with_tls({**self._relay.facts(), "set_aside": self._set_aside})

    async def _check_consumer(self) -> dict[str, object]:
        topics = await self.consumer.progress()
        alive = all(topic.is_alive for topic in topics)
        facts = {
            t.topic: {"lag": t.lag, "last_poll_seconds": _finite(t.poll_age), "damaged": dict(t.damaged)}
            for t in topics
        }
        ok = alive and not self.consumer.blocked_by
        return self._with_tls({"ok": ok, "blocked_by": self.consumer.blocked_by, "topics": facts})

    def _with_tls(self, facts: dict[str, object]) -> dict[str, object]:
        """Add why the broker's certificate is refused, when that may be the reason of a failure."""
        fault = None if facts["ok"] else tls_fault(self._kafka)
        return {**facts, "tls": fault} if fault else facts


async def _end(task: asyncio.Task[None]) -> None:
    """End a task now: a connect to a broker that does not answer would take longer than a stop may take."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _finite(seconds: float) -> float | None:
    return round(seconds, 1) if seconds < float("inf") else None
