"""What every service is made of: pool, consumer, relay, workers, health; started in order, stopped in order.

Nothing here waits for the database or the broker to be up: a service starts without them, says that it is not ready,
and goes on when they come back.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable

import structlog
from prometheus_client import generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline_shared.messaging import outbox, parking
from pipeline_shared.messaging.consumer import Consumer
from pipeline_shared.messaging.kafka import require_native_codec
from pipeline_shared.messaging.relay import Relay
from pipeline_shared.runtime.db import Connection, create_pool
from pipeline_shared.runtime.errors import error_code, is_infrastructure
from pipeline_shared.runtime.health import Health
from pipeline_shared.runtime.metrics import Metrics, create_metrics
from pipeline_shared.runtime.retry import Backoff, pause
from pipeline_shared.runtime.server import serve_beside
from pipeline_shared.runtime.settings import ServiceSettings
from pipeline_shared.runtime.work import Database

Worker = Callable[[asyncio.Event], Awaitable[None]]
Measurement = Callable[[Connection, Metrics], Awaitable[None]]

MEASURE_SECONDS = 1.0
RELAY_SECONDS = 5.0  # at a stop; what it has not published by then, the next one will

log = structlog.get_logger()


class Runtime:
    """Everything of a service that has a life: made once by `create_app`, lived through its lifespan."""

    def __init__(self, name: str, settings: ServiceSettings, *, needs_kafka: bool = True) -> None:
        """Prepare; `needs_kafka=False` for a service that can do its work while the broker is away."""
        self.name = name
        self.settings = settings
        self.metrics = create_metrics()
        self.health = Health(self.metrics)
        self.pool = create_pool(settings)
        self.database = Database(self.pool, parking.derive_key(settings.parking_key.get_secret_value(), "ids"))
        self.consumer = Consumer(settings, self.database, self.metrics)
        self._relay = Relay(settings)
        self._set_aside = 0
        self._workers: dict[str, Worker] = {}
        self._measurements: list[Measurement] = []
        self._stop = asyncio.Event()
        self.health.add("database", self._check_database, essential=True)
        self.health.add("relay", self._check_relay, essential=needs_kafka)
        self.health.add("consumer", self._check_consumer, essential=needs_kafka)
        self.add_worker("measure", self._measure)
        self.add_worker("watch", self.health.watch)
        self.add_worker("replay", self.consumer.replay_parked)

    def add_worker(self, name: str, worker: Worker) -> None:
        """Add a task that runs until its `stop` is set, and is started again when it fails."""
        self._workers[name] = worker

    def add_measurement(self, measurement: Measurement) -> None:
        """Add what this service alone can measure of its tables: it sets gauges, every second or so."""
        self._measurements.append(measurement)

    def operations(self) -> Starlette:
        """Return what operations read, served on a port of its own: its counts say when somebody submitted."""
        return Starlette(
            routes=[
                Route("/health/live", self._live),
                Route("/health/ready", self._ready),
                Route("/metrics", self._metrics),
            ]
        )

    @contextlib.asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncGenerator[None, None]:
        """Live: connect, consume, publish; at the end finish what is in flight, then let go. Raises OSError."""
        where = self.settings.operations_host, self.settings.operations_port
        async with serve_beside(self.operations(), *where), self._working():
            yield

    @contextlib.asynccontextmanager
    async def _working(self) -> AsyncGenerator[None, None]:
        require_native_codec()
        await self.pool
        relay_stop = asyncio.Event()
        relay = asyncio.create_task(self._relay.run(relay_stop))
        tasks = [asyncio.create_task(self._keep_running(name, worker)) for name, worker in self._workers.items()]
        starting = asyncio.create_task(self._start_consuming())
        log.info("service_started")
        try:
            yield
        finally:
            self._stop.set()
            self.consumer.stop.set()
            await _end(starting)
            await self.consumer.broker.stop()
            await asyncio.gather(*tasks)
            relay_stop.set()  # last: it publishes what the others have just committed
            await asyncio.wait([relay], timeout=RELAY_SECONDS)
            await _end(relay)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.pool.close(), 5)
            log.info("service_stopped")

    async def _start_consuming(self) -> None:
        backoff = Backoff()
        while not self._stop.is_set():
            try:
                return await self.consumer.broker.start()
            except Exception as error:  # noqa: BLE001 - without its broker a service waits
                log.warning("broker_unreachable", error=error_code(error))
            await self.consumer.broker.stop()
            await backoff.wait(self._stop)
        return None

    async def _keep_running(self, name: str, worker: Worker) -> None:
        backoff = Backoff()
        while not self._stop.is_set():
            try:
                await worker(self._stop)
            except Exception as error:  # noqa: BLE001 - a worker's failure must not end the service
                level = log.warning if is_infrastructure(error) else log.error
                level("worker_interrupted", worker=name, error=error_code(error), exc_info=error)
                await backoff.wait(self._stop)

    async def _measure(self, stop: asyncio.Event) -> None:
        """Refresh the gauges that no request or record refreshes."""
        while not await pause(stop, MEASURE_SECONDS):
            for progress in await self.consumer.progress():
                self.metrics.consumer_lag.labels(progress.topic).set(progress.lag)
                self.metrics.last_poll_age.labels(progress.topic).set(progress.poll_age)
            async with self.pool.acquire() as connection:
                depth, age = await outbox.depth(connection)
                self._set_aside, urgent = await outbox.count_set_aside(connection)
                self.metrics.parked.labels(self.name).set(await parking.count(connection))
                self.metrics.parked.labels(f"{self.name}-outbox").set(self._set_aside)
                self.metrics.urgent_set_aside.set(urgent)
                for measurement in self._measurements:
                    await measurement(connection, self.metrics)
            self.metrics.outbox_depth.set(depth)
            self.metrics.outbox_age.set(age)
            self.metrics.refused_topics.clear()
            for topic in self._relay.refused_topics:
                self.metrics.refused_topics.labels(topic).set(1)

    async def _check_database(self) -> dict[str, object]:
        began = time.perf_counter()
        async with asyncio.timeout(2), self.pool.acquire() as connection:
            await connection.fetchval("SELECT 1")
        return {"ok": True, "milliseconds": round((time.perf_counter() - began) * 1000, 1)}

    async def _check_relay(self) -> dict[str, object]:
        return {**self._relay.facts(), "set_aside": self._set_aside}

    async def _check_consumer(self) -> dict[str, object]:
        topics = await self.consumer.progress()
        alive = all(topic.is_alive for topic in topics)
        facts = {t.topic: {"lag": t.lag, "last_poll_seconds": _finite(t.poll_age)} for t in topics}
        return {"ok": alive and not self.consumer.blocked_by, "blocked_by": self.consumer.blocked_by, "topics": facts}

    async def _live(self, _request: Request) -> Response:
        return JSONResponse({"live": True, "service": self.name})

    async def _ready(self, _request: Request) -> Response:
        ready, checks = await self.health.report()
        return JSONResponse({"ready": ready, "checks": checks}, status_code=200 if ready else 503)

    async def _metrics(self, _request: Request) -> Response:
        return Response(generate_latest(self.metrics.registry), media_type="text/plain; version=0.0.4; charset=utf-8")


async def _end(task: asyncio.Task[None]) -> None:
    """End a task now: a connect to a broker that does not answer would wait longer than a stop may take."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _finite(seconds: float) -> float | None:
    return round(seconds, 1) if seconds < float("inf") else None
