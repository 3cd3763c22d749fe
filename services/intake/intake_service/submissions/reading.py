"""Reads a submission from a body's bytes, strictly: refuses a body that two JSON readers could read differently."""

import codecs
import json
import re
from typing import NoReturn

from pydantic import ValidationError

from pipeline_shared.language.restricted import Submission

_SURROGATE = re.compile("[\ud800-\udfff]")
MOST_FIELDS = 3_000  # a form with all possible rows and fields has 1,500


class RefusedError(Exception):
    """The body is not a valid submission. `errors` are pairs of field and code; empty when the body is not JSON."""

    def __init__(self, code: str, errors: list[dict[str, str]] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.errors = errors or []


def read_submission(body: bytes) -> Submission:
    """Return the submission in a body; raise RefusedError."""
    body = body.removeprefix(codecs.BOM_UTF8)
    fields = _require_plain_json(body)
    try:
        return Submission.model_validate_json(body, strict=True)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
        if details[0]["type"] == "json_invalid":
            raise _strictly_refused(fields) from None
        raise RefusedError("invalid_submission", [_refusal(e["type"], e["loc"]) for e in details[:50]]) from None


def _holds_half_a_pair(value: object) -> bool:
    """Tell whether a text contains half a surrogate pair (an escape such as D83D alone), which is not a character."""
    return _SURROGATE.search(json.dumps(value, ensure_ascii=False)) is not None


def _strictly_refused(fields: object) -> RefusedError:
    """Return the refusal when only the stricter of the two readers refuses, with the field of the form."""
    if not _holds_half_a_pair(fields):
        return RefusedError("not_json")  # nested too deeply
    known = ((name, fields.get(name)) for name in Submission.model_fields) if isinstance(fields, dict) else ()
    field = next((name for name, value in known if _holds_half_a_pair(value)), "")
    return RefusedError("invalid_submission", [{"field": field, "code": "forbidden_character"}])


def _refusal(kind: str, location: tuple[int | str, ...]) -> dict[str, str]:
    if kind == "extra_forbidden":
        return {"field": _path(location[:-1]), "code": "unknown_field"}
    return {"field": _path(location), "code": kind}


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location)


def _require_plain_json(body: bytes) -> object:
    """Return a parsed body; refuse repeated keys, NaN, huge numbers, deep nesting, and bytes that are not UTF-8."""
    try:
        text = _decode(body)
        return json.loads(text, object_pairs_hook=_Fields(), parse_constant=_refuse)
    except RefusedError:
        raise
    except (ValueError, RecursionError):
        raise RefusedError("not_json") from None


def _decode(body: bytes) -> str:
    """Return the text of a body. UTF-16 and UTF-32 without a byte order mark have a zero in the first four bytes."""
    if b"\0" in body[:4]:
        raise RefusedError("not_utf8")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise RefusedError("not_utf8") from None


class _Fields:
    """Builds JSON objects; refuses repeated fields, and more objects and fields than a form can have."""

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
