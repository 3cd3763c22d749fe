"""uvicorn as every service runs it: bounded in connections, in time, and in what it logs.

uvicorn waits for ever for a request's header; a client that sends half of one would hold its connection for good.
"""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import uvicorn
import uvloop
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pipeline_shared.settings import ServiceSettings

HEADER_SECONDS = 10
CONNECTIONS = 1_000

S = TypeVar("S", bound=ServiceSettings)


class ImpatientProtocol(HttpToolsProtocol):
    """HTTP whose connections close when a request's header takes too long."""

    _header_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:  # noqa: D102 - uvicorn's signature
        super().connection_made(transport)
        self._expect_header()

    def on_headers_complete(self) -> None:  # noqa: D102
        self._header_arrived()
        super().on_headers_complete()

    def on_message_begin(self) -> None:  # noqa: D102
        super().on_message_begin()
        self._expect_header()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: D102
        self._header_arrived()
        super().connection_lost(exc)

    def _expect_header(self) -> None:
        self._header_arrived()
        self._header_timer = self.loop.call_later(HEADER_SECONDS, self.transport.close)

    def _header_arrived(self) -> None:
        if self._header_timer:
            self._header_timer.cancel()
            self._header_timer = None


def run(create_app: Callable[[S], ASGIApp], settings: S) -> None:
    """Make the app and serve it until SIGTERM or SIGINT; return when what was in flight has been finished.

    The app is made inside the event loop that serves it, because pools and clients belong to a loop.
    """
    uvloop.run(_serve(create_app, settings))


async def _serve(create_app: Callable[[S], ASGIApp], settings: S) -> None:
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        http=ImpatientProtocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=10,
    )
    await uvicorn.Server(config).serve()
