"""The envelope for the police system: its published schema, its golden example, and content it must never have."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema
import pytest
from pydantic import ValidationError

import transfer_service
from pipeline_shared.language.events import CaseDecided, RuleTrace
from pipeline_shared.language.vocabulary import AgencyCategory, Priority
from pipeline_shared.language.when import when_of
from tests.support.building import NOW, sanitised_content
from transfer_service.envelope import TransferEnvelope, canonical, digest_of, envelope_of, json_schema

GOLDEN = Path(__file__).parent / "transfer-envelope-2.1.json"
PUBLISHED = Path(transfer_service.__file__).parent / "schemas" / "transfer-envelope-2.1.json"
CASE, RECORD, EVENT = UUID(int=2), UUID(int=3), UUID(int=1)
OFFICER = "person:6a1b7a52-7d0e-4a5d-9a55-0c5a3d4a1f10"
SUBJECTS: dict[str, Any] = {
    "people": [
        {"name": "Lee Hargreaves", "also_known_as": "Haggy", "date_of_birth": "1991-04-02", "tags": ["suspect"]},
        {"name": "Kayleigh Doyle", "approximate_age": 14, "tags": ["victim", "witness"]},
    ],
    "places": [{"description": "31 Garnet Street, Hexley", "postcode": "XQ1 4AB"}],
    "vehicles": [{"registration": "YK21 PLO", "description": "white Volkswagen Golf"}],
    "phones": [{"number": "07700 900512", "note": "used to arrange"}],
}
OCCURRENCE = {"began_at": "2026-05-12T16:20:00+01:00", "place": "side gate, Park Row"}


def decided(**changes: Any) -> CaseDecided:
    form = {"title": "Visitors at night", "subjects": SUBJECTS, "occurrence": OCCURRENCE}
    content = sanitised_content(**form | {"risk": {"child_at_risk": "yes"}} | changes)
    return CaseDecided(
        event_id=EVENT,
        occurred_at=NOW,
        case_id=CASE,
        record_ref=RECORD,
        content=content,
        agency_category=AgencyCategory.HOUSING,
        received_on=date(2026, 5, 12),
        priority=Priority.HIGH,
        reason="Necessary to prevent crime",
        decided_by=OFFICER,
        rules=RuleTrace(table_version="2026-05-01.1", table_hash="0" * 64, fired="DRUGS-SUPPLY"),
    )


def as_json(event: CaseDecided) -> dict[str, Any]:
    return json.loads(canonical(envelope_of(event)))


def test_the_published_schema_is_the_one_the_code_means() -> None:
    assert json.loads(PUBLISHED.read_text()) == json_schema()


def test_an_envelope_is_written_as_its_golden_example_says() -> None:
    assert as_json(decided()) == json.loads(GOLDEN.read_text())


def test_the_golden_example_meets_the_published_schema() -> None:
    schema = json.loads(PUBLISHED.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    validator.validate(json.loads(GOLDEN.read_text()))


@pytest.mark.parametrize("field", ["source_ref", "case_id", "status_ref", "agency", "submitter"])
def test_the_schema_has_no_place_for_what_leads_to_the_source(field: str) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(PUBLISHED.read_text()))
    assert not validator.is_valid(json.loads(GOLDEN.read_text()) | {field: "x"})
    assert f'"{field}"' not in PUBLISHED.read_text()


def test_the_references_in_an_envelope_are_those_of_the_record_and_of_the_officer_who_decided() -> None:
    text = canonical(envelope_of(decided())).decode()
    assert str(RECORD) in text
    assert as_json(decided())["decision"]["decided_by"] == OFFICER
    assert str(CASE) not in text
    assert str(EVENT) not in text


def test_people_things_and_places_are_kept_apart() -> None:
    envelope = envelope_of(decided())
    assert [person.name for person in envelope.persons] == ["Lee Hargreaves", "Kayleigh Doyle"]
    assert [thing.kind for thing in envelope.objects] == ["vehicle", "phone"]
    assert [place.postcode for place in envelope.locations] == ["XQ1 4AB"]


def test_a_recipient_learns_how_it_is_known_how_old_it_is_and_that_it_is_not_graded() -> None:
    quality = as_json(decided())["quality"]
    assert quality["known_how"] == "told_by_someone_who_saw_it"
    assert quality["received_on"] == "2026-05-12"
    assert (quality["grade_scheme"], quality["grade"]) == ("3x5x2", None)
    assert quality["sanitised"] is True


def test_a_time_is_no_more_exact_than_the_day_and_its_part() -> None:
    event = as_json(decided())["event"]
    assert event["began"] == {"date": "2026-05-12", "part_of_day": "afternoon", "exact": None}
    assert event["ended"] is None
    assert "15:20" not in json.dumps(event)
    assert "16:20" not in json.dumps(event)


def test_a_month_alone_is_handed_over_as_one() -> None:
    event = as_json(decided(occurrence={"approximate": "2026-05"}))["event"]
    assert event["began"] == {"date": "2026-05", "part_of_day": None, "exact": None}


def test_a_time_that_a_person_let_stand_is_given_in_utc() -> None:
    event = decided()
    exact = when_of(datetime.fromisoformat("2026-05-12T16:20:00+01:00"))
    seen = event.content.occurrence.model_copy(update={"began": exact})
    content = event.content.model_copy(update={"occurrence": seen})
    began = as_json(event.model_copy(update={"content": content}))["event"]["began"]
    assert began == {"date": "2026-05-12", "part_of_day": "afternoon", "exact": "2026-05-12T15:20:00Z"}


def test_the_marking_cannot_be_anything_but_official() -> None:
    fields = as_json(decided())
    with pytest.raises(ValidationError):
        TransferEnvelope.model_validate(fields | {"marking": "SECRET"})


def test_the_digest_depends_on_the_content_and_not_on_how_often_it_is_made() -> None:
    first, again = canonical(envelope_of(decided())), canonical(envelope_of(decided()))
    other = canonical(envelope_of(decided(narrative="Something else.")))
    assert digest_of(first) == digest_of(again) != digest_of(other)


def test_the_digest_survives_a_journey_through_json() -> None:
    event = CaseDecided.model_validate_json(decided(narrative="Naïve \u202e text, 5 € \U0001f600").model_dump_json())
    body = canonical(envelope_of(event))
    spelled_again = json.dumps(json.loads(body), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert spelled_again == body


def test_the_digest_of_the_golden_example_never_changes() -> None:
    assert digest_of(canonical(envelope_of(decided()))) == GOLDEN_DIGEST
    assert datetime.fromisoformat(as_json(decided())["decision"]["decided_at"]) == NOW


GOLDEN_DIGEST = "36beeacbe2ba744aacb3346298592382c428bf62b1ff3321b6ee19f64eee249d"
