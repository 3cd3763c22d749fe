"""The police records system over HTTP: what it answers becomes one of five answers that the domain knows.

Anything that could have had its effect is `Unclear`; only what certainly had none is `Unreachable`. Refusals of the
caller (a wrong token, a wrong address) would meet every record alike, so they are `Unreachable` too and park nothing.
Nothing of a body, sent or received, goes into a log or an error.
"""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated, Any, Self

import aiohttp
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from transfer_service.domain import Held, NotHeld, PoliceAnswer, Refused, Request, Transfer, Unclear, Unreachable
from transfer_service.settings import Settings

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
    """What the police system says of a record it holds."""

    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    reference: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,100}$")]
    digest: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class PoliceSystem:
    """One HTTP session with the police system."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    @classmethod
    @asynccontextmanager
    async def connect(cls, settings: Settings) -> AsyncGenerator[Self, None]:
        """Open a session; connections are made when they are needed."""
        headers = {"authorization": f"Bearer {settings.police_token.get_secret_value()}"}
        async with aiohttp.ClientSession(
            settings.police_url,
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=settings.police_timeout_seconds),
            connector=aiohttp.TCPConnector(limit=settings.concurrency),
            cookie_jar=aiohttp.DummyCookieJar(),
        ) as session:
            yield cls(session)

    async def ask(self, request: Request, transfer: Transfer) -> PoliceAnswer:
        """Send one request about a transfer and return what its answer means."""
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
            return Unreachable(type(error).__name__)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Unclear(type(error).__name__)
        return meaning(request, response.status, content)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Return the answer's body, or nothing of one that is too large to be meant."""
    content = bytearray()
    async for chunk in response.content.iter_chunked(LARGEST_ANSWER):
        content += chunk
        if len(content) > LARGEST_ANSWER:
            response.close()
            return b""
    return bytes(content)


def meaning(request: Request, status: int, content: bytes) -> PoliceAnswer:
    """Return what a status and a body mean as the answer to a request."""
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
    """Tell the police system's own "no such record" from a 404 of something in between."""
    try:
        return json.loads(content).get("code") == "no_such_record"
    except (ValueError, AttributeError):
        return False
