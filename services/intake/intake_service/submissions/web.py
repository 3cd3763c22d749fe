"""Intake's HTTP API: submit, and ask how far a submission has come.

Answers to bad input name fields and codes, never values. Another agency's receipt and one that never was look the same.
"""

import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated, cast

from fastapi import APIRouter, Depends, FastAPI, Header, Request, Security
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.responses import Response

from intake_service.agencies.api_key_auth import ApiKeyAuth
from intake_service.agencies.domain import KnownAgency
from intake_service.agencies.limiter import Limiter
from intake_service.agencies.limits import cost_of
from intake_service.screening.advice import advise
from intake_service.screening.screen_process import Screeners
from intake_service.submissions import refusing, store
from intake_service.submissions.answers import BODY, Progress, Receipt, answers
from intake_service.submissions.domain import Accepted, is_receipt
from intake_service.submissions.group_commit import GroupCommit
from intake_service.submissions.reading import read_submission
from intake_service.submissions.refusing import NotReadyError
from intake_service.submissions.sealing_keys import SealingKeys
from intake_service.submissions.usecases import seal_submission
from pipeline_shared.runtime.http import problem
from pipeline_shared.runtime.service import Runtime

LONGEST_IDEMPOTENCY_KEY = 128
STAGE = "submit"


@dataclass(frozen=True, slots=True)
class Intake:
    """What requests are answered with."""

    runtime: Runtime
    keys: SealingKeys
    directory: ApiKeyAuth
    limiter: Limiter
    screeners: Screeners
    gathering: GroupCommit

    @property
    def is_ready(self) -> bool:
        """Tell whether anything may be accepted: keys that may be sealed to, and a screen."""
        return self.keys.bundle.is_confirmed and self.screeners.have_started


BEARER = HTTPBearer(auto_error=False, description="The agency's API key: pip_…", scheme_name="agency key")


def intake_of(request: Request) -> Intake:
    """Return what the application was made with."""
    return cast("Intake", request.app.state.intake)


TheIntake = Annotated[Intake, Depends(intake_of)]


async def known_agency(
    intake: TheIntake, presented: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)]
) -> KnownAgency:
    """Return the agency whose API key the request carries; raise UnknownAgencyError."""
    return await intake.directory.identify(presented.credentials if presented else "")


TheAgency = Annotated[KnownAgency, Depends(known_agency)]

router = APIRouter(prefix="/v1/submissions", tags=["submissions"])


@router.post(
    "",
    summary="Submit what you know",
    status_code=202,
    response_model=Receipt,
    responses=answers(400, 401, 408, 413, 415, 422, 429, 503),
    openapi_extra=BODY,
)
async def submit(
    request: Request,
    intake: TheIntake,
    agency: TheAgency,
    idempotency_key: Annotated[str, Header(description="Up to 128 visible ASCII characters, one per submission")] = "",
) -> Response:
    """Submit what you know. The same key and body give the same receipt, however often they are sent.

    It costs a token, and another for every 8 KiB, of the agency's bucket and of its key's, a repetition as much as the
    first time. When they are empty the answer is 429, with the seconds until there is enough for this request.
    """
    if not intake.is_ready:
        raise NotReadyError
    if not _is_usable(idempotency_key):
        return problem(400, "idempotency_key", "An Idempotency-Key of 1 to 128 visible ASCII characters is needed")
    body = await request.body()
    began = time.perf_counter()  # a slow sender is not our time
    if not _is_plain_json(request):
        return problem(415, "not_declared_as_json", "The body must be declared as application/json, without encoding")
    await intake.limiter.allow_submission(agency, cost_of(body))
    submission = read_submission(body)
    screening = await intake.screeners.screen(agency.agency_id, submission)
    sealed = seal_submission(
        submission,
        agency,
        screening=screening,
        idempotency_key=idempotency_key,
        sealing=intake.keys.sealing,
        now=datetime.now(UTC),
    )
    accepted = await intake.gathering.accept(sealed)
    metrics = intake.runtime.metrics
    metrics.stage_seconds.labels(STAGE).observe(time.perf_counter() - began)
    if accepted.submission_ref == sealed.row.submission_ref:  # else it repeats one that is counted
        metrics.accepted.inc()
    advice = [asdict(each) for each in advise(screening)]
    return JSONResponse(_receipt(accepted) | {"advice": advice}, 202)


@router.get(
    "/{receipt}",
    summary="Ask how far a submission has come",
    response_model=Progress,
    responses=answers(400, 401, 404, 429, 503),
)
async def ask(intake: TheIntake, agency: TheAgency, receipt: str) -> Response:
    """Ask how far a submission has come; five times as many questions as submissions are answered."""
    await intake.limiter.allow_question(agency)
    found = await _find(intake, agency, receipt) if is_receipt(receipt) else None
    if found is None:
        return problem(404, "unknown_receipt", "This agency has no submission with this receipt")
    return JSONResponse(_receipt(found) | {"status_at": found.status_at.isoformat()})


@router.options("", include_in_schema=False)
async def say_how_to_submit() -> Response:
    """Say which methods there are, and by saying no more that no browser may use them: a key belongs in a server."""
    return Response(status_code=204, headers={"allow": "OPTIONS, POST"})


@router.options("/{receipt}", include_in_schema=False)
async def say_how_to_ask(receipt: str) -> Response:  # noqa: ARG001
    """Say which methods there are; whether there is such a receipt is not said."""
    return Response(status_code=204, headers={"allow": "GET, OPTIONS"})


async def _find(intake: Intake, agency: KnownAgency, receipt: str) -> Accepted | None:
    async with intake.runtime.pool.acquire() as connection:
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


def add_to(app: FastAPI) -> None:
    """Add the API's routes and its answers to errors."""
    app.include_router(router)
    refusing.add_to(app)
