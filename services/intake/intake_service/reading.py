"""From a body's bytes to a submission, strictly: what two JSON readers could understand differently is refused.

Refusals name fields of the form and a code. They never hold a value, nor the name of a field the form does not have.
"""

import json
from typing import NoReturn

from pydantic import ValidationError

from pipeline_shared.submission import Submission


class RefusedError(Exception):
    """A body that is no submission: `errors` are pairs of field and code, empty when it is not even JSON."""

    def __init__(self, code: str, errors: list[dict[str, str]] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.errors = errors or []


def read_submission(body: bytes) -> Submission:
    """Return the submission in a body; raise RefusedError."""
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
        json.loads(body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse)
    except RefusedError:
        raise
    except (ValueError, RecursionError):
        raise RefusedError("not_json") from None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        raise RefusedError("duplicate_field")
    return unique


def _refuse(_constant: str) -> NoReturn:
    raise RefusedError("not_json")
