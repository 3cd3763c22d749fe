"""From a body's bytes to a submission, strictly: what two JSON readers could understand differently is refused.

Refusals name fields of the form and a code. They never hold a value, nor the name of a field the form does not have.
"""

import codecs
import json
from typing import NoReturn

from pydantic import ValidationError

from pipeline_shared.submission import Submission

MOST_FIELDS = 3_000  # a form with every row there is, filled in to the last field, has 1,500


class RefusedError(Exception):
    """A body that is no submission: `errors` are pairs of field and code, empty when it is not even JSON."""

    def __init__(self, code: str, errors: list[dict[str, str]] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.errors = errors or []


def read_submission(body: bytes) -> Submission:
    """Return the submission in a body; raise RefusedError."""
    body = body.removeprefix(codecs.BOM_UTF8)
    _require_plain_json(body)
    try:
        return Submission.model_validate_json(body, strict=True)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
        raise RefusedError("invalid_submission", [_refusal(e["type"], e["loc"]) for e in details[:50]]) from None


def _refusal(kind: str, location: tuple[int | str, ...]) -> dict[str, str]:
    if kind == "extra_forbidden":
        return {"field": _path(location[:-1]), "code": "unknown_field"}
    return {"field": _path(location), "code": kind}


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location)


def _require_plain_json(body: bytes) -> None:
    """Refuse duplicate keys, NaN and Infinity, endless numbers, bottomless nesting, and what is not UTF-8."""
    try:
        text = _decode(body)
        json.loads(text, object_pairs_hook=_Fields(), parse_constant=_refuse)
    except RefusedError:
        raise
    except (ValueError, RecursionError):
        raise RefusedError("not_json") from None


def _decode(body: bytes) -> str:
    """Return a body's text; UTF-16 and UTF-32 without a mark have a zero among their first four bytes."""
    if b"\0" in body[:4]:
        raise RefusedError("not_utf8")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise RefusedError("not_utf8") from None


class _Fields:
    """Makes objects of their fields, each field once, and fewer of both than would take long to refuse."""

    def __init__(self) -> None:
        self._left = MOST_FIELDS

    def __call__(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        self._left -= 1 + len(pairs)
        if self._left < 0:
            raise RefusedError("too_many_fields")
        unique = dict(pairs)
        if len(unique) != len(pairs):
            raise RefusedError("duplicate_field")
        return unique


def _refuse(_constant: str) -> NoReturn:
    raise RefusedError("not_json")
