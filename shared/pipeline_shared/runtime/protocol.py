"""HTTP/1.1 for every service: uvicorn's protocol with limits on time and size, and with an exact end of every body.

uvicorn waits for ever for the header of a request, for its body, and for a client that does not read; here each has a
time limit. Its parser takes the bytes after an `Upgrade` header for another protocol: a body was lost and then read as
a request. Here the proposal is ignored, which RFC 9110 (7.8) allows. A client that sends nonsense after a request still
gets the answer to that request first.
"""

# ruff: noqa: D102 - what overrides is described by uvicorn
import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.utils import is_ssl

from pipeline_shared.runtime.connections import Connection, Connections
from pipeline_shared.runtime.http import problem
from pipeline_shared.runtime.parting import PartingTransport

HEADER_SECONDS = 10
BODY_SECONDS = 15  # longer than the readers of a body wait for it: they answer first
READ_SECONDS = 30  # time for a client to read 64 KiB of an answer
LONGEST_HEADER = 64 * 1024  # counted as it arrives, so up to one more read may pass
RETRY_AFTER = {"retry-after": "2"}
TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
NONSENSE = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"

FORWARDED = b"x-forwarded-for"
MOST_PIPELINED = 16
DROP_UNREAD = struct.pack("ii", 1, 0)  # close without waiting for unsent bytes


class UnservedError(Exception):
    """A request that no service accepts: a tunnel, or more requests than allowed before the first answer."""


class Timer:
    """Call a function after some time, unless it is stopped before."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.handle: asyncio.TimerHandle | None = None

    def start(self, late: Callable[[], None]) -> None:
        """Start the time again."""
        self.stop()
        self.handle = asyncio.get_running_loop().call_later(self._seconds, late)

    def stop(self) -> None:
        """Stop the timer."""
        if self.handle:
            self.handle.cancel()
            self.handle = None


async def answer_busy(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a request because the service works on as many as it may."""
    await problem(503, "busy", "Too many requests at once: try again", headers=RETRY_AFTER)(scope, receive, send)


class BoundedProtocol(HttpToolsProtocol):
    """One connection of a listener with a register of its connections."""

    def __init__(self, book: Connections, *, handshake: Connection | None = None, **how: Any) -> None:
        super().__init__(**how)
        self._book, self._served, self._handshake = book, self.app, handshake
        self._header, self._body, self._reader = Timer(HEADER_SECONDS), Timer(BODY_SECONDS), Timer(READ_SECONDS)
        self._header_bytes = 0
        self._header_complete = False
        self._has_begun = False  # a header has begun to arrive
        self._peer = self._asking = ""
        self._running: RequestResponseCycle | None = None
        self._last_words = b""  # sent after the answers to all earlier requests

    def connection_made(self, transport: Any) -> None:
        super().connection_made(
            cast("asyncio.Transport", PartingTransport(transport)) if is_ssl(transport) else transport
        )
        self._peer = self.client[0] if self.client else ""
        self._expect_header()
        if self._handshake:
            self._book.close(self._handshake)  # this connection takes its place in the register
        self._book.open(self, self._peer)

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._header, self._body, self._reader):
            timer.stop()
        self._book.close(self)
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Close now, or after the answer to what has begun to arrive; the times for header and body still count."""
        if not self._has_begun:
            super().shutdown()

    def let_go(self) -> None:
        """Close at once: other clients need the connection more."""
        if self.transport.get_write_buffer_size():  # the kernel must not keep the unread answer either
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, DROP_UNREAD)
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        waiting = self._header.handle
        try:
            self._read(memoryview(data))
        except HttpParserError:
            self._end_with(NONSENSE)
        if waiting and waiting is self._header.handle:  # all bytes belong to a header that has not ended yet
            self._header_bytes += len(data)
            if self._header_bytes > LONGEST_HEADER:
                self._header.stop()
                self._end_with(TOO_LONG)

    def _read(self, data: memoryview) -> None:
        """Parse the received bytes; parse a header that proposes another protocol again without the proposal."""
        while data:
            try:
                return self.parser.feed_data(data)
            except HttpParserUpgrade as proposal:
                data = data[proposal.args[0] :]
                head = self._head_without_upgrade()
                self.parser = HttpRequestParser(self)  # the old parser would skip the body
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
                self.parser.feed_data(head)
        return None

    def _head_without_upgrade(self) -> bytes:
        first = b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        kept = [b"%s: %s" % (name, value) for name, value in self.headers if name != b"upgrade"]
        return b"\r\n".join([first, *kept, b"", b""])

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._has_begun = True
        self._unset_keepalive_if_required()
        self._expect_header()

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._header_complete:  # the bytes after a chunked body do not belong to the header
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self.parser.get_method() == b"CONNECT" or len(self.pipeline) >= MOST_PIPELINED:
            raise UnservedError
        if self.parser.should_upgrade():
            return
        self._header_complete, self._has_begun = True, False
        self._header.stop()
        self._body.start(self.transport.close)
        self._asking = self._book.asking(self._peer, (value for name, value in self.headers if name == FORWARDED))
        self.app = self._served if self._book.has_room_for(self._asking) else answer_busy
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        self._body.stop()
        super().on_message_complete()
        self._note_whose_turn()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._note_whose_turn()
        if self._last_words and not self._owes_answers():
            self._end_with(self._last_words)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reader.start(self.let_go)
        self._note_whose_turn()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._reader.stop()
        self._note_whose_turn()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        if self._book.draining and not self.pipeline:
            cycle.keep_alive = False
        super()._start_asgi_task(cycle, app)

    def _owes_answers(self) -> bool:
        """Tell whether a complete request has not been answered yet."""
        running = self._running
        return bool(self.pipeline) or (running is not None and not (running.response_complete or running.more_body))

    def _note_whose_turn(self) -> None:
        if self._owes_answers() and not self.flow.write_paused:
            self._book.take_in_hand(self, self._asking)
        else:
            self._book.wait_for(self)

    def _end_with(self, words: bytes) -> None:
        """Refuse unreadable bytes and close the connection, after the answers to earlier requests."""
        if self.pipeline and self.pipeline[0][0].more_body:
            self.pipeline.popleft()  # the rest cannot be read
        if self._owes_answers():
            self._last_words = words
        elif not self.transport.is_closing():
            self.transport.write(words)
            self.transport.close()

    def _expect_header(self) -> None:
        self._header_bytes = 0
        self._header_complete = False
        self._header.start(self.transport.close)
