"""The use cases of intake: accept each submission once, report its status, follow its case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from intake_service.agencies.domain import KnownAgency, keyed_hash
from intake_service.screening.screen import Screening, screen
from intake_service.screening.screened_texts import texts_of
from intake_service.submissions import store
from intake_service.submissions.domain import (
    Accepted,
    NewSubmission,
    OtherBodyError,
    TooLargeError,
    answer,
    latest_statuses,
    new_receipt,
)
from intake_service.submissions.status_tokens import StatusTokens
from pipeline_shared.crypto.sealing import Context, Recipient, seal
from pipeline_shared.language.events import CaseStatusChanged, HighSubmissionReceived, SubmissionReceived
from pipeline_shared.language.restricted import RECEIVED_PURPOSE, SealedContent, Submission
from pipeline_shared.language.vocabulary import SafetyLevel
from pipeline_shared.messaging.lanes import lane_of
from pipeline_shared.runtime.work import Work

LARGEST_SEALED = 512 * 1024  # bytes; as base64 in an event it stays well below the limit of a topic


@dataclass(frozen=True, slots=True)
class Sealing:
    """The public keys that intake seals to, and the key of its HMACs."""

    recipients: tuple[Recipient, ...]
    hmac_key: bytes


@dataclass(frozen=True, slots=True)
class SealedSubmission:
    """A sealed submission, ready to be stored."""

    row: NewSubmission
    sealed: bytes
    level: SafetyLevel = SafetyLevel.ORDINARY
    model: str = ""  # the version of the screen's model


def screen_submission(submission: Submission) -> Screening:
    """Screen the texts and answers of a submission before it is sealed (D-T0)."""
    return screen(texts_of(submission), submission.risk)


def seal_submission(
    submission: Submission,
    agency: KnownAgency,
    *,
    screening: Screening,
    idempotency_key: str,
    sealing: Sealing,
    now: datetime,
) -> SealedSubmission:
    """Return a submission sealed to the sanitiser, with new references; raise TooLargeError."""
    row = NewSubmission(
        submission_ref=uuid4(),
        agency_id=agency.agency_id,
        idempotency_hmac=keyed_hash(sealing.hmac_key, "idempotency-key", idempotency_key.encode()),
        body_hmac=keyed_hash(sealing.hmac_key, "body", submission.model_dump_json().encode()),
        receipt=new_receipt(),
        status_ref=uuid4(),
    )
    content = SealedContent(
        submission=submission,
        agency=agency.agency,
        status_token=StatusTokens(sealing.hmac_key).seal(row.status_ref),
        received_at=now,
        safety=screening.hits,
    )
    context = Context(RECEIVED_PURPOSE, row.submission_ref)
    sealed = seal(content.model_dump_json().encode(), context, sealing.recipients)
    if len(sealed) > LARGEST_SEALED:
        raise TooLargeError
    return SealedSubmission(row, sealed, screening.level, screening.model)


async def accept_submissions(work: Work, batch: Sequence[SealedSubmission]) -> list[Accepted | OtherBodyError]:
    """Store new submissions; return, for each, the submission of its idempotency key or its refusal."""
    stored = await store.add_submissions(work.connection, [item.row for item in batch], work.now)
    for item in batch:
        if item.row.submission_ref in stored:
            _publish(work, item)
    known = await store.list_by_keys(work.connection, [item.row.key for item in batch])
    return [answer(known[item.row.key], item.row.body_hmac) for item in batch]


def _publish(work: Work, item: SealedSubmission) -> None:
    ref = item.row.submission_ref
    event_id = work.derive_id(ref, "submission.received")
    if item.level is SafetyLevel.ORDINARY:
        event = SubmissionReceived(event_id=event_id, occurred_at=work.now, submission_ref=ref, sealed=item.sealed)
    else:
        event = HighSubmissionReceived(
            event_id=event_id,
            occurred_at=work.now,
            submission_ref=ref,
            sealed=item.sealed,
            level=item.level,
            model=item.model,
        )
    work.publish(event, lane=lane_of(item.level, item.row.agency_id))
    work.audit("submission_accepted", actor=f"agency:{item.row.agency_id}", subject=str(ref))


async def follow_cases(work: Work, events: Sequence[CaseStatusChanged], *, tokens: StatusTokens) -> None:
    """Update the statuses that agencies see. A foreign token opens to a reference that no submission has."""
    statuses = {tokens.open(token): status for token, status in latest_statuses(events).items()}
    for marked, accepted_at in await store.mark_statuses(work.connection, statuses, work.now):
        if marked.is_first_end:
            work.end(marked.status, work.now - accepted_at)
