"""uvicorn as every service runs it: bounded in connections, in time, and in what it logs.

uvicorn waits for ever for a request's header, and keeps all that comes of it; a client that sends half of one would
hold its connection for good, and one that never ends would fill the memory. It waits for ever for a body, too, also for
the rest of one that has been answered.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from functools import partial
from typing import Any, Literal, TypeVar

import uvicorn
import uvloop
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from pipeline_shared.settings import ServiceSettings

HEADER_SECONDS = 10
BODY_SECONDS = 15  # longer than those who read a body wait for it: they answer first
LONGEST_HEADER = 64 * 1024  # counted as it arrives, so a read's worth more may pass
TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
CONNECTIONS = 1_000

S = TypeVar("S", bound=ServiceSettings)


class ImpatientProtocol(HttpToolsProtocol):
    """HTTP whose connections close when a request's header or body takes too long, or the header is too long."""

    _header_timer: asyncio.TimerHandle | None = None
    _body_timer: asyncio.TimerHandle | None = None
    _header_bytes = 0

    def connection_made(self, transport: Any) -> None:  # noqa: D102 - uvicorn's signature
        super().connection_made(transport)
        self._expect_header()

    def data_received(self, data: bytes) -> None:  # noqa: D102
        waiting = self._header_timer
        super().data_received(data)
        if waiting and waiting is self._header_timer:  # all of it belongs to a header that has not ended yet
            self._header_bytes += len(data)
            if self._header_bytes > LONGEST_HEADER:
                self._header_arrived()
                self.transport.write(TOO_LONG)
                self.transport.close()

    def on_headers_complete(self) -> None:  # noqa: D102
        self._header_arrived()
        self._body_timer = self.loop.call_later(BODY_SECONDS, self.transport.close)
        super().on_headers_complete()

    def on_message_complete(self) -> None:  # noqa: D102
        self._body_arrived()
        super().on_message_complete()

    def on_message_begin(self) -> None:  # noqa: D102
        super().on_message_begin()
        self._expect_header()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: D102
        self._header_arrived()
        self._body_arrived()
        super().connection_lost(exc)

    def _expect_header(self) -> None:
        self._header_arrived()
        self._header_bytes = 0
        self._header_timer = self.loop.call_later(HEADER_SECONDS, self.transport.close)

    def _header_arrived(self) -> None:
        if self._header_timer:
            self._header_timer.cancel()
            self._header_timer = None

    def _body_arrived(self) -> None:
        if self._body_timer:
            self._body_timer.cancel()
            self._body_timer = None


def run(create_app: Callable[[S], ASGIApp], settings: S) -> None:
    """Make the app and serve it until SIGTERM or SIGINT; return when what was in flight has been finished.

    The app is made inside the event loop that serves it, because pools and clients belong to a loop.
    """
    uvloop.run(_serve(create_app, settings))


async def _serve(create_app: Callable[[S], ASGIApp], settings: S) -> None:
    config = _config(create_app(settings), host=settings.host, port=settings.port, lifespan="on")
    await uvicorn.Server(config).serve()


@contextlib.asynccontextmanager
async def serve_beside(app: ASGIApp, host: str, port: int) -> AsyncGenerator[None, None]:
    """Serve a second app on a port of its own, in the same loop, for as long as the block runs; raise OSError."""
    config, state = _config(app, host=host, port=port, lifespan="off"), ServerState()
    config.load()
    protocol = partial(ImpatientProtocol, config, state, {})
    listener = await asyncio.get_running_loop().create_server(protocol, host, port)
    try:
        yield
    finally:
        listener.close()
        for connection in list(state.connections):
            connection.shutdown()


def _config(app: ASGIApp, *, host: str, port: int, lifespan: Literal["on", "off"]) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=ImpatientProtocol,
        ws="none",
        lifespan=lifespan,
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=10,
    )
