"""HTTP clients of the tests: they verify the stacks under test like a machine that knows their authorities."""

import asyncio
import ssl
from typing import Any
from urllib.parse import urlsplit

import aiohttp


def web_session(address: str | None = None, **options: Any) -> aiohttp.ClientSession:
    """Return a session, with `address` as its base; it trusts whom the system trusts now (see `create_stack`)."""
    limit = options.pop("limit", 100)
    connector = aiohttp.TCPConnector(limit=limit, ssl=ssl.create_default_context())
    return aiohttp.ClientSession(address, connector=connector, **options)


async def open_wire(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return a verified connection to a base URL, for bytes that no library would send."""
    parts = urlsplit(address)
    tls = ssl.create_default_context() if parts.scheme == "https" else None
    return await asyncio.open_connection(parts.hostname, parts.port, ssl=tls)
