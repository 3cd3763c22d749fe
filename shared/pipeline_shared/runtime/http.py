"""Refusals over HTTP: problem+json (RFC 9457) with code and fields, never a value; and a limit on the body."""

import asyncio
from collections.abc import Sequence

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_SECONDS = 10.0


def problem(
    status: int,
    code: str,
    title: str,
    *,
    errors: Sequence[dict[str, str]] = (),
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """Return a refusal; `errors` name a field and a code each."""
    body: dict[str, object] = {"type": "about:blank", "status": status, "code": code, "title": title}
    if errors:
        body["errors"] = list(errors)
    return JSONResponse(body, status, headers, media_type="application/problem+json")


class RefusedBodyError(Exception):
    """The body is too large or too slow; the error carries the answer."""

    def __init__(self, answer: JSONResponse) -> None:
        super().__init__()
        self.answer = answer


class BodyLimit:
    """Refuse a body as soon as it is known to be too large, and a body that does not arrive in time."""

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a `receive` that counts bytes and seconds."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared[:20]) > self._most:
            return await _too_large()(scope, receive, send)
        try:
            return await self._app(scope, self._counting(receive), send)
        except RefusedBodyError as refusal:
            return await refusal.answer(scope, receive, send)

    def _counting(self, receive: Receive) -> Receive:
        received = 0
        complete = False
        deadline = asyncio.get_running_loop().time() + BODY_SECONDS

        async def limited() -> Message:
            nonlocal received, complete
            if complete:  # only the disconnect follows the body, and it may take any time
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise RefusedBodyError(_too_slow()) from None
            received += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if received > self._most:
                raise RefusedBodyError(_too_large())
            return message

        return limited


def _too_large() -> JSONResponse:
    return problem(
        413, "body_too_large", "The body is larger than this address accepts", headers={"connection": "close"}
    )


def _too_slow() -> JSONResponse:
    return problem(408, "body_too_slow", "The body did not arrive in time", headers={"connection": "close"})
