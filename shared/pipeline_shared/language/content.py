"""The content of the form about the incident. It survives sanitising (D-S2, D-L2)."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from pipeline_shared.language.dates import Approximate, Day, Moment
from pipeline_shared.language.texts import Line, Model, RequiredLine
from pipeline_shared.language.vocabulary import Answer, PersonTag


class RiskAnswers(Model):
    """The form's risk questions (D-T0)."""

    immediate_danger: Answer = Answer.NOT_KNOWN
    child_at_risk: Answer = Answer.NOT_KNOWN
    adult_at_risk: Answer = Answer.NOT_KNOWN
    weapon: Answer = Answer.NOT_KNOWN
    missing_person: Answer = Answer.NOT_KNOWN


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
    """The people, places, vehicles and phones that the information is about, as rows; they survive sanitising."""

    people: Annotated[tuple[Person, ...], Field(max_length=50)] = ()
    places: Annotated[tuple[Place, ...], Field(max_length=50)] = ()
    vehicles: Annotated[tuple[Vehicle, ...], Field(max_length=50)] = ()
    phones: Annotated[tuple[Phone, ...], Field(max_length=50)] = ()


class Occurrence(Model):
    """Time and place of the incident, as far as known; `approximate` if only the year or month is known."""

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
