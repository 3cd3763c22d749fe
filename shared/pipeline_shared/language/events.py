"""Every event on a topic: frozen, versioned by its type, unknown fields refused.

Only intake's own events carry a source, a submitter or the name of an agency, and only as ciphertext. Later events have
no field for them (D-S1, D-S6).
"""

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, PlainSerializer, PlainValidator, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from pipeline_shared.language.content import RiskAnswers, Subjects
from pipeline_shared.language.encoding import decode_base64, encode_base64
from pipeline_shared.language.sanitised import SanitisedContent
from pipeline_shared.language.texts import Model
from pipeline_shared.language.vocabulary import (
    AgencyCategory,
    Category,
    Priority,
    SafetyLevel,
    SafetyReason,
    SubmissionStatus,
)


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


# The reference of a person who signed in, an opaque id: never a name or an address, and never a service or an operator.
PERSON_REF = "^person:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
PersonRef = Annotated[str, Field(pattern=PERSON_REF)]

# The levels that are flagged. An event from before there were levels told of somebody at risk now.
FlagLevel = Literal[SafetyLevel.NOW, SafetyLevel.SOON]
# The version of the model that the safety screen used. It stands in clear, so it has room for nothing else.
ModelVersion = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:+-]{0,64}$")]


FIRST = 1  # the assessment of a case that was never reopened


def _is_first(assessment: int) -> bool:
    return assessment == FIRST


class Event(Model):
    """Base of every event: an id that limits it to one effect, and the time of the reported fact."""

    event_id: UUID
    occurred_at: AwareDatetime


class Received(Event):
    """Intake accepted a submission; its content is sealed to the sanitiser."""

    submission_ref: UUID
    sealed: Ciphertext


class SubmissionReceived(Received):
    """Intake accepted a submission in which the safety screen found nothing."""

    type: Literal["submission.received.v1"] = "submission.received.v1"


class HighSubmissionReceived(Received):
    """Intake accepted a submission that an officer must see now or soon; it travels before any backlog (D-T0).

    Level and model stand in clear, because a flag is made even when the content cannot be opened.
    """

    type: Literal["submission.received.high.v1"] = "submission.received.high.v1"
    level: FlagLevel = SafetyLevel.NOW
    model: ModelVersion = ""


def _level_from_before(known: dict[str, Any]) -> SafetyLevel:
    """Return the level of an event from before there were levels: every reason was one to look now."""
    return SafetyLevel.NOW if known.get("safety") else SafetyLevel.ORDINARY


class SubmissionSanitised(Event):
    """The sanitiser removed the source from a submission, or a vetted person released it.

    `flag_id` is the id of the submission's safety flag, if it has one. `level` is the level of the safety screen, and
    `safety` its reasons. Only intake can open `status_token`.
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
    level: SafetyLevel = Field(default_factory=_level_from_before)

    @model_validator(mode="after")
    def _exact_times_were_released_by_a_person(self) -> Self:
        if self.content.has_exact_time and not self.released_by_person:
            raise PydanticCustomError("exact_time", "an exact time goes onward only when a person has let it stand")
        return self


class SafetyPreview(Model):
    """The part of a flagged submission that an officer may see before its text is sanitised: no free text.

    `phrases` are the words that the screen matched, with every name and every other free word masked. `district` is the
    first half of a postcode. `withheld` names the fields that were left out.
    """

    category: Category | None = None
    agency_category: AgencyCategory | None = None
    risk: RiskAnswers = RiskAnswers()
    subjects: Subjects = Subjects()
    district: str = ""
    phrases: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()


class SafetyFlagged(Event):
    """A person may be at risk: an officer must see the flag, whatever happens to the submission (D-T0).

    A flag of the level NOW rings and has a clock. One of the level SOON stands below it and rings nobody. `preview`
    holds only choices made on the form, because no text has been read yet. The preview of the texts follows as
    `SafetyPreviewed`. `flag_id` joins both to the later case; only the sanitiser knows the submission.
    """

    type: Literal["safety.flagged.v1"] = "safety.flagged.v1"
    flag_id: UUID
    level: FlagLevel = SafetyLevel.NOW
    reasons: tuple[SafetyReason, ...]
    model: ModelVersion = ""
    preview: SafetyPreview


class SafetyPreviewed(Event):
    """The preview of a flagged submission's texts; it replaces the preview in the flag (D-T0)."""

    type: Literal["safety.previewed.v1"] = "safety.previewed.v1"
    flag_id: UUID
    preview: SafetyPreview


class RuleTrace(Model):
    """The version of the rules and the row that matched: the explanation that travels with a record."""

    table_version: str
    table_hash: str
    fired: str


class CaseDecided(Event):
    """An officer decided to record a case; the police system sees it under the reference `record_ref` (D-S1).

    `decided_by` is the officer's reference: no record is transferred that nobody decided on.
    """

    type: Literal["case.decided.v1"] = "case.decided.v1"
    case_id: UUID
    record_ref: UUID
    content: SanitisedContent
    agency_category: AgencyCategory
    received_on: date
    priority: Priority
    reason: str
    decided_by: PersonRef
    rules: RuleTrace


class CaseStatusChanged(Event):
    """The status that a submitter may see has changed; only intake can open `status_token`.

    `occurred_at` is the start of the day, so that no minute can link the case to a submission (D-S6). `assessment` is 1
    at first, and one more after each reopening of the case. The event leaves out 1.
    """

    type: Literal["case.status.v1"] = "case.status.v1"
    status_token: UUID
    status: SubmissionStatus
    assessment: Annotated[int, Field(ge=FIRST, lt=32_768, exclude_if=_is_first)] = FIRST


class TransferConfirmed(Event):
    """The police system holds the record; its reference is the receipt."""

    type: Literal["transfer.confirmed.v1"] = "transfer.confirmed.v1"
    case_id: UUID
    record_ref: UUID
    police_reference: Annotated[str, Field(min_length=1, max_length=100)]
