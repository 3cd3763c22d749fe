"""The police records system over HTTP: each response becomes one of five answers that the domain knows.

A request that may have had an effect is `Unclear`; a request that certainly had none is `Unreachable`. A refusal of the
caller (wrong token, wrong address) would affect every record, so it is `Unreachable` too and parks nothing. Bodies,
sent or received, never appear in a log or an error.
"""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated, Any, Self

import aiohttp
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from pipeline_shared.runtime.errors import error_code
from pipeline_shared.runtime.tls import TlsContext, TlsFault, client_tls
from transfer_service.domain import Held, NotHeld, PoliceAnswer, Refused, Request, Transfer, Unclear, Unreachable
from transfer_service.settings import Settings

PEER = "police_system"
LARGEST_ANSWER = 64 * 1024
NOT_THIS_RECORD = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
MAYBE_DONE = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT})


class _Receipt(BaseModel):
    """The police system's answer about a record that it holds."""

    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    reference: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,100}$")]
    digest: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class PoliceSystem:
    """One HTTP session with the police system."""

    def __init__(self, session: aiohttp.ClientSession, tls: TlsContext) -> None:
        self._session = session
        self.tls = tls

    @classmethod
    @asynccontextmanager
    async def connect(cls, settings: Settings) -> AsyncGenerator[Self, None]:
        """Open a session. Connections are opened when they are needed."""
        headers = {"authorization": f"Bearer {settings.police_token.get_secret_value()}"}
        tls = client_tls(settings.police_tls, peer=PEER)
        async with aiohttp.ClientSession(
            settings.police_url,
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=settings.police_timeout_seconds),
            connector=aiohttp.TCPConnector(limit=settings.concurrency, ssl=tls),
            cookie_jar=aiohttp.DummyCookieJar(),
        ) as session:
            yield cls(session, tls)

    async def ask(self, request: Request, transfer: Transfer) -> PoliceAnswer:
        """Send one request about a transfer, and return the meaning of the answer."""
        match request:
            case Request.LOOK_UP:
                return await self._send(request, "GET", f"/records/by-key/{transfer.record_ref}")
            case Request.CREATE:
                headers = {"idempotency-key": str(transfer.record_ref), "content-type": "application/json"}
                return await self._send(request, "POST", "/records", headers=headers, data=transfer.envelope)

    async def _send(self, request: Request, *target: str, **options: Any) -> PoliceAnswer:
        try:
            async with self._session.request(*target, allow_redirects=False, **options) as response:
                content = await _read(response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Unreachable(error_code(error))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if self.tls.fault is TlsFault.REFUSED_OURS:  # it reads no request before it has seen our certificate
                return Unreachable(TlsFault.REFUSED_OURS)
            return Unclear(type(error).__name__)
        return meaning(request, response.status, content)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Return the body of the answer, or nothing when it is too large to be a valid answer."""
    content = bytearray()
    async for chunk in response.content.iter_chunked(LARGEST_ANSWER):
        content += chunk
        if len(content) > LARGEST_ANSWER:
            response.close()
            return b""
    return bytes(content)


def meaning(request: Request, status: int, content: bytes) -> PoliceAnswer:
    """Return the meaning of a status and a body as the answer to a request."""
    match request, status:
        case _, HTTPStatus.OK | HTTPStatus.CREATED:
            return _receipt(content)
        case Request.LOOK_UP, HTTPStatus.NOT_FOUND:
            return NotHeld() if _is_problem(content) else Unreachable("status_404", reached=True)
        case _, _ if status in NOT_THIS_RECORD or HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            return Unreachable(f"status_{status}", reached=True)
        case Request.CREATE, _ if HTTPStatus.BAD_REQUEST <= status < 500 and status not in MAYBE_DONE:  # noqa: PLR2004
            return Refused(f"status_{status}")
        case _:
            return Unclear(f"status_{status}")


def _receipt(content: bytes) -> Held | Unclear:
    try:
        receipt = _Receipt.model_validate_json(content)
    except ValidationError:
        return Unclear("unreadable_answer")
    return Held(receipt.reference, receipt.digest)


def _is_problem(content: bytes) -> bool:
    """Tell whether a 404 is the police system's own "no such record" and not from a proxy in between."""
    try:
        return json.loads(content).get("code") == "no_such_record"
    except (ValueError, AttributeError):
        return False
