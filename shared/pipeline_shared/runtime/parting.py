"""The end of a TLS connection: it is cut off as soon as the client has everything, and not before.

A TLS server says that it will send no more, and asyncio then waits for the client to say the same. Many clients do so
only when they next use the connection: they send a request that nobody reads. So the connection ends when the client's
machine has acknowledged every byte; a client that reads slowly keeps its time.
"""

import asyncio
import fcntl
import struct
import termios
from typing import Any

FIRST_LOOK, LAST_LOOK = 0.001, 0.1  # seconds between looks


class PartingTransport:
    """A transport whose `close` ends the connection soon; everything else is the transport's own."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def __getattr__(self, name: str) -> Any:
        """Return what the transport has under this name."""
        return getattr(self._transport, name)

    def close(self) -> None:
        """Send the rest, then end the connection."""
        if not self._transport.is_closing():
            self._transport.close()
            self._look_after(FIRST_LOOK)

    def _look_after(self, seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds, self._part, min(2 * seconds, LAST_LOOK))

    def _part(self, pause: float) -> None:
        unsent = unsent_bytes(self._transport)
        if unsent:
            self._look_after(pause)
        elif unsent == 0:
            self._transport.abort()


def unsent_bytes(transport: Any) -> int | None:
    """Return how many bytes the client's machine has not acknowledged, or None when the connection has ended."""
    try:
        descriptor = transport.get_extra_info("socket").fileno()
        (unsent,) = struct.unpack("i", fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(4)))
    except (AttributeError, OSError, ValueError):
        return None
    return unsent
