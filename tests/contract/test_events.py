"""Every event has a golden example on disk: an event published once must stay readable for ever."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from pipeline_shared.language.content import Subjects
from pipeline_shared.language.events import (
    CaseDecided,
    CaseStatusChanged,
    Event,
    HighSubmissionReceived,
    RuleTrace,
    SafetyFlagged,
    SafetyPreview,
    SafetyPreviewed,
    SubmissionReceived,
    SubmissionSanitised,
    TransferConfirmed,
)
from pipeline_shared.language.vocabulary import (
    AgencyCategory,
    Category,
    Priority,
    SafetyLevel,
    SafetyReason,
    SubmissionStatus,
)
from pipeline_shared.messaging.topics import TOPIC_OF, TOPOLOGY
from tests.support.building import NOW, sanitised_content
from tests.support.signing import VERIFIER, headers_for, record_of, signed

GOLDEN = Path(__file__).parent / "golden"
A, B, C, D = (UUID(int=n) for n in (1, 2, 3, 4))
COMMON: dict[str, Any] = {"event_id": A, "occurred_at": NOW}
FROM_AGENCY: dict[str, Any] = {
    "content": sanitised_content(),
    "agency_category": AgencyCategory.HOUSING,
    "received_on": date(2026, 5, 12),
}

PREVIEW = SafetyPreview(
    category=Category.WEAPONS,
    agency_category=AgencyCategory.HOUSING,
    subjects=Subjects.model_validate(sanitised_content().subjects.model_dump()),
    district="LS8",
    phrases=("has a knife",),
    withheld=(),
)

EXAMPLES: dict[str, Event] = {
    "submission.received.v1": SubmissionReceived(**COMMON, submission_ref=B, sealed=b"ciphertext"),
    "submission.received.high.v1": HighSubmissionReceived(
        **COMMON, submission_ref=B, sealed=b"ciphertext", level=SafetyLevel.SOON, model="screen-1"
    ),
    "safety.flagged.v1": SafetyFlagged(
        **COMMON,
        flag_id=C,
        level=SafetyLevel.SOON,
        reasons=(SafetyReason.WEAPON,),
        model="screen-1",
        preview=PREVIEW,
    ),
    "safety.previewed.v1": SafetyPreviewed(**COMMON, flag_id=C, preview=PREVIEW),
    "submission.sanitised.v1": SubmissionSanitised(
        **COMMON,
        **FROM_AGENCY,
        source_ref=B,
        flag_id=D,
        status_token=C,
        released_by_person=False,
        safety=(SafetyReason.WEAPON,),
        level=SafetyLevel.SOON,
    ),
    "case.decided.v1": CaseDecided(
        **COMMON,
        **FROM_AGENCY,
        case_id=B,
        record_ref=C,
        priority=Priority.HIGH,
        reason="Necessary to prevent crime",
        decided_by="person:00000000-0000-0000-0000-000000000005",
        rules=RuleTrace(table_version="1", table_hash="0" * 64, fired="drugs"),
    ),
    "case.status.v1": CaseStatusChanged(**COMMON, status_token=B, status=SubmissionStatus.ACCEPTED),
    "transfer.confirmed.v1": TransferConfirmed(**COMMON, case_id=B, record_ref=C, police_reference="NP/2026/000123"),
}


def test_every_topic_has_an_example() -> None:
    assert set(EXAMPLES) == {topic.name for topic in TOPOLOGY}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_event_is_written_as_its_golden_example_says(name: str) -> None:
    golden = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    assert json.loads(EXAMPLES[name].model_dump_json()) == golden


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_golden_example_is_read_as_its_event(name: str) -> None:
    text = (GOLDEN / f"{name}.json").read_text(encoding="utf-8")
    assert type(EXAMPLES[name]).model_validate_json(text) == EXAMPLES[name]


def test_only_the_status_of_a_reopened_case_says_which_assessment_it_belongs_to() -> None:
    first = CaseStatusChanged(**COMMON, status_token=B, status=SubmissionStatus.IN_ASSESSMENT)
    second = first.model_copy(update={"assessment": 2})
    assert '"assessment":' not in first.model_dump_json()  # a reader of a former release would refuse the field
    assert '"assessment":2' in second.model_dump_json()
    assert CaseStatusChanged.model_validate_json(second.model_dump_json()) == second


LEVELLED = ("submission.received.high.v1", "safety.flagged.v1", "submission.sanitised.v1")


@pytest.mark.parametrize("name", LEVELLED)
def test_an_event_from_before_there_were_levels_tells_of_somebody_at_risk_now(name: str) -> None:
    golden = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    before = {field: value for field, value in golden.items() if field not in {"level", "model"}}
    assert getattr(type(EXAMPLES[name]).model_validate(before), "level", None) is SafetyLevel.NOW


def test_a_sanitised_submission_from_before_there_were_levels_and_without_a_reason_is_ordinary() -> None:
    golden = json.loads((GOLDEN / "submission.sanitised.v1.json").read_text(encoding="utf-8"))
    before = {field: value for field, value in golden.items() if field != "level"} | {"safety": []}
    assert SubmissionSanitised.model_validate(before).level is SafetyLevel.ORDINARY


@pytest.mark.parametrize("level", ["ordinary", "", "NOW", None, "later"])
@pytest.mark.parametrize("name", LEVELLED[:2])
def test_a_flag_has_one_of_two_levels(name: str, level: str | None) -> None:
    golden = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    with pytest.raises(ValidationError):
        type(EXAMPLES[name]).model_validate(golden | {"level": level})


@pytest.mark.parametrize("model", ["Margaret Entwistle", "x" * 65, "a\n", "é"])
def test_the_version_of_a_model_stands_in_clear_and_has_no_room_for_a_name(model: str) -> None:
    golden = json.loads((GOLDEN / "submission.received.high.v1.json").read_text(encoding="utf-8"))
    with pytest.raises(ValidationError):
        HighSubmissionReceived.model_validate(golden | {"model": model})


@pytest.mark.parametrize("topic", TOPOLOGY, ids=lambda topic: topic.name)
def test_an_event_says_the_type_of_its_topic_and_has_its_key(topic: Any) -> None:
    assert topic.event.model_fields["type"].default == topic.name
    assert topic.event.model_fields[topic.key].annotation is UUID


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_field_that_an_event_does_not_have_is_refused(name: str) -> None:
    golden = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    with pytest.raises(ValidationError):
        type(EXAMPLES[name]).model_validate(golden | {"source_name": "Margaret Entwistle"})


@pytest.mark.parametrize("name", [name for name in EXAMPLES if "received" not in name])
def test_no_event_of_the_open_side_has_a_field_for_a_source(name: str) -> None:
    schema = EXAMPLES[name].model_json_schema()
    models = [schema, *schema.get("$defs", {}).values()]
    fields = {field for model in models for field in model.get("properties", {})}
    restricted = {
        "submitter",
        "source",
        "agency",
        "wishes_anonymity",
        "relationship_to_subject",
        "email",
        "organisation",
    }
    assert fields & (restricted | {"role", "sealed", "known_how_note", "submission_ref"}) == set()


SAMPLES: dict[str, bool] = {
    "person:6a1b7a52-7d0e-4a5d-9a55-0c5a3d4a1f10": True,
    "demo:officer-1": False,
    "service:triage": False,
    "service:triage-1": False,
    "operator:sam": False,
    "operator:sam-1": False,
    "person:Robin Ashdown": False,
    "person:robin-ashdown": False,
    "robin.ashdown@force.example": False,
    "person:6A1B7A52-7D0E-4A5D-9A55-0C5A3D4A1F10": False,
    "person:6a1b7a52-7d0e-4a5d-9a55-0c5a3d4a1f10\n": False,
    "": False,
}


@pytest.mark.parametrize("reference", SAMPLES)
def test_attack_76_a_decision_names_a_person_by_an_opaque_reference_or_is_refused(reference: str) -> None:
    golden = json.loads((GOLDEN / "case.decided.v1.json").read_text(encoding="utf-8")) | {"decided_by": reference}
    try:
        accepted = CaseDecided.model_validate(golden).decided_by == reference
    except ValidationError:
        accepted = False
    assert accepted == SAMPLES[reference]


def test_attack_76_a_decision_that_names_nobody_is_refused() -> None:
    golden = json.loads((GOLDEN / "case.decided.v1.json").read_text(encoding="utf-8"))
    del golden["decided_by"]
    with pytest.raises(ValidationError, match="decided_by"):
        CaseDecided.model_validate(golden)


SIGNED = json.loads((GOLDEN / "signed-headers.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_event_is_signed_as_its_golden_example_says_and_that_stays_valid(name: str) -> None:
    row = signed(EXAMPLES[name])
    assert [[header, value.decode()] for header, value in headers_for(row)] == SIGNED[name]
    golden = tuple((header, value.encode()) for header, value in SIGNED[name])
    VERIFIER.check(TOPIC_OF[type(EXAMPLES[name])], replace(record_of(row), headers=golden))
