"""Servers that no client may talk to: in clear text, or with a certificate that is wrong in one way."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncGenerator, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline_admin.production.authority import Authority
from pipeline_local.certificates import LOOPBACK_NAMES
from pipeline_local.ports import LOOPBACK
from pipeline_shared.runtime.tls import TlsFault

CLEAR_TEXT = "in clear text"
FAULT_OF = {
    CLEAR_TEXT: TlsFault.CLEAR_TEXT,
    "of an unknown authority": TlsFault.UNKNOWN_AUTHORITY,
    "of another name": TlsFault.WRONG_NAME,
    "expired": TlsFault.EXPIRED,
}
SSL_REQUEST_BYTES = 8

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]]


def bad_certificate(kind: str, authority: Authority) -> bytes:
    """Return a certificate that is wrong in one way, and otherwise right: for loopback, of the given authority."""
    match kind:
        case "of an unknown authority":
            return Authority.create("elsewhere").issue(LOOPBACK_NAMES)
        case "of another name":
            return authority.issue(("records.other.example", "127.0.0.2"))
        case _:
            return authority.issue(LOOPBACK_NAMES, until=datetime.now(UTC) - timedelta(minutes=1))


def server_context(certificate: Path) -> ssl.SSLContext:
    """Return the context of a server with a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def _tls_for(kind: str, authority: Authority, folder: Path) -> ssl.SSLContext | None:
    if kind == CLEAR_TEXT:
        return None
    file = folder / "bad.pem"
    file.write_bytes(bad_certificate(kind, authority))
    return server_context(file)


@contextlib.asynccontextmanager
async def bad_server(kind: str, authority: Authority, folder: Path) -> AsyncGenerator[int, None]:
    """Serve on a free port, which is yielded: in clear text, or with a wrong certificate."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await reader.read(1)
            writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
            await writer.drain()
            writer.close()

    server = await asyncio.start_server(serve, LOOPBACK, ssl=_tls_for(kind, authority, folder))
    async with server:
        yield server.sockets[0].getsockname()[1]


@contextlib.asynccontextmanager
async def bad_postgres(kind: str, authority: Authority, folder: Path) -> AsyncGenerator[int, None]:
    """Do the same in the way of PostgreSQL, which is asked for TLS first."""
    tls = _tls_for(kind, authority, folder)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await reader.readexactly(SSL_REQUEST_BYTES)
            writer.write(b"S" if tls else b"N")
            await writer.drain()
            if tls:
                await writer.start_tls(tls)
            writer.close()

    server = await asyncio.start_server(serve, LOOPBACK)
    async with server:
        yield server.sockets[0].getsockname()[1]
