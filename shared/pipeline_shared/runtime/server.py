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
from pipeline_shared.runtime.settings import ServiceSettings

OPERATIONS = Limits(connections=64, in_hand=32, per_address=32)
OPEN_FILES = 4_096

S = TypeVar("S", bound=ServiceSettings)


def run(name: str, create_app: Callable[[S], ASGIApp], settings_type: type[S]) -> None:
    """Serve a service's app, as its process does, until SIGTERM or SIGINT; finish what is in flight before returning.

    The settings are read from the environment. The app is made inside the event loop that serves it, because pools and
    clients belong to a loop.
    """
    settings = settings_type()  # pyright: ignore[reportCallIssue] - from the environment
    configure_logging(name, settings.log_level)
    _allow_open_files()
    uvloop.run(_serve(create_app, settings))


def _allow_open_files() -> None:
    """Allow as many files as connections need: Debian's default ends at 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < OPEN_FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(OPEN_FILES, hard), hard))


async def _serve(create_app: Callable[[S], ASGIApp], settings: S) -> None:
    limits = Limits(per_address=settings.connections_per_address, proxies=settings.trusted_proxies)
    where = settings.host, settings.port
    config = _config(create_app(settings), where, lifespan="on", book=Connections(limits))
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
