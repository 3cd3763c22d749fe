"""Every event that crosses a topic: frozen, versioned by its type, unknown fields refused.

No event after intake's own has a field that could hold a source, a submitter or an agency's name, and intake's hold
them only as ciphertext (D-S1, D-S6).
"""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, PlainSerializer, PlainValidator, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from pipeline_shared.language.content import RiskAnswers, Subjects
from pipeline_shared.language.encoding import decode_base64, encode_base64
from pipeline_shared.language.sanitised import SanitisedContent
from pipeline_shared.language.texts import Model
from pipeline_shared.language.vocabulary import AgencyCategory, Category, Priority, SafetyReason, SubmissionStatus


def _ciphertext(value: object) -> bytes:
    try:
        return value if isinstance(value, bytes) else decode_base64(str(value))
    except ValueError:
        raise PydanticCustomError("base64", "not base64") from None


Ciphertext = Annotated[
    bytes,
    PlainValidator(_ciphertext),
    PlainSerializer(encode_base64, return_type=str),
    WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
]


class Event(Model):
    """Base of every event: an id that makes it happen once, and the time of the fact it states."""

    event_id: UUID
    occurred_at: AwareDatetime


class Received(Event):
    """Intake accepted a submission; its content is sealed to the sanitiser."""

    submission_ref: UUID
    sealed: Ciphertext


class SubmissionReceived(Received):
    """A submission in which the safety screen found nothing."""

    type: Literal["submission.received.v1"] = "submission.received.v1"


class HighSubmissionReceived(Received):
    """A submission in which the safety screen found something: it travels apart, before any backlog (D-T0)."""

    type: Literal["submission.received.high.v1"] = "submission.received.high.v1"


class SubmissionSanitised(Event):
    """The sanitiser took the source out of a submission, or a vetted person released it.

    `flag_id` is that of the submission's safety flag, if there is one. `status_token` is intake's to open.
    """

    type: Literal["submission.sanitised.v1"] = "submission.sanitised.v1"
    source_ref: UUID
    flag_id: UUID
    status_token: UUID
    agency_category: AgencyCategory
    received_on: date
    content: SanitisedContent
    released_by_person: bool
    safety: tuple[SafetyReason, ...] = ()

    @model_validator(mode="after")
    def _exact_times_were_released_by_a_person(self) -> Self:
        if self.content.has_exact_time and not self.released_by_person:
            raise PydanticCustomError("exact_time", "an exact time goes onward only when a person has let it stand")
        return self


class SafetyPreview(Model):
    """What an officer may see of a HIGH submission before its text has been sanitised: nothing written freely.

    `phrases` are the words that the screen matched, every name and free word among them masked. `district` is the
    outward half of postcodes. What had to be left out altogether is named in `withheld`.
    """

    category: Category | None = None
    agency_category: AgencyCategory | None = None
    risk: RiskAnswers = RiskAnswers()
    subjects: Subjects = Subjects()
    district: str = ""
    phrases: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()


class SafetyFlagged(Event):
    """Somebody may be at risk: an officer must see it now, whatever becomes of the submission (D-T0).

    `preview` holds what was chosen on the form and nothing else: nobody has looked at a text yet. What the texts say
    follows as `SafetyPreviewed`. `flag_id` joins both to the case that the
    submission becomes; only the sanitiser can tell of which submission it is.
    """

    type: Literal["safety.flagged.v1"] = "safety.flagged.v1"
    flag_id: UUID
    reasons: tuple[SafetyReason, ...]
    preview: SafetyPreview


class SafetyPreviewed(Event):
    """What an officer may see of a flagged submission's texts; it takes the place of the flag's own preview (D-T0)."""

    type: Literal["safety.previewed.v1"] = "safety.previewed.v1"
    flag_id: UUID
    preview: SafetyPreview


class RuleTrace(Model):
    """Which version of the rules recommended, and which row fired: the explanation that travels with a record."""

    table_version: str
    table_hash: str
    fired: str


class CaseDecided(Event):
    """An officer decided that a case is to be recorded; `record_ref` is the reference the police system sees (D-S1)."""

    type: Literal["case.decided.v1"] = "case.decided.v1"
    case_id: UUID
    record_ref: UUID
    content: SanitisedContent
    agency_category: AgencyCategory
    received_on: date
    priority: Priority
    reason: str
    rules: RuleTrace


class CaseStatusChanged(Event):
    """A case moved on as far as its submitter may know; only intake can open `status_token`.

    `occurred_at` is the start of the day: the minute is nobody's to join (D-S6).
    """

    type: Literal["case.status.v1"] = "case.status.v1"
    status_token: UUID
    status: SubmissionStatus


class TransferConfirmed(Event):
    """The police system holds the record; its reference is the receipt."""

    type: Literal["transfer.confirmed.v1"] = "transfer.confirmed.v1"
    case_id: UUID
    record_ref: UUID
    police_reference: Annotated[str, Field(min_length=1, max_length=100)]
