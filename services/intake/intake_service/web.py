"""Intake's HTTP API: submit, and ask how far a submission has come.

Answers to bad input name fields and codes, never values. Another agency's receipt and one that never was look the same.
"""

import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, cast

import asyncpg
import structlog
from fastapi import APIRouter, Depends, FastAPI, Header, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from intake_service import store
from intake_service.agencies import KnownAgency
from intake_service.directory import Directory, UnknownAgencyError
from intake_service.domain import Accepted, OtherBodyError, is_receipt
from intake_service.examples import EXAMPLES
from intake_service.gathering import Gathering
from intake_service.reading import RefusedError, read_submission
from intake_service.screening.advice import AdviceCode, advise
from intake_service.sealing_keys import SealingKeys
from intake_service.usecases import screen_submission, seal_submission
from pipeline_shared.contracts import SubmissionStatus
from pipeline_shared.errors import error_code, is_infrastructure
from pipeline_shared.http import problem
from pipeline_shared.service import Runtime
from pipeline_shared.submission import Model

LONGEST_IDEMPOTENCY_KEY = 128
STAGE = "submit"
RETRY_AFTER = {"retry-after": "2"}

log = structlog.get_logger()


class SafetyAdvice(Model):
    """What to tell the submitter at once, on screen: this portal replaces neither 999 nor a referral (D-T0)."""

    code: AdviceCode
    text: str


class Receipt(Model):
    """The answer to a submission: keep the receipt, it is the only way to ask about it."""

    receipt: str
    status: SubmissionStatus
    accepted_at: datetime
    advice: tuple[SafetyAdvice, ...] = ()


class Progress(Model):
    """How far a submission has come: status only (D-T6)."""

    receipt: str
    status: SubmissionStatus
    accepted_at: datetime
    status_at: datetime


class Refusal(Model):
    """Why a request was refused: a code, and the fields it is about; never what they held."""

    type: str
    status: int
    code: str
    title: str
    errors: tuple[dict[str, str], ...] = ()


class NotReadyError(Exception):
    """The bundle of public keys is not confirmed: not yet, or no longer."""


BEARER = HTTPBearer(auto_error=False, description="The agency's API key: pip_…", scheme_name="agency key")


async def known_agency(
    request: Request, presented: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)]
) -> KnownAgency:
    """Return the agency whose API key the request carries; raise UnknownAgencyError."""
    directory = cast("Directory", request.app.state.directory)
    return await directory.identify(presented.credentials if presented else "")


def _runtime(request: Request) -> Runtime:
    return cast("Runtime", request.app.state.runtime)


def _keys(request: Request) -> SealingKeys:
    return cast("SealingKeys", request.app.state.keys)


def _gathering(request: Request) -> Gathering:
    return cast("Gathering", request.app.state.gathering)


TheAgency = Annotated[KnownAgency, Depends(known_agency)]
REFUSAL = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"description": meaning, "content": REFUSAL}
    for status, meaning in {
        400: "Not JSON, or no usable Idempotency-Key",
        401: "No agency has this key",
        404: "This agency has no submission with this receipt",
        408: "The body did not arrive in time",
        413: "The body is too large",
        415: "The body is not declared as plain application/json",
        422: "The form is not filled in as it must be, or the key stands for another body",
        503: "Not stored: try again with the same key",
    }.items()
}
BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Submission"}, "examples": EXAMPLES},
        },
    }
}

router = APIRouter(prefix="/v1/submissions", tags=["submissions"])


def _answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: REFUSALS[status] for status in statuses}


@router.post(
    "",
    summary="Submit what you know",
    status_code=202,
    response_model=Receipt,
    responses=_answers(400, 401, 408, 413, 415, 422, 503),
    openapi_extra=BODY,
)
async def submit(
    request: Request,
    agency: TheAgency,
    idempotency_key: Annotated[str, Header(description="Up to 128 visible ASCII characters, one per submission")] = "",
) -> Response:
    """Submit what you know. The same key and body give the same receipt, however often they are sent."""
    keys, metrics = _keys(request), _runtime(request).metrics
    if not keys.bundle.is_confirmed:
        raise NotReadyError
    if not _is_usable(idempotency_key):
        return problem(400, "idempotency_key", "An Idempotency-Key of 1 to 128 visible ASCII characters is needed")
    body = await request.body()
    began = time.perf_counter()  # a slow sender is not our time
    if not _is_plain_json(request):
        return problem(415, "not_declared_as_json", "The body must be declared as application/json, without encoding")
    submission = read_submission(body)
    screening = screen_submission(submission)
    sealed = seal_submission(
        submission,
        agency,
        screening=screening,
        idempotency_key=idempotency_key,
        sealing=keys.sealing,
        now=datetime.now(UTC),
    )
    accepted = await _gathering(request).accept(sealed)
    metrics.stage_seconds.labels(STAGE).observe(time.perf_counter() - began)
    if accepted.submission_ref == sealed.row.submission_ref:  # else it repeats one that is counted
        metrics.accepted.inc()
    advice = [asdict(each) for each in advise(screening)]
    return JSONResponse(_receipt(accepted) | {"advice": advice}, 202)


@router.get(
    "/{receipt}",
    summary="Ask how far a submission has come",
    response_model=Progress,
    responses=_answers(400, 401, 404, 503),
)
async def ask(request: Request, agency: TheAgency, receipt: str) -> Response:
    """Ask how far a submission has come."""
    found = await _find(request, agency, receipt) if is_receipt(receipt) else None
    if found is None:
        return problem(404, "unknown_receipt", "This agency has no submission with this receipt")
    return JSONResponse(_receipt(found) | {"status_at": found.status_at.isoformat()})


async def _find(request: Request, agency: KnownAgency, receipt: str) -> Accepted | None:
    async with _runtime(request).pool.acquire() as connection:
        return await store.find_by_receipt(connection, agency.agency_id, receipt)


def _is_usable(key: str) -> bool:
    return 0 < len(key) <= LONGEST_IDEMPOTENCY_KEY and key.isascii() and key.isprintable()


def _receipt(accepted: Accepted) -> dict[str, str]:
    return {
        "receipt": accepted.receipt,
        "status": accepted.status,
        "accepted_at": accepted.accepted_at.isoformat(),
    }


def _is_plain_json(request: Request) -> bool:
    """Tell whether the body says that it is what is read: another reader on the way may believe what it says."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" and request.headers.get("content-encoding", "identity") == "identity"


async def refuse(_request: Request, error: Exception) -> Response:
    """Answer for whatever a request ran into, without a word of what it held."""
    match error:
        case RefusedError():
            status = 422 if error.errors else 400
            return problem(status, error.code, "The submission cannot be accepted as it is", errors=error.errors)
        case OtherBodyError():
            return problem(422, "idempotency_key_reused", "This Idempotency-Key stands for another submission")
        case UnknownAgencyError():
            return problem(401, "unknown_agency", "No agency has this key", headers={"www-authenticate": "Bearer"})
        case ClientDisconnect():
            return problem(400, "body_incomplete", "The body did not arrive")  # to nobody: the client has gone
        case NotReadyError():
            return problem(503, "not_ready", "Not stored: try again with the same key", headers=RETRY_AFTER)
        # A transaction that lost against another (SQLSTATE 40) says nothing about any request in it.
        case _ if is_infrastructure(error) or isinstance(error, asyncpg.TransactionRollbackError):
            return problem(503, "not_stored", "Not stored: try again with the same key", headers=RETRY_AFTER)
        case _:
            log.error("request_failed", error=error_code(error), exc_info=error)
            return problem(500, "internal", "Something is wrong here: try again with the same key")


async def refuse_address(_request: Request, error: Exception) -> Response:
    """Answer for addresses and methods that do not exist."""
    refusal = cast("HTTPException", error)
    return problem(refusal.status_code, "no_such_address", "There is nothing here", headers=dict(refusal.headers or {}))


async def refuse_parameters(_request: Request, _error: Exception) -> Response:
    """Answer for headers and paths that cannot be read; FastAPI's own answer would repeat them."""
    return problem(400, "bad_parameter", "A header or the path cannot be read")


HANDLED: tuple[type[Exception], ...] = (
    RefusedError,
    OtherBodyError,
    UnknownAgencyError,
    NotReadyError,
    ClientDisconnect,
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    Exception,
)


def add_to(app: FastAPI) -> None:
    """Add the API's routes and its answers to errors."""
    app.include_router(router)
    app.add_exception_handler(RequestValidationError, refuse_parameters)
    app.add_exception_handler(HTTPException, refuse_address)
    for error in HANDLED:
        app.add_exception_handler(error, refuse)
