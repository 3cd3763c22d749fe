"""A listener that knows every connection from its first byte: also one whose TLS handshake has not ended.

uvloop tells a protocol of a connection only after the handshake, so a client that never ends it would count nowhere.
Here a handshake is in the register of connections like any connection that waits for its client: it has a time limit,
it counts for its address, and it is closed when connections run short.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, Self

from pipeline_shared.runtime.connections import Connection, Connections
from pipeline_shared.runtime.retry import pause
from pipeline_shared.runtime.tls import HANDSHAKE_SECONDS, LAST_READ_SECONDS, TlsContext

BACKLOG = 2_048
NO_DESCRIPTOR_SECONDS = 0.1


class CreateProtocol(Protocol):
    """Makes the protocol of a connection; `handshake` is its entry in the register so far."""

    def __call__(self, *, handshake: Connection) -> asyncio.Protocol:
        """Return the protocol of one connection."""
        ...


@dataclass(frozen=True, slots=True)
class Door:
    """Who comes in, and how: with TLS, or in clear text but only from the proxies of the register."""

    tls: TlsContext | None = None
    only_proxies: bool = False


class _Handshake:
    """A connection before its protocol has it."""

    def __init__(self, task: "asyncio.Task[None] | None") -> None:
        self._task = task

    def let_go(self) -> None:
        """Close at once."""
        if self._task:
            self._task.cancel()


class Listener:
    """The open sockets of one address."""

    def __init__(self, sockets: list[socket.socket], create: CreateProtocol, *, book: Connections, door: Door) -> None:
        self._sockets, self._create, self._book, self._door = sockets, create, book, door
        self._admitting = set[asyncio.Task[None]]()
        self._accepting = [asyncio.create_task(self._accept(each)) for each in sockets]
        self._never = asyncio.Event()

    @classmethod
    async def open(cls, where: tuple[str, int], create: CreateProtocol, *, book: Connections, door: Door) -> Self:
        """Listen on every address of a host name. Raises OSError."""
        found = await asyncio.get_running_loop().getaddrinfo(*where, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        with contextlib.ExitStack() as opened:
            sockets = [opened.enter_context(_listening(family, at)) for family, at in {(f, a) for f, *_, a in found}]
            listener = cls(sockets, create, book=book, door=door)
            opened.pop_all()
        return listener

    def close(self) -> None:
        """Accept no more, and end handshakes; open connections stay."""
        for task in (*self._accepting, *self._admitting):
            task.cancel()
        for each in self._sockets:
            each.close()

    async def wait_closed(self) -> None:
        """Return when the tasks have ended."""
        await asyncio.gather(*self._accepting, *self._admitting, return_exceptions=True)

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, peer = await loop.sock_accept(listening)
            except OSError:  # no descriptor is left, or the client has already gone
                await pause(self._never, NO_DESCRIPTOR_SECONDS)
                continue
            task = asyncio.create_task(self._admit(accepted, str(peer[0])))
            self._admitting.add(task)
            task.add_done_callback(self._admitting.discard)

    async def _admit(self, accepted: socket.socket, peer: str) -> None:
        if self._door.only_proxies and not self._book.is_proxy(peer):
            accepted.close()
            return
        handshake = _Handshake(asyncio.current_task())
        self._book.open(handshake, peer)
        try:
            await self._shake_hands(accepted, lambda: self._create(handshake=handshake))
        except (OSError, asyncio.CancelledError):  # of the handshake; the transport has closed the socket
            pass
        finally:
            self._book.close(handshake)

    async def _shake_hands(self, accepted: socket.socket, create: Callable[[], asyncio.Protocol]) -> None:
        loop, tls = asyncio.get_running_loop(), self._door.tls
        limits = {"ssl_handshake_timeout": HANDSHAKE_SECONDS, "ssl_shutdown_timeout": LAST_READ_SECONDS} if tls else {}
        await loop.connect_accepted_socket(create, accepted, ssl=tls, **limits)


def _listening(family: int, address: tuple[Any, ...]) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind(address)
        opened.listen(BACKLOG)
        opened.setblocking(False)  # noqa: FBT003 - its only parameter
    except OSError:
        opened.close()
        raise
    return opened
