"""A submission in clear, with the references under which it goes onward whoever lets it go.

The worker makes it, and seals what it holds to the desk's key, under a purpose of its own. So the desk needs neither
the worker's key, nor its secret for ids, nor another table; and the worker cannot open again what it has sealed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey
from pydantic import ValidationError

from pipeline_shared.crypto.sealing import Context, Recipient, SealError, open_sealed, seal
from pipeline_shared.language.events import SubmissionSanitised
from pipeline_shared.language.local_time import day_of
from pipeline_shared.language.restricted import SealedContent
from pipeline_shared.language.sanitised import SanitisedContent
from pipeline_shared.language.texts import Model
from pipeline_shared.language.vocabulary import SafetyReason
from pipeline_shared.runtime.errors import PermanentError

HELD_PURPOSE = "held.submission"

PrivateKeys = Mapping[str, MLKEM768X25519PrivateKey]


class OpenSubmission(Model):
    """What was said and who said it; `event_id` is that of the one event by which it goes onward."""

    content: SealedContent
    source_ref: UUID
    flag_id: UUID
    event_id: UUID

    def onward(self, content: SanitisedContent, at: datetime, *, by_person: bool = False) -> SubmissionSanitised:
        """Return the event by which sanitised content goes onward."""
        return SubmissionSanitised(
            event_id=self.event_id,
            occurred_at=at,
            source_ref=self.source_ref,
            flag_id=self.flag_id,
            status_token=self.content.status_token,
            agency_category=self.content.agency.category,
            received_on=day_of(self.content.received_at),
            content=content,
            released_by_person=by_person,
            safety=reasons_of(self.content),
        )


def seal_held(submission_ref: UUID, submission: OpenSubmission, desk: Sequence[Recipient]) -> bytes:
    """Return a submission sealed to the desk, bound to its reference."""
    return seal(submission.model_dump_json().encode(), Context(HELD_PURPOSE, submission_ref), desk)


def open_held(submission_ref: UUID, sealed: bytes, keys: PrivateKeys) -> OpenSubmission:
    """Return a held submission in clear; raise PermanentError when it cannot be opened or read."""
    try:
        return OpenSubmission.model_validate_json(open_sealed(sealed, Context(HELD_PURPOSE, submission_ref), keys))
    except SealError:
        raise PermanentError("cannot_be_opened") from None
    except ValidationError:
        raise PermanentError("unreadable_submission") from None


def reasons_of(content: SealedContent) -> tuple[SafetyReason, ...]:
    """Return why the safety screen fired, each reason once."""
    return tuple(dict.fromkeys(hit.reason for hit in content.safety))
