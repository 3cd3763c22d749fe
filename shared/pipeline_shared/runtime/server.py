"""uvicorn for every service: two listeners in one event loop, with limits on connections and on log lines."""

import asyncio
import contextlib
import resource
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Literal, Protocol, TypeVar, cast

import uvicorn
import uvloop
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from pipeline_shared.runtime.connections import Connections, Limits
from pipeline_shared.runtime.log import configure_logging
from pipeline_shared.runtime.no_dumps import forbid_core_dumps
from pipeline_shared.runtime.protocol import BoundedProtocol
from pipeline_shared.runtime.settings import HttpSettings, ProcessSettings

OPERATIONS = Limits(connections=64, in_hand=32, per_address=32)
OPEN_FILES = 4_096

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
    settings = settings_type()  # pyright: ignore[reportCallIssue] - from the environment
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
    where = settings.host, settings.port
    config = _config(create_app(settings), where, lifespan="on", book=Connections(limits))
    await uvicorn.Server(config).serve()


async def _live(create_worker: Callable[[S], Worker], settings: S) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with create_worker(settings).alive():
        await stop.wait()


@contextlib.asynccontextmanager
async def serve_beside(
    app: ASGIApp, host: str, port: int, *, limits: Limits = OPERATIONS
) -> AsyncGenerator[None, None]:
    """Serve a second application on a port of its own, in the same loop, while the block runs; raise OSError."""
    book, state = Connections(limits), ServerState()
    config = _config(app, (host, port), lifespan="off", book=book)
    config.load()
    protocol = partial(BoundedProtocol, book, config=config, server_state=state, app_state={})
    listener = await asyncio.get_running_loop().create_server(protocol, host, port)
    try:
        yield
    finally:
        listener.close()
        for connection in list(state.connections):
            connection.shutdown()


def _config(
    app: ASGIApp, where: tuple[str, int], *, lifespan: Literal["on", "off"], book: Connections
) -> uvicorn.Config:
    host, port = where
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=cast("type[asyncio.Protocol]", partial(BoundedProtocol, book)),
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
