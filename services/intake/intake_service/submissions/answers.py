"""The answers of intake's API, as described in the OpenAPI document."""

from datetime import datetime
from typing import Any

from intake_service.screening.advice import AdviceCode
from intake_service.submissions.examples import EXAMPLES
from pipeline_shared.language.texts import Model
from pipeline_shared.language.vocabulary import SubmissionStatus


class SafetyAdvice(Model):
    """Advice for the submitter, to show at once on screen: this portal replaces neither 999 nor a referral (D-T0)."""

    code: AdviceCode
    text: str


class Receipt(Model):
    """The answer to a submission. Keep the receipt: it is the only way to ask about the submission."""

    receipt: str
    status: SubmissionStatus
    accepted_at: datetime
    advice: tuple[SafetyAdvice, ...] = ()


class Progress(Model):
    """The status of a submission, and nothing else (D-T6). If its case is reopened, it is in assessment again."""

    receipt: str
    status: SubmissionStatus
    accepted_at: datetime
    status_at: datetime


class Refusal(Model):
    """The reason for a refusal: a code and the names of the fields concerned, never their values."""

    type: str
    status: int
    code: str
    title: str
    errors: tuple[dict[str, str], ...] = ()


REFUSAL = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
RETRY_AFTER = {"Retry-After": {"description": "Seconds after which to try again", "schema": {"type": "integer"}}}
REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"description": meaning, "content": REFUSAL} | ({"headers": RETRY_AFTER} if status in {429, 503} else {})
    for status, meaning in {
        400: "Not JSON in UTF-8, or no usable Idempotency-Key",
        401: "No agency has this key",
        404: "This agency has no submission with this receipt",
        408: "The body did not arrive in time",
        413: "The body is too large, or would be once it is sealed",
        415: "The body is not declared as plain application/json",
        422: "The form is not filled in as it must be, or the key stands for another body",
        429: (
            "Nothing stored: this agency or this key sends more than it may, or more at once than can be screened. "
            "Try again with the same Idempotency-Key after Retry-After seconds"
        ),
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


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the descriptions of the refusals with these statuses."""
    return {status: REFUSALS[status] for status in statuses}
