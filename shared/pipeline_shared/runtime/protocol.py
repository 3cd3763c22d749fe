"""HTTP/1.1 as every service speaks it: uvicorn's, bounded in time and size, and never misled about where a body ends.

uvicorn waits for ever for a request's header, for its body, and for a client to read; each has a time here. Its parser
takes what follows an `Upgrade` header for another protocol: the body was dropped, and then read as a request. Here such
a header is as if it had not been sent (RFC 9110, 7.8: a server may ignore it). A client that sends nonsense after a
request still gets the answer to that request first.
"""

# ruff: noqa: D102 - what overrides is described by uvicorn
import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from pipeline_shared.runtime.connections import Connections
from pipeline_shared.runtime.http import problem

HEADER_SECONDS = 10
BODY_SECONDS = 15  # longer than those who read a body wait for it: they answer first
READ_SECONDS = 30  # for a client to read 64 KiB of an answer
LONGEST_HEADER = 64 * 1024  # counted as it arrives, so a read's worth more may pass
RETRY_AFTER = {"retry-after": "2"}
TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
NONSENSE = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"

FORWARDED = b"x-forwarded-for"
MOST_PIPELINED = 16
DROP_UNREAD = struct.pack("ii", 1, 0)  # linger for no time


class UnservedError(Exception):
    """A request for what no service does: a tunnel, or more requests than one may send before the first answer."""


class Timer:
    """Does something unless it is stopped in time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.handle: asyncio.TimerHandle | None = None

    def start(self, late: Callable[[], None]) -> None:
        """Begin anew."""
        self.stop()
        self.handle = asyncio.get_running_loop().call_later(self._seconds, late)

    def stop(self) -> None:
        """Let it be."""
        if self.handle:
            self.handle.cancel()
            self.handle = None


async def answer_busy(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a request because as many as may be are being worked on."""
    await problem(503, "busy", "Too many requests at once: try again", headers=RETRY_AFTER)(scope, receive, send)


class BoundedProtocol(HttpToolsProtocol):
    """One connection of a listener that keeps a book of them."""

    def __init__(self, book: Connections, **how: Any) -> None:
        super().__init__(**how)
        self._book, self._served = book, self.app
        self._header, self._body, self._reader = Timer(HEADER_SECONDS), Timer(BODY_SECONDS), Timer(READ_SECONDS)
        self._header_bytes = 0
        self._header_complete = False
        self._peer = self._asking = ""
        self._running: RequestResponseCycle | None = None
        self._last_words = b""  # said when everything that was asked before has been answered

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._peer = self.client[0] if self.client else ""
        self._expect_header()
        self._book.open(self, self._peer)

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._header, self._body, self._reader):
            timer.stop()
        self._book.close(self)
        super().connection_lost(exc)

    def let_go(self) -> None:
        """Close at once: others need the connection more."""
        if self.transport.get_write_buffer_size():  # nor shall the kernel keep what nobody reads
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, DROP_UNREAD)
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        waiting = self._header.handle
        try:
            self._read(memoryview(data))
        except HttpParserError:
            self._end_with(NONSENSE)
        if waiting and waiting is self._header.handle:  # all of it belongs to a header that has not ended yet
            self._header_bytes += len(data)
            if self._header_bytes > LONGEST_HEADER:
                self._header.stop()
                self._end_with(TOO_LONG)

    def _read(self, data: memoryview) -> None:
        """Parse what has come; a header that proposes another protocol is parsed again without the proposal."""
        while data:
            try:
                return self.parser.feed_data(data)
            except HttpParserUpgrade as proposal:
                data = data[proposal.args[0] :]
                head = self._head_without_upgrade()
                self.parser = HttpRequestParser(self)  # the old one would skip the body
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
                self.parser.feed_data(head)
        return None

    def _head_without_upgrade(self) -> bytes:
        first = b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        kept = [b"%s: %s" % (name, value) for name, value in self.headers if name != b"upgrade"]
        return b"\r\n".join([first, *kept, b"", b""])

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._unset_keepalive_if_required()
        self._expect_header()

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._header_complete:  # what follows a chunked body does not belong to the header
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self.parser.get_method() == b"CONNECT" or len(self.pipeline) >= MOST_PIPELINED:
            raise UnservedError
        if self.parser.should_upgrade():
            return
        self._header_complete = True
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
        super()._start_asgi_task(cycle, app)

    def _owes_answers(self) -> bool:
        """Tell whether a whole request has not been answered yet."""
        running = self._running
        return bool(self.pipeline) or (running is not None and not (running.response_complete or running.more_body))

    def _note_whose_turn(self) -> None:
        if self._owes_answers() and not self.flow.write_paused:
            self._book.take_in_hand(self, self._asking)
        else:
            self._book.wait_for(self)

    def _end_with(self, words: bytes) -> None:
        """Refuse what cannot be read and close, after the answers to what was asked before it."""
        if self.pipeline and self.pipeline[0][0].more_body:
            self.pipeline.popleft()  # the end of it cannot be read
        if self._owes_answers():
            self._last_words = words
        elif not self.transport.is_closing():
            self.transport.write(words)
            self.transport.close()

    def _expect_header(self) -> None:
        self._header_bytes = 0
        self._header_complete = False
        self._header.start(self.transport.close)
