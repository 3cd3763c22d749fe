"""The rules of intake: when a repeated idempotency key is the same submission, and how a status may change."""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pipeline_shared.language.events import FIRST, CaseStatusChanged
from pipeline_shared.language.vocabulary import SubmissionStatus

GROUP = 8
RECEIPT = re.compile(r"PIP(-[0-9A-F]{8}){4}")


@dataclass(frozen=True, slots=True)
class Accepted:
    """An accepted submission: its references and its status."""

    submission_ref: UUID
    receipt: str
    status: SubmissionStatus
    accepted_at: datetime
    status_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """The stored submission of an agency's idempotency key."""

    accepted: Accepted
    body_hmac: bytes


@dataclass(frozen=True, slots=True)
class NewSubmission:
    """A submission as stored: references and HMACs only."""

    submission_ref: UUID
    agency_id: UUID
    idempotency_hmac: bytes
    body_hmac: bytes
    receipt: str
    status_ref: UUID

    @property
    def key(self) -> tuple[UUID, bytes]:
        """Return the unique key of a submission: the agency and its idempotency key."""
        return self.agency_id, self.idempotency_hmac


class OtherBodyError(Exception):
    """The idempotency key was used before with another body; the first submission stays."""


class TooLargeError(Exception):
    """The sealed submission would be larger than a topic allows, so it must not be accepted."""


def new_receipt() -> str:
    """Return an unguessable receipt: 128 random bits, in groups that can be read out on the telephone."""
    token = secrets.token_hex(16).upper()
    return "PIP-" + "-".join(token[at : at + GROUP] for at in range(0, len(token), GROUP))


def is_receipt(text: str) -> bool:
    """Tell whether a text has the form of a receipt. The database is asked for no other text: it cannot store some."""
    return RECEIPT.fullmatch(text) is not None


def answer(known: Known, body_hmac: bytes) -> Accepted | OtherBodyError:
    """Return the submission of an idempotency key, or OtherBodyError when it was used with another body."""
    return known.accepted if secrets.compare_digest(known.body_hmac, body_hmac) else OtherBodyError()


@dataclass(frozen=True, slots=True)
class CaseStatus:
    """A status that triage reports. `assessment` counts from 1: one more after each reopening of the case."""

    status: SubmissionStatus
    assessment: int = FIRST

    @property
    def is_first_end(self) -> bool:
        """Tell whether the submission is at its end for the first time."""
        is_end = self.status not in {SubmissionStatus.RECEIVED, SubmissionStatus.IN_ASSESSMENT}
        return is_end and self.assessment == FIRST


def latest_statuses(events: Iterable[CaseStatusChanged]) -> dict[UUID, CaseStatus]:
    """Return the last status of the last assessment of each token; within one assessment, events arrive in order."""
    latest = dict[UUID, CaseStatus]()
    for event in events:
        known = latest.get(event.status_token)
        if known is None or event.assessment >= known.assessment:
            latest[event.status_token] = CaseStatus(event.status, event.assessment)
    return latest
