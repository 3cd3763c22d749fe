"""All types that identify the source. They exist only in sealed submissions and in the sanitiser's memory (D-S1).

Triage and transfer can never import this module: an import contract refuses it.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, model_validator
from pydantic_core import PydanticCustomError

from pipeline_shared.language.content import Occurrence, RiskAnswers, Subjects
from pipeline_shared.language.texts import Line, Model, Name, Narrative, Paragraph, RequiredLine
from pipeline_shared.language.visible import has_letter, has_unseen
from pipeline_shared.language.vocabulary import AgencyCategory, Category, KnownHow, SafetyReason


def _plain_name(name: str) -> str:
    """Refuse a name with an invisible character: it would look like the name of another agency."""
    if has_unseen(name):
        raise PydanticCustomError("forbidden_character", "holds a line's end, or a sign that is not seen")
    return name


class Agency(Model):
    """The partner agency of the API key that came with the submission. Restricted."""

    name: Annotated[RequiredLine, AfterValidator(_plain_name)]
    category: AgencyCategory


class SourceKind(StrEnum):
    """The kind of source: a person, or an observation of the submitter's own."""

    PERSON = "person"
    OWN_OBSERVATION = "own_observation"


class Source(Model):
    """The person the information came from. Restricted; never optional in the original (D-S1)."""

    kind: SourceKind
    wishes_anonymity: bool = False
    name: Line = ""
    also_known_as: Line = ""
    role: Line = ""
    organisation: Line = ""
    phone: Line = ""
    email: Line = ""
    address: Line = ""
    vehicle_registration: Line = ""
    relationship_to_subject: Line = ""

    @model_validator(mode="after")
    def _person_is_named(self) -> Self:
        if self.kind is SourceKind.PERSON and not has_letter(self.name):
            raise PydanticCustomError("source_name_required", "a person as source needs a name, also when anonymous")
        return self


class Submitter(Model):
    """The agency's member of staff who fills in the form. Restricted."""

    name: Name
    role: Line = ""
    organisation: Line = ""
    phone: Line = ""
    email: Line = ""


class Submission(Model):
    """One submission as a portal frontend posts it."""

    submitter: Submitter
    source: Source
    known_how: KnownHow
    known_how_note: Paragraph = ""
    title: Line = ""
    narrative: Narrative
    category: Category
    occurrence: Occurrence = Occurrence()
    subjects: Subjects = Subjects()
    risk: RiskAnswers = RiskAnswers()


class SafetyHit(Model):
    """A reason for concern found by the safety screen: its rule and the offsets of its phrase in the text at `path`."""

    rule: str
    reason: SafetyReason
    path: str
    start: int
    end: int


RECEIVED_PURPOSE = "submission.received"  # the purpose that intake seals for and the sanitiser opens for


class SealedContent(Model):
    """The content that intake seals: the submission, its agency, its status token, the hits of the safety screen."""

    submission: Submission
    agency: Agency
    status_token: UUID
    received_at: datetime
    safety: tuple[SafetyHit, ...] = ()
