"""uvicorn for every service: two listeners in one event loop, with limits on connections and on log lines."""

import asyncio
import contextlib
import resource
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Literal, Protocol, TypeVar, cast

import structlog
import uvicorn
import uvloop
from starlette.types import ASGIApp
from uvicorn.config import STARTUP_FAILURE
from uvicorn.server import ServerState

from pipeline_shared.runtime.connections import Connections, Limits
from pipeline_shared.runtime.listener import Door, Listener
from pipeline_shared.runtime.log import configure_logging
from pipeline_shared.runtime.no_dumps import forbid_core_dumps
from pipeline_shared.runtime.protocol import BoundedProtocol
from pipeline_shared.runtime.settings import HttpSettings, ProcessSettings
from pipeline_shared.runtime.start_checks import read_settings
from pipeline_shared.runtime.tls import TlsContext, TlsFiles, server_tls

log = structlog.get_logger()

OPERATIONS = Limits(connections=64, in_hand=32, per_address=32)
OPEN_FILES = 4_096
DRAIN = "drain"  # the name of what an application's lifespan lends the server: a function that begins the end

H = TypeVar("H", bound=HttpSettings)
S = TypeVar("S", bound=ProcessSettings)


class Worker(Protocol):
    """A process without pages."""

    def alive(self) -> AbstractAsyncContextManager[None]:
        """Start its parts, and stop them when the block ends."""
        ...


def run(name: str, create_app: Callable[[H], ASGIApp], settings_type: type[H]) -> None:
    """Serve a process's app until SIGTERM or SIGINT; finish what is in flight before returning.

    The settings are read from the environment. The app is made inside the event loop that serves it, because pools and
    clients belong to a loop.
    """
    settings = _prepare(name, settings_type)
    uvloop.run(_serve(create_app, settings))


def run_worker(name: str, create_worker: Callable[[S], Worker], settings_type: type[S]) -> None:
    """Do the same for a process without pages, which answers only operations."""
    settings = _prepare(name, settings_type)
    uvloop.run(_live(create_worker, settings))


def _prepare(name: str, settings_type: type[S]) -> S:
    forbid_core_dumps()
    settings = read_settings(settings_type)
    configure_logging(name, settings.log_level)
    _allow_open_files()
    return settings


def _allow_open_files() -> None:
    """Allow as many open files as connections need: Debian's default is 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < OPEN_FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(OPEN_FILES, hard), hard))


async def _serve(create_app: Callable[[H], ASGIApp], settings: H) -> None:
    limits = Limits(per_address=settings.connections_per_address, proxies=settings.trusted_proxies)
    plain = settings.plain_http_from_proxies
    door = Door(tls=None if plain else own_tls(settings), only_proxies=plain)
    config = _config(create_app(settings), (settings.host, settings.port), lifespan="on")
    await _Server(config, Connections(limits), door, settings.drain_seconds).serve()


class _Server(uvicorn.Server):
    """uvicorn's server on our listener."""

    def __init__(self, config: uvicorn.Config, book: Connections, door: Door, drain_seconds: float) -> None:
        super().__init__(config)
        self._book, self._door, self._drain_seconds = book, door, drain_seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application, then listen. Ends the process when the address cannot be had."""
        del sockets
        await self.lifespan.startup()
        if self.lifespan.should_exit:
            sys.exit(STARTUP_FAILURE)
        create = partial(
            BoundedProtocol,
            self._book,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
        try:
            where = self.config.host, self.config.port
            listener = await Listener.open(where, create, book=self._book, door=self._door)
        except OSError as error:
            log.error("address_not_available", error=type(error).__name__)
            await self.lifespan.shutdown()
            sys.exit(STARTUP_FAILURE)
        self.servers = [cast("asyncio.Server", listener)]
        self.started = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer until every balancer has seen that this process is not ready, then finish what is open and end."""
        self.lifespan.state[DRAIN]()
        self._book.draining = True
        await asyncio.sleep(self._drain_seconds)
        await super().shutdown(sockets)


def own_tls(settings: ProcessSettings) -> TlsContext | None:
    """Return the context of a process's listeners, or None when it has no certificate. Raises OSError."""
    if settings.certificate_file is None:
        return None
    return server_tls(TlsFiles(certificate=settings.certificate_file, key=settings.certificate_key_file))


async def _live(create_worker: Callable[[S], Worker], settings: S) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with create_worker(settings).alive():
        await stop.wait()


@contextlib.asynccontextmanager
async def serve_beside(
    app: ASGIApp, host: str, port: int, *, tls: TlsContext | None = None, limits: Limits = OPERATIONS
) -> AsyncGenerator[None, None]:
    """Serve a second application on a port of its own, in the same loop, while the block runs; raise OSError."""
    book, state = Connections(limits), ServerState()
    config = _config(app, (host, port), lifespan="off")
    config.load()
    protocol = partial(BoundedProtocol, book, config=config, server_state=state, app_state={})
    listener = await Listener.open((host, port), protocol, book=book, door=Door(tls=tls))
    try:
        yield
    finally:
        listener.close()
        for connection in list(state.connections):
            connection.shutdown()


def _config(app: ASGIApp, where: tuple[str, int], *, lifespan: Literal["on", "off"]) -> uvicorn.Config:
    host, port = where
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        ws="none",
        lifespan=lifespan,
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        proxy_headers=False,  # only the register of connections uses the client's address
        timeout_keep_alive=30,
        timeout_graceful_shutdown=10,
    )
