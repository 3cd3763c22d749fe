"""What a partner's form holds, with source data in types of its own.

`Source`, `Submitter` and `Agency` identify who spoke: they exist only inside a sealed submission and in the
sanitiser's memory. `Subjects` is the intelligence itself and survives sanitising (D-S2, D-L2).
"""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from pipeline_shared.dates import Approximate, Day, Moment
from pipeline_shared.visible import has_letter, has_unseen, has_visible

_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def _storable(text: str) -> str:
    """Refuse what PostgreSQL or UTF-8 cannot hold: accepted here, it would be poison at the next stage."""
    if _UNSTORABLE.search(text):
        raise PydanticCustomError("forbidden_character", "holds a control character or half a surrogate pair")
    return text


def _with_plain_line_ends(value: object) -> object:
    """Return a text with one character for the end of a line, so that no limit depends on the sender's system."""
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


def _visible_or_empty(text: str) -> str:
    return text if has_visible(text) else ""


def _visible(text: str) -> str:
    if not has_visible(text):
        raise PydanticCustomError("no_visible_text", "holds no character that anybody could see")
    return text


def _with_letter(text: str) -> str:
    if not has_letter(text):
        raise PydanticCustomError("no_letter", "is a name without a letter")
    return text


_LineEnds = BeforeValidator(_with_plain_line_ends)
_Optional = (AfterValidator(_storable), AfterValidator(_visible_or_empty), _LineEnds)
_Required = (AfterValidator(_storable), AfterValidator(_visible), _LineEnds)

Text = Annotated[str, AfterValidator(_storable)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), *_Optional]
RequiredLine = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), *_Required]
Name = Annotated[RequiredLine, AfterValidator(_with_letter)]
Paragraph = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000), *_Optional]
Narrative = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000), *_Required]


class Model(BaseModel):
    """Base of everything that crosses an edge: frozen, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class AgencyCategory(StrEnum):
    """Kind of partner agency: all that triage may learn of it (D-S6)."""

    SCHOOL = "school"
    COUNCIL = "council"
    HOUSING = "housing"
    HEALTH = "health"
    CHARITY = "charity"
    OTHER = "other"


def _plain_name(name: str) -> str:
    """Refuse a name with a sign that is not seen: it would look like another agency's."""
    if has_unseen(name):
        raise PydanticCustomError("forbidden_character", "holds a line's end, or a sign that is not seen")
    return name


class Agency(Model):
    """The partner agency whose key carried the submission. Restricted."""

    name: Annotated[RequiredLine, AfterValidator(_plain_name)]
    category: AgencyCategory


class SourceKind(StrEnum):
    """Whose knowledge this is."""

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


class KnownHow(StrEnum):
    """How the information is known, as the submitter says it (D-G1)."""

    SAW_IT = "saw_it"
    TOLD_BY_SOMEONE_WHO_SAW_IT = "told_by_someone_who_saw_it"
    TOLD_SECOND_HAND = "told_second_hand"
    DO_NOT_KNOW = "do_not_know"


class Category(StrEnum):
    """What the submission is mainly about."""

    CHILD_EXPLOITATION = "child_exploitation"
    DRUGS = "drugs"
    WEAPONS = "weapons"
    SERIOUS_VIOLENCE = "serious_violence"
    DOMESTIC_ABUSE = "domestic_abuse"
    MODERN_SLAVERY = "modern_slavery"
    SEXUAL_OFFENCES = "sexual_offences"
    TERRORISM = "terrorism"
    THEFT_AND_FRAUD = "theft_and_fraud"
    ANTISOCIAL_BEHAVIOUR = "antisocial_behaviour"
    OTHER = "other"


class Answer(StrEnum):
    """A risk question's answer; not knowing is an answer of its own."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not_known"


class RiskAnswers(Model):
    """The form's risk questions (D-T0)."""

    immediate_danger: Answer = Answer.NOT_KNOWN
    child_at_risk: Answer = Answer.NOT_KNOWN
    adult_at_risk: Answer = Answer.NOT_KNOWN
    weapon: Answer = Answer.NOT_KNOWN
    missing_person: Answer = Answer.NOT_KNOWN


class PersonTag(StrEnum):
    """In what capacity a person appears (D-L2); several may hold."""

    SUSPECT = "suspect"
    CONVICTED = "convicted"
    VICTIM = "victim"
    WITNESS = "witness"
    OTHER = "other"


class Person(Model):
    """A person the information is about."""

    name: RequiredLine
    also_known_as: Line = ""
    date_of_birth: Day | None = None
    approximate_age: Annotated[int, Field(ge=0, le=120, strict=True)] | None = None
    address: Line = ""
    description: Line = ""
    tags: Annotated[tuple[PersonTag, ...], Field(max_length=5)] = ()


class Place(Model):
    """A place the information is about."""

    description: RequiredLine
    postcode: Annotated[Line, StringConstraints(max_length=10)] = ""


class Vehicle(Model):
    """A vehicle the information is about."""

    registration: Annotated[Line, StringConstraints(max_length=15)] = ""
    description: Line = ""


class Phone(Model):
    """A phone number the information is about."""

    number: Annotated[RequiredLine, StringConstraints(max_length=40)]
    note: Line = ""


class Subjects(Model):
    """Whom and what the information is about, as structured rows: these survive sanitising."""

    people: Annotated[tuple[Person, ...], Field(max_length=50)] = ()
    places: Annotated[tuple[Place, ...], Field(max_length=50)] = ()
    vehicles: Annotated[tuple[Vehicle, ...], Field(max_length=50)] = ()
    phones: Annotated[tuple[Phone, ...], Field(max_length=50)] = ()


class Occurrence(Model):
    """When and where it happened, as far as known: a time, or `approximate` when only the year or month is known."""

    began_at: Moment | None = None
    ended_at: Moment | None = None
    approximate: Approximate | None = None
    place: Line = ""
    note: Line = ""

    @model_validator(mode="after")
    def _is_either_exact_or_approximate(self) -> Self:
        if self.approximate and (self.began_at or self.ended_at):
            raise PydanticCustomError("approximate_beside_exact", "a time is either exact or approximate")
        return self


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


class SafetyReason(StrEnum):
    """Why somebody must look at once (D-T0)."""

    THREAT_TO_LIFE = "threat_to_life"
    SERIOUS_HARM = "serious_harm"
    IMMINENT = "imminent"
    CHILD_AT_RISK = "child_at_risk"
    ADULT_AT_RISK = "adult_at_risk"
    WEAPON = "weapon"
    MISSING = "missing"
    UNSCREENED = "unscreened"
    OTHER_LANGUAGE = "other_language"  # nobody has read it: the screen did not, so an officer must


class SafetyHit(Model):
    """One reason for concern that the safety screen found: the rule, and the phrase's offsets in the text at `path`."""

    rule: str
    reason: SafetyReason
    path: str
    start: int
    end: int


class SealedContent(Model):
    """What intake seals: the submission, whose key carried it, its status token, what the safety screen found."""

    submission: Submission
    agency: Agency
    status_token: UUID
    received_at: datetime
    safety: tuple[SafetyHit, ...] = ()
