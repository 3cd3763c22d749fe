"""The transfer envelope: the neutral, versioned document in which the police system gets a record (domain.md §6).

Persons, objects, locations and the event are separate (POLE). With `quality` the recipient can judge accuracy,
completeness, reliability and currency (D-L3). The references in the envelope are the record's own and, since version
2.1, that of the officer who decided; those of the case and of the source are left out (D-S1). A change here needs a new
version beside the old one, because the digest of a sent envelope must never change.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field

from pipeline_shared.language.events import CaseDecided, PersonRef
from pipeline_shared.language.sanitised import SanitisedSubjects
from pipeline_shared.language.texts import Model
from pipeline_shared.language.vocabulary import AgencyCategory, Answer, Category, KnownHow, PersonTag, Priority
from pipeline_shared.language.when import PartOfDay, When

VERSION = "2.1"
SCHEMA_ID = f"urn:partnership-intelligence-pipeline:transfer-envelope:{VERSION}"


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class EnvelopePerson(Model):
    """A person whom the information is about; `tags` say in what capacity (several may hold, none means not known)."""

    name: str
    also_known_as: str
    date_of_birth: date | None
    approximate_age: int | None
    address: str
    description: str
    tags: tuple[PersonTag, ...]


class EnvelopeVehicle(Model):
    """A vehicle the information is about."""

    kind: Literal["vehicle"] = "vehicle"
    registration: str
    description: str


class EnvelopePhone(Model):
    """A phone number the information is about."""

    kind: Literal["phone"] = "phone"
    number: str
    note: str


class EnvelopeLocation(Model):
    """A place the information is about."""

    description: str
    postcode: str


class EnvelopeRisk(Model):
    """The submitter's answers to the risk questions; not knowing is an answer."""

    immediate_danger: Answer
    child_at_risk: Answer
    adult_at_risk: Answer
    weapon: Answer
    missing_person: Answer


class EnvelopeTime(Model):
    """When something happened, as far as it is known or may be said.

    `date` is ISO 8601, in full or reduced: 2026-07-01, 2026-07 or 2026. `part_of_day` is local time: night from 00:00,
    morning from 06:00, afternoon from 12:00, evening from 18:00. `exact` is there only where a person let it stand.
    """

    date: Annotated[str, Field(pattern="^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")]
    part_of_day: PartOfDay | None
    exact: Moment | None


class EnvelopeEvent(Model):
    """What is said to have happened; times are null where they are not known."""

    category: Category
    title: str
    narrative: str
    began: EnvelopeTime | None
    ended: EnvelopeTime | None
    place: str
    note: str
    risk: EnvelopeRisk


class EnvelopeQuality(Model):
    """What a recipient needs to judge accuracy, completeness, reliability and currency (DPA 2018 s.38(4)).

    `known_how` is the submitter's own statement. `grade` stays null until an evaluator has set one in the scheme named;
    no grade may be inferred from anything else. `sanitised` is always true: what identifies the source was taken out,
    and the text shows where by tokens in square brackets.
    """

    known_how: KnownHow
    grade_scheme: Literal["3x5x2"] = "3x5x2"
    grade: Annotated[str, Field(pattern="^[1-3][A-E][PC]$")] | None = None
    provided_by: AgencyCategory
    received_on: date
    sanitised: Literal[True] = True


class EnvelopeDecision(Model):
    """The decision of the officer, and the `rule` that recommended it, with version and hash of the rules.

    `decided_by` is a reference that the force's partnership intelligence team can resolve, not a name.
    """

    decided_at: Moment
    decided_by: PersonRef
    reason: str
    rule: str
    rules_version: str
    rules_hash: str


class TransferEnvelope(Model):
    """One record handed over from partnership intelligence to a police records system."""

    envelope_version: Literal["2.1"] = VERSION
    marking: Literal["OFFICIAL"] = "OFFICIAL"
    record_ref: UUID
    priority: Priority
    event: EnvelopeEvent
    persons: tuple[EnvelopePerson, ...]
    objects: tuple[Annotated[EnvelopeVehicle | EnvelopePhone, Field(discriminator="kind")], ...]
    locations: tuple[EnvelopeLocation, ...]
    quality: EnvelopeQuality
    decision: EnvelopeDecision


def envelope_of(decided: CaseDecided) -> TransferEnvelope:
    """Return the envelope of a decided record."""
    subjects = decided.content.subjects
    return TransferEnvelope(
        record_ref=decided.record_ref,
        priority=decided.priority,
        event=_event(decided),
        persons=tuple(EnvelopePerson(**dict(person)) for person in subjects.people),
        objects=tuple(_objects(subjects)),
        locations=tuple(EnvelopeLocation(**dict(place)) for place in subjects.places),
        quality=EnvelopeQuality(
            known_how=decided.content.known_how,
            provided_by=decided.agency_category,
            received_on=decided.received_on,
        ),
        decision=EnvelopeDecision(
            decided_at=decided.occurred_at,
            decided_by=decided.decided_by,
            reason=decided.reason,
            rule=decided.rules.fired,
            rules_version=decided.rules.table_version,
            rules_hash=decided.rules.table_hash,
        ),
    )


def _event(decided: CaseDecided) -> EnvelopeEvent:
    content = decided.content
    seen = content.occurrence
    return EnvelopeEvent(
        category=content.category,
        title=content.title,
        narrative=content.narrative,
        risk=EnvelopeRisk(**dict(content.risk)),
        began=_time(seen.began),
        ended=_time(seen.ended),
        place=seen.place,
        note=seen.note,
    )


def _time(when: When | None) -> EnvelopeTime | None:
    return when and EnvelopeTime(date=when.iso_date, part_of_day=when.part, exact=when.exact)


def _objects(subjects: SanitisedSubjects) -> Iterator[EnvelopeVehicle | EnvelopePhone]:
    for vehicle in subjects.vehicles:
        yield EnvelopeVehicle(registration=vehicle.registration, description=vehicle.description)
    for phone in subjects.phones:
        yield EnvelopePhone(number=phone.number, note=phone.note)


def canonical(envelope: TransferEnvelope) -> bytes:
    """Return the canonical form of the envelope: UTF-8 JSON, names sorted, no spaces."""
    fields = envelope.model_dump(mode="json")
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(body: bytes) -> str:
    """Return the SHA-256 of a canonical envelope in hexadecimal; both sides compare it."""
    return hashlib.sha256(body).hexdigest()


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema as published in `schemas/`."""
    schema = TransferEnvelope.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **schema}
