"""What a browser posts: read with limits, and only when it comes from our own page.

A form is believed when the browser says that it was sent by the same origin (or says nothing, as programs do) *and* it
carries the token that belongs to the session.
"""

import asyncio
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

MAX_BYTES = 512 * 1024
MAX_FIELDS = 10_000  # a review has one for each finding and each text, and a long text has thousands of findings
MAX_SECONDS = 10.0  # anybody may begin to send the form that signs in
MAX_DIGITS = 8
FORM_TYPE = "application/x-www-form-urlencoded"
CLOSE = {"connection": "close"}  # the rest of the body is not wanted


async def read_form(request: Request) -> dict[str, str]:
    """Return the posted fields, trimmed; the last of several values counts. Raises HTTPException 400, 408, 413, 415."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise HTTPException(415)
    try:
        text = (await _read_body(request)).decode("ascii")
        fields = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:
        raise HTTPException(400) from None
    if any("\0" in name or "\0" in value for name, value in fields):
        raise HTTPException(400)
    return {name: value.replace("\r\n", "\n").strip() for name, value in fields}


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(MAX_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise HTTPException(413, headers=CLOSE)
    except TimeoutError:
        raise HTTPException(408, headers=CLOSE) from None
    except ClientDisconnect:
        raise HTTPException(400) from None  # to nobody: the browser has gone
    return bytes(body)


def check_origin(request: Request) -> None:
    """Raise HTTPException 403 when the browser says that another site sent this form."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None and site != "same-origin":
        raise HTTPException(403)
    if site is None and origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(403)


def check_token(form: Mapping[str, str], expected: str) -> None:
    """Raise HTTPException 403 unless the form carries the expected token."""
    if not expected or not hmac.compare_digest(form.get("csrf", "").encode(), expected.encode()):
        raise HTTPException(403)


def whole_number(text: str, *, otherwise: int) -> int:
    """Return the number a text holds, or `otherwise` when it is no whole number of a sensible length."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else otherwise


def local_path(target: str, otherwise: str = "/") -> str:
    """Return a path of this site to go to after signing in; anything that could lead elsewhere becomes `otherwise`."""
    is_local = target.startswith("/") and not target.startswith("//") and target.isprintable() and "\\" not in target
    return target if is_local else otherwise
