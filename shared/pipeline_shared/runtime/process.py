"""The parts of every process: pool, workers, health and measurements, started in order and stopped in order.

No part waits for the database: a process starts without it, reports that it is not ready, and continues when the
database is back. `Runtime` adds the parts of a process that reads and publishes events.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from functools import partial

import structlog
from prometheus_client import generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline_shared.runtime.db import Connection, create_pool
from pipeline_shared.runtime.errors import error_code, is_infrastructure
from pipeline_shared.runtime.health import Health
from pipeline_shared.runtime.metrics import Metrics, create_metrics
from pipeline_shared.runtime.retry import Backoff, pause
from pipeline_shared.runtime.server import DRAIN, own_tls, serve_beside
from pipeline_shared.runtime.settings import ProcessSettings

Worker = Callable[[asyncio.Event], Awaitable[None]]
Measurement = Callable[[Connection, Metrics], Awaitable[None]]
Reading = Callable[[Metrics], None]

MEASURE_SECONDS = 1.0
CLOSE_SECONDS = 5.0

log = structlog.get_logger()


class Process:
    """All parts of a process that start and stop: made once by `create_app`, run by its lifespan."""

    def __init__(self, name: str, settings: ProcessSettings) -> None:
        self.name = name
        self.settings = settings
        self.metrics = create_metrics()
        self.health = Health(self.metrics)
        self.pool = create_pool(settings, name)
        self._workers: dict[str, Worker] = {}
        self._measurements: list[Measurement] = []
        self._readings: list[Reading] = []
        self._stop = asyncio.Event()
        self._draining = asyncio.Event()
        self.health.add("database", self._check_database, essential=True)
        self.add_worker("measure", self._measure)
        self.add_worker("watch", self.health.watch)

    def add_worker(self, name: str, worker: Worker) -> None:
        """Add a task that runs until its `stop` is set, and starts again if it fails."""
        self._workers[name] = worker

    def add_workers(self, workers: Mapping[str, Worker]) -> None:
        """Add several tasks by name."""
        self._workers.update(workers)

    def add_measurement(self, measurement: Measurement) -> None:
        """Add a measurement of this process's own tables: it sets gauges about every second."""
        self._measurements.append(measurement)

    def add_reading(self, reading: Reading) -> None:
        """Add a reading of what the process itself knows, also while the database is away."""
        self._readings.append(reading)

    def operations(self) -> Starlette:
        """Return the application for operations, on a port of its own: its counts reveal when a submission arrives."""
        return Starlette(
            routes=[
                Route("/health/live", self._live),
                Route("/health/ready", self._ready),
                Route("/metrics", self._metrics),
            ]
        )

    @contextlib.asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncGenerator[dict[str, object], None]:
        """Run beside an application, with operations on their port; lend the server `drain`. Raises OSError."""
        async with self.alive():
            yield {DRAIN: self.drain}

    def drain(self) -> None:
        """Begin the end: this process is not ready any more, and takes no more from others than requests."""
        if not self._draining.is_set():
            log.info("draining")
        self._draining.set()

    @contextlib.asynccontextmanager
    async def alive(self) -> AsyncGenerator[None, None]:
        """Work until the block ends, and answer operations on their port all the while. Raises OSError."""
        where = self.settings.operations_host, self.settings.operations_port
        tls = own_tls(self.settings)
        if tls:
            self.add_reading(partial(tls.report, "certificate"))
        async with serve_beside(self.operations(), *where, tls=tls), self.working():
            yield

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncGenerator[None, None]:
        """Work until the block ends, then finish the work in flight."""
        await self.pool
        tasks = [asyncio.create_task(self._keep_running(name, worker)) for name, worker in self._workers.items()]
        log.info("service_started")
        try:
            yield
        finally:
            self.drain()
            self._stop.set()
            await asyncio.gather(*tasks)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.pool.close(), CLOSE_SECONDS)
            log.info("service_stopped")

    async def _keep_running(self, name: str, worker: Worker) -> None:
        backoff = Backoff()
        while not self._stop.is_set():
            try:
                await worker(self._stop)
            except Exception as error:  # noqa: BLE001 - a worker's failure must not end the process
                level = log.warning if is_infrastructure(error) else log.error
                level("worker_interrupted", worker=name, error=error_code(error), exc_info=error)
                await backoff.wait(self._stop)

    async def _measure(self, stop: asyncio.Event) -> None:
        """Refresh the gauges that no request or record refreshes."""
        while not await pause(stop, MEASURE_SECONDS):
            await self.measure()

    async def measure(self) -> None:
        """Measure once."""
        for reading in self._readings:
            reading(self.metrics)
        async with self.pool.acquire() as connection:
            for measurement in self._measurements:
                await measurement(connection, self.metrics)

    async def _check_database(self) -> dict[str, object]:
        began = time.perf_counter()
        async with asyncio.timeout(2), self.pool.acquire() as connection:
            await connection.fetchval("SELECT 1")
        return {"ok": True, "milliseconds": round((time.perf_counter() - began) * 1000, 1)}

    async def _live(self, _request: Request) -> Response:
        return JSONResponse({"live": True, "service": self.name})

    async def _ready(self, _request: Request) -> Response:
        if self._draining.is_set():
            return JSONResponse({"ready": False, "draining": True, "checks": {}}, status_code=503)
        ready, checks = await self.health.report()
        return JSONResponse({"ready": ready, "checks": checks}, status_code=200 if ready else 503)

    async def _metrics(self, _request: Request) -> Response:
        return Response(generate_latest(self.metrics.registry), media_type="text/plain; version=0.0.4; charset=utf-8")
