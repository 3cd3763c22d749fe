"""An opened submission, with its ids on the open side, whether the worker publishes it or the desk releases it.

The worker seals a held submission to the desk's key, under a purpose of its own. The desk therefore needs only its own
key. The worker cannot open what it has sealed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey
from pydantic import Field, ValidationError

from pipeline_shared.crypto.sealing import Context, Recipient, SealError, open_sealed, seal
from pipeline_shared.language.events import SubmissionSanitised
from pipeline_shared.language.local_time import day_of
from pipeline_shared.language.restricted import SealedContent
from pipeline_shared.language.sanitised import SanitisedContent
from pipeline_shared.language.texts import Model
from pipeline_shared.language.vocabulary import SafetyLevel, SafetyReason
from pipeline_shared.runtime.errors import PermanentError

HELD_PURPOSE = "held.submission"

PrivateKeys = Mapping[str, MLKEM768X25519PrivateKey]


def _level_from_before(content: SealedContent) -> SafetyLevel:
    return SafetyLevel.NOW if content.safety else SafetyLevel.ORDINARY


class OpenSubmission(Model):
    """The content with its source. `event_id` is the id of its `SubmissionSanitised` event.

    One that was held before there were levels has the level NOW if the safety screen gave a reason.
    """

    content: SealedContent
    source_ref: UUID
    flag_id: UUID
    event_id: UUID
    level: SafetyLevel = Field(default_factory=lambda known: _level_from_before(known["content"]))

    def onward(self, content: SanitisedContent, at: datetime, *, by_person: bool = False) -> SubmissionSanitised:
        """Return the event that publishes the sanitised content."""
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
            level=self.level,
        )


def seal_held(submission_ref: UUID, submission: OpenSubmission, desk: Sequence[Recipient]) -> bytes:
    """Seal a submission to the desk and bind the ciphertext to its reference."""
    return seal(submission.model_dump_json().encode(), Context(HELD_PURPOSE, submission_ref), desk)


def open_held(submission_ref: UUID, sealed: bytes, keys: PrivateKeys) -> OpenSubmission:
    """Open a held submission; raise PermanentError if it cannot be opened or read."""
    try:
        return OpenSubmission.model_validate_json(open_sealed(sealed, Context(HELD_PURPOSE, submission_ref), keys))
    except SealError:
        raise PermanentError("cannot_be_opened") from None
    except ValidationError:
        raise PermanentError("unreadable_submission") from None


def reasons_of(content: SealedContent) -> tuple[SafetyReason, ...]:
    """Return the reasons of the safety screen, each once."""
    return tuple(dict.fromkeys(hit.reason for hit in content.safety))
