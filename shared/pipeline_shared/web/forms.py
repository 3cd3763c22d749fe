"""Forms from browsers: read within limits, and accepted only from our own pages.

A form is accepted if the browser says that the same origin sent it (or says nothing, like a program). `Site` also
requires the token of the session in it.
"""

import asyncio
from urllib.parse import unquote_plus, urlsplit

from python_multipart.multipart import QuerystringParser
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

MAX_BYTES = 512 * 1024
MAX_FIELDS = 10_000  # a review has one for each finding and each text, and a long text has thousands of findings
MAX_SECONDS = 10.0  # the form for signing in needs no session
MAX_DIGITS = 8
FORM_TYPE = "application/x-www-form-urlencoded"
CLOSE = {"connection": "close"}  # the rest of the body is not read


async def read_form(request: Request) -> dict[str, str]:
    """Return the posted fields, trimmed; the last of several values counts. Raises HTTPException 400, 408, 413, 415."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise HTTPException(415)
    fields = _Fields()
    try:
        async with asyncio.timeout(MAX_SECONDS):
            await _feed(request, fields.parser())
    except TimeoutError:
        raise HTTPException(408, headers=CLOSE) from None
    except ClientDisconnect:
        raise HTTPException(400) from None  # nobody receives it: the browser has gone
    except ValueError:
        raise HTTPException(400, headers=CLOSE) from None
    return fields.values


async def _feed(request: Request, parser: QuerystringParser) -> None:
    """Pass the posted bytes to a parser as they arrive; raise HTTPException 413 or ValueError if there are too many.

    The separators are counted first, because 512 KiB of them would keep the parser, and so the loop, busy for 0.2 s.
    """
    size = separators = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BYTES:
            raise HTTPException(413, headers=CLOSE)
        separators += chunk.count(b"&")
        if separators >= MAX_FIELDS:
            raise ValueError("too many fields")
        parser.write(chunk)
    parser.finalize()


class _Fields:
    """The fields of a form, read one by one; raises ValueError if they are too many or not text."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self._count = 0
        self._name, self._value = bytearray(), bytearray()

    def parser(self) -> QuerystringParser:
        """Return a parser that hands over what it reads; a name or value may come in several pieces."""
        return QuerystringParser(
            {"on_field_name": self._add_to_name, "on_field_data": self._add_to_value, "on_field_end": self._end}
        )

    def _add_to_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _add_to_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end(self) -> None:
        self._count += 1
        if self._count > MAX_FIELDS:
            raise ValueError("too many fields")
        self.values[_text_of(self._name)] = _text_of(self._value).replace("\r\n", "\n").strip()
        self._name.clear()
        self._value.clear()


def _text_of(encoded: bytearray) -> str:
    """Return the text of a name or value; raise ValueError if it is not UTF-8 or cannot be stored."""
    text = unquote_plus(encoded.decode("ascii"), errors="strict")
    if "\0" in text:
        raise ValueError("a text with a NUL")
    return text


def check_origin(request: Request) -> None:
    """Raise HTTPException 403 if the browser says that another site sent this form."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None and site != "same-origin":
        raise HTTPException(403)
    if site is None and origin is not None and _host_of(origin) != request.headers.get("host"):
        raise HTTPException(403)


def _host_of(origin: str) -> str:
    """Return the host and port of an origin, or an empty text for what is none."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def whole_number(text: str, *, otherwise: int) -> int:
    """Return the number in a text, or `otherwise` if the text is not a whole number of sensible length."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else otherwise


def local_path(target: str, otherwise: str = "/") -> str:
    """Return a path of this site for the redirect after the sign-in; `otherwise` if it could lead elsewhere."""
    is_local = target.startswith("/") and not target.startswith("//") and target.isprintable() and "\\" not in target
    return target if is_local else otherwise
