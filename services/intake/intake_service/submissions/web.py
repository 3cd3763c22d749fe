"""Intake's HTTP API: submit, and ask for the status of a submission.

Answers to bad input contain field names and codes, never values. Another agency's receipt and an unknown one get the
same answer.
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
from intake_service.submissions import error_answers, store
from intake_service.submissions.answers import BODY, Progress, Receipt, answers
from intake_service.submissions.domain import Accepted, is_receipt
from intake_service.submissions.error_answers import NotReadyError
from intake_service.submissions.group_commit import GroupCommit
from intake_service.submissions.reading import read_submission
from intake_service.submissions.sealing_keys import SealingKeys
from intake_service.submissions.usecases import seal_submission
from pipeline_shared.runtime.http import problem
from pipeline_shared.runtime.service import Runtime

LONGEST_IDEMPOTENCY_KEY = 128
STAGE = "submit"


@dataclass(frozen=True, slots=True)
class Intake:
    """The parts of intake that requests use."""

    runtime: Runtime
    keys: SealingKeys
    api_key_auth: ApiKeyAuth
    limiter: Limiter
    screeners: Screeners
    group_commit: GroupCommit

    @property
    def is_ready(self) -> bool:
        """Tell whether intake can accept submissions: the keys are confirmed and the screen has started."""
        return self.keys.bundle.is_confirmed and self.screeners.have_started


BEARER = HTTPBearer(auto_error=False, description="The agency's API key: pip_…", scheme_name="agency key")


def intake_of(request: Request) -> Intake:
    """Return the parts of intake that the application was created with."""
    return cast("Intake", request.app.state.intake)


TheIntake = Annotated[Intake, Depends(intake_of)]


async def known_agency(
    intake: TheIntake, presented: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)]
) -> KnownAgency:
    """Return the agency of the API key in the request; raise UnknownAgencyError."""
    return await intake.api_key_auth.identify(presented.credentials if presented else "")


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
    """Submit information. The same idempotency key and body always give the same receipt.

    The cost is one token, and another for every 8 KiB, from the buckets of the agency and of its API key. A repeated
    request costs the same. If a bucket has too few tokens, the answer is 429 with the seconds to wait.
    """
    if not intake.is_ready:
        raise NotReadyError
    if not _is_usable(idempotency_key):
        return problem(400, "idempotency_key", "An Idempotency-Key of 1 to 128 visible ASCII characters is needed")
    body = await request.body()
    began = time.perf_counter()  # the time of a slow sender does not count
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
    accepted = await intake.group_commit.accept(sealed)
    metrics = intake.runtime.metrics
    metrics.stage_seconds.labels(STAGE).observe(time.perf_counter() - began)
    if accepted.submission_ref == sealed.row.submission_ref:  # otherwise a repetition, which is counted already
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
    """Ask for the status of a submission. The limit is five times that of submissions."""
    await intake.limiter.allow_question(agency)
    found = await _find(intake, agency, receipt) if is_receipt(receipt) else None
    if found is None:
        return problem(404, "unknown_receipt", "This agency has no submission with this receipt")
    return JSONResponse(_receipt(found) | {"status_at": found.status_at.isoformat()})


@router.options("", include_in_schema=False)
async def say_how_to_submit() -> Response:
    """Answer with the allowed methods and no CORS headers: a browser may not call, as a key belongs on a server."""
    return Response(status_code=204, headers={"allow": "OPTIONS, POST"})


@router.options("/{receipt}", include_in_schema=False)
async def say_how_to_ask(receipt: str) -> Response:  # noqa: ARG001
    """Answer with the allowed methods, whether or not the receipt exists."""
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
    """Tell whether the content type is plain JSON, since a proxy on the way may trust it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" and request.headers.get("content-encoding", "identity") == "identity"


def add_to(app: FastAPI) -> None:
    """Add the API's routes and its error answers."""
    app.include_router(router)
    error_answers.add_to(app)
