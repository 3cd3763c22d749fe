"""uvicorn as every service runs it: two listeners in one loop, bounded in connections and in what they log."""

import asyncio
import contextlib
import resource
from collections.abc import AsyncGenerator, Callable
from functools import partial
from typing import Literal, TypeVar, cast

import uvicorn
import uvloop
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from pipeline_shared.runtime.connections import Connections, Limits
from pipeline_shared.runtime.log import configure_logging
from pipeline_shared.runtime.protocol import BoundedProtocol
from pipeline_shared.runtime.settings import HttpSettings, ProcessSettings

OPERATIONS = Limits(connections=64, in_hand=32, per_address=32)
OPEN_FILES = 4_096

H = TypeVar("H", bound=HttpSettings)
S = TypeVar("S", bound=ProcessSettings)


def run(name: str, create_app: Callable[[H], ASGIApp], settings_type: type[H]) -> None:
    """Serve a process's app until SIGTERM or SIGINT; finish what is in flight before returning.

    The settings are read from the environment.
    """
    settings = _read(name, settings_type)
    limits = Limits(per_address=settings.connections_per_address, proxies=settings.trusted_proxies)
    _run(lambda: create_app(settings), (settings.host, settings.port), limits)


def run_for_operations(name: str, create_app: Callable[[S], ASGIApp], settings_type: type[S]) -> None:
    """Do the same for an app that has nothing but health and metrics: serve it on the port for operations."""
    settings = _read(name, settings_type)
    _run(lambda: create_app(settings), (settings.operations_host, settings.operations_port), OPERATIONS)


def _read(name: str, settings_type: type[S]) -> S:
    settings = settings_type()  # pyright: ignore[reportCallIssue] - from the environment
    configure_logging(name, settings.log_level)
    return settings


def _run(create_app: Callable[[], ASGIApp], where: tuple[str, int], limits: Limits) -> None:
    _allow_open_files()
    uvloop.run(_serve(create_app, where, limits))


def _allow_open_files() -> None:
    """Allow as many files as connections need: Debian's default ends at 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < OPEN_FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(OPEN_FILES, hard), hard))


async def _serve(create_app: Callable[[], ASGIApp], where: tuple[str, int], limits: Limits) -> None:
    """Serve an app that is made inside the event loop that serves it, because pools and clients belong to a loop."""
    config = _config(create_app(), where, lifespan="on", book=Connections(limits))
    await uvicorn.Server(config).serve()


@contextlib.asynccontextmanager
async def serve_beside(
    app: ASGIApp, host: str, port: int, *, limits: Limits = OPERATIONS
) -> AsyncGenerator[None, None]:
    """Serve a second app on a port of its own, in the same loop, for as long as the block runs; raise OSError."""
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
        proxy_headers=False,  # nothing here reads the client's address or the scheme but the book of connections
        timeout_keep_alive=30,
        timeout_graceful_shutdown=10,
    )
