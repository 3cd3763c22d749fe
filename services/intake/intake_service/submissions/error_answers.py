"""Turns failures into HTTP answers: a code and field names, never a value."""

from typing import cast

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from intake_service.agencies.api_key_auth import TooManyUnknownKeysError
from intake_service.agencies.domain import UnknownAgencyError, UnusableAgencyError
from intake_service.agencies.limits import RateLimitedError
from intake_service.screening.screen_process import TooMuchAtOnceError
from intake_service.submissions.domain import OtherBodyError, TooLargeError
from intake_service.submissions.reading import RefusedError
from pipeline_shared.runtime.errors import error_code, is_infrastructure
from pipeline_shared.runtime.http import problem

SOON = {"retry-after": "2"}
TRY_AGAIN = "Not stored: try again with the same key"

log = structlog.get_logger()


class NotReadyError(Exception):
    """The bundle of public keys is not confirmed, or the screen has not started yet."""


async def refuse(_request: Request, error: Exception) -> Response:
    """Answer a failed request without any part of its content."""
    match error:
        case RefusedError():
            status = 422 if error.errors else 400
            return problem(status, error.code, "The submission cannot be accepted as it is", errors=error.errors)
        case OtherBodyError():
            return problem(422, "idempotency_key_reused", "This Idempotency-Key stands for another submission")
        case UnknownAgencyError():
            return problem(401, "unknown_agency", "No agency has this key", headers={"www-authenticate": "Bearer"})
        case TooLargeError():
            return problem(413, "too_large_when_sealed", "The submission is larger than what can be passed on")
        case ClientDisconnect():
            return problem(400, "body_incomplete", "The body did not arrive")  # the client has disconnected
        case RateLimitedError() | TooMuchAtOnceError() | TooManyUnknownKeysError():
            return _too_much(error)
        case _:
            return _not_stored(error)


def _too_much(error: RateLimitedError | TooMuchAtOnceError | TooManyUnknownKeysError) -> Response:
    match error:
        case RateLimitedError():
            headers = {"retry-after": str(error.retry_after)}
            return problem(429, "rate_limited", "This agency sends more than it may: try again later", headers=headers)
        case TooMuchAtOnceError():
            return problem(429, "too_much_at_once", "Too much waits to be screened: try again later", headers=SOON)
        case TooManyUnknownKeysError():
            return problem(429, "too_many_unknown_keys", "Too many keys that no agency has", headers=SOON)


def _not_stored(error: Exception) -> Response:
    match error:
        case NotReadyError():
            return problem(503, "not_ready", TRY_AGAIN, headers=SOON)
        case UnusableAgencyError():
            log.error("agency_unusable")
            return problem(503, "agency_unusable", "This agency's entry must be mended here", headers=SOON)
        # A transaction rolled back by a conflict with another one (SQLSTATE 40) says nothing about the requests in it.
        case _ if is_infrastructure(error) or isinstance(error, asyncpg.TransactionRollbackError):
            return problem(503, "not_stored", TRY_AGAIN, headers=SOON)
        case _:
            log.error("request_failed", error=error_code(error), exc_info=error)
            return problem(500, "internal", "Something is wrong here: try again with the same key")


async def refuse_address(_request: Request, error: Exception) -> Response:
    """Answer requests for unknown addresses and methods."""
    refusal = cast("HTTPException", error)
    return problem(refusal.status_code, "no_such_address", "There is nothing here", headers=dict(refusal.headers or {}))


async def refuse_parameters(_request: Request, _error: Exception) -> Response:
    """Answer requests with invalid headers or paths; FastAPI's own answer would repeat the values."""
    return problem(400, "bad_parameter", "A header or the path cannot be read")


HANDLED: tuple[type[Exception], ...] = (
    RefusedError,
    OtherBodyError,
    TooLargeError,
    UnknownAgencyError,
    UnusableAgencyError,
    RateLimitedError,
    TooMuchAtOnceError,
    TooManyUnknownKeysError,
    NotReadyError,
    ClientDisconnect,
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    Exception,
)


def add_to(app: FastAPI) -> None:
    """Register the answers to all failures."""
    app.add_exception_handler(RequestValidationError, refuse_parameters)
    app.add_exception_handler(HTTPException, refuse_address)
    for error in HANDLED:
        app.add_exception_handler(error, refuse)
