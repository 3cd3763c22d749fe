"""What intake does: accept a submission once, say how far it has come, follow its case."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from intake_service import store
from intake_service.agencies import KnownAgency, keyed_hash
from intake_service.domain import Accepted, latest_statuses, new_receipt, same_submission
from pipeline_shared.contracts import CaseStatusChanged, SubmissionReceived, SubmissionStatus
from pipeline_shared.sealing import Context, Recipient, seal
from pipeline_shared.submission import SealedContent, Submission
from pipeline_shared.work import Work, new_event_id

SEAL_PURPOSE = "submission.received"


@dataclass(frozen=True, slots=True)
class Sealing:
    """Whom intake seals to, and the key of its HMACs."""

    recipients: tuple[Recipient, ...]
    hmac_key: bytes


async def accept_submission(
    work: Work, submission: Submission, *, agency: KnownAgency, idempotency_key: str, sealing: Sealing
) -> Accepted:
    """Seal and store a submission, or return the one its key already stands for; raise OtherBodyError."""
    submission_ref, status_ref, receipt = uuid4(), uuid4(), new_receipt()
    idempotency_hmac = keyed_hash(sealing.hmac_key, "idempotency-key", idempotency_key.encode())
    body_hmac = keyed_hash(sealing.hmac_key, "body", submission.model_dump_json().encode())
    content = SealedContent(submission=submission, agency=agency.agency, status_ref=status_ref, received_at=work.now)
    sealed = seal(content.model_dump_json().encode(), Context(SEAL_PURPOSE, submission_ref), sealing.recipients)
    added = await store.add_submission(
        work.connection,
        submission_ref,
        agency_id=agency.agency_id,
        idempotency_hmac=idempotency_hmac,
        body_hmac=body_hmac,
        receipt=receipt,
        status_ref=status_ref,
        now=work.now,
    )
    if not added:
        return same_submission(await store.get_by_key(work.connection, agency.agency_id, idempotency_hmac), body_hmac)
    event_id = new_event_id(submission_ref, "submission.received")
    work.publish(
        SubmissionReceived(event_id=event_id, occurred_at=work.now, submission_ref=submission_ref, sealed=sealed)
    )
    work.audit("submission_accepted", actor=f"agency:{agency.agency_id}", subject=str(submission_ref))
    return Accepted(submission_ref, receipt, SubmissionStatus.RECEIVED, work.now, work.now)


async def follow_cases(work: Work, events: Sequence[CaseStatusChanged]) -> None:
    """Move the statuses that agencies see."""
    await store.mark_statuses(work.connection, latest_statuses(events), work.now)
