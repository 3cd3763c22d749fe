"""What intake decides: whether a repeated key is the same submission, and what its status may become."""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pipeline_shared.language.events import CaseStatusChanged
from pipeline_shared.language.vocabulary import SubmissionStatus

GROUP = 8
RECEIPT = re.compile(r"PIP(-[0-9A-F]{8}){4}")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A submission that intake answers for: its references and how far it has come."""

    submission_ref: UUID
    receipt: str
    status: SubmissionStatus
    accepted_at: datetime
    status_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored under an agency's idempotency key."""

    accepted: Accepted
    body_hmac: bytes


@dataclass(frozen=True, slots=True)
class NewSubmission:
    """A submission as it is stored: references and HMACs only."""

    submission_ref: UUID
    agency_id: UUID
    idempotency_hmac: bytes
    body_hmac: bytes
    receipt: str
    status_ref: UUID

    @property
    def key(self) -> tuple[UUID, bytes]:
        """Return what may exist once: the agency and its idempotency key."""
        return self.agency_id, self.idempotency_hmac


class OtherBodyError(Exception):
    """The idempotency key was used before with another body; the first submission stands."""


class TooLargeError(Exception):
    """Sealed, the submission would be larger than a topic takes: nobody must be told that it was accepted."""


def new_receipt() -> str:
    """Return an unguessable receipt: 128 random bits, in groups that can be read out on the telephone."""
    token = secrets.token_hex(16).upper()
    return "PIP-" + "-".join(token[at : at + GROUP] for at in range(0, len(token), GROUP))


def is_receipt(text: str) -> bool:
    """Tell whether a text could be a receipt: no other is asked of the database, which cannot even hold some."""
    return RECEIPT.fullmatch(text) is not None


def answer(known: Known, body_hmac: bytes) -> Accepted | OtherBodyError:
    """Return the submission that a key stands for, or the refusal when it stands for another body."""
    return known.accepted if secrets.compare_digest(known.body_hmac, body_hmac) else OtherBodyError()


def is_end(status: SubmissionStatus) -> bool:
    """Tell whether a submission has come to its end: this status never moves."""
    return status not in {SubmissionStatus.RECEIVED, SubmissionStatus.IN_ASSESSMENT}


def latest_statuses(events: Iterable[CaseStatusChanged]) -> dict[UUID, SubmissionStatus]:
    """Return each token's last status: events of one token arrive in order."""
    return {event.status_token: event.status for event in events}
