"""A balancer of connections, as HAProxy is in its mode `tcp`: it does not read what it carries, so TLS goes through.

It asks each copy's ready page and gives new connections to ready copies in turn. Where a copy refuses a connection, no
byte of a request was accepted, so another copy gets it. A connection stays with its copy until one side ends it.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pipeline_local.ports import LOOPBACK
from tests.support.waiting import wait_for

ASK_SECONDS = 0.25
CHUNK = 64 * 1024


class Target(Protocol):
    """A copy of a service."""

    @property
    def port(self) -> int:
        """Return the port for frontends and people."""
        ...

    async def is_ready(self) -> bool:
        """Tell whether it says that it is ready."""
        ...


@dataclass(slots=True)
class Balancer:
    """The balancer of one service; `unserved` counts connections that no copy took."""

    targets: Sequence[Target]
    unserved: int = 0
    _ready: list[Target] = field(default_factory=list[Target])
    _carrying: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, port: int, targets: Sequence[Target]) -> AsyncGenerator["Balancer", None]:
        """Balance the connections to a port while the block runs."""
        balancer = cls(targets)
        asking = [asyncio.create_task(balancer._keep_asking(target)) for target in targets]
        server = await asyncio.start_server(balancer._accept, LOOPBACK, port, backlog=1_000)
        try:
            await wait_for(balancer._serves, "a ready copy")
            yield balancer
        finally:
            server.close()
            for task in (*asking, *balancer._carrying):
                task.cancel()
            await asyncio.gather(*asking, *balancer._carrying, return_exceptions=True)

    def serves(self, target: Target) -> bool:
        """Tell whether new connections may go to a copy."""
        return target in self._ready

    async def _serves(self) -> bool:
        return bool(self._ready)

    async def _keep_asking(self, target: Target) -> None:
        while True:
            is_ready = await target.is_ready()
            if is_ready and target not in self._ready:
                self._ready.append(target)
            elif not is_ready and target in self._ready:
                self._ready.remove(target)
            await asyncio.sleep(ASK_SECONDS)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._carrying.add(task)
        task.add_done_callback(self._carrying.discard)
        with contextlib.suppress(OSError, asyncio.CancelledError), contextlib.closing(writer):
            await self._carry(reader, writer)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for target in list(self._ready):
            try:
                to_read, to_write = await asyncio.open_connection(LOOPBACK, target.port)
            except ConnectionRefusedError:
                continue
            self._ready.sort(key=lambda each: each is target)  # the next connection begins with another copy
            with contextlib.closing(to_write):
                await asyncio.gather(_pump(reader, to_write), _pump(to_read, writer))
            return
        self.unserved += 1


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry bytes in one direction until they end; then end the other side's reading."""
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
