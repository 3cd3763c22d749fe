"""The headers of a record: CloudEvents' attributes, which say no more than the event itself."""

import base64
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from jsonschema import Draft7Validator

from pipeline_admin.asyncapi import headers_schema
from pipeline_shared.language.events import CaseStatusChanged, Event, SafetyPreview, SafetyPreviewed
from pipeline_shared.language.vocabulary import SubmissionStatus
from pipeline_shared.messaging.cloud_events import headers_of
from pipeline_shared.messaging.outbox import WaitingRow
from pipeline_shared.messaging.topics import TOPIC_OF
from tests.support.signing import signed

TIMES = [
    datetime(2026, 5, 12, tzinfo=UTC),
    datetime(2026, 5, 12, 9, 30, 1, tzinfo=UTC),
    datetime(2026, 5, 12, 9, 30, 1, 123456, tzinfo=UTC),
    datetime(2026, 5, 12, 9, 30, tzinfo=timezone(timedelta(hours=1))),
    datetime(2026, 5, 12, 9, 30, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
]


def waiting(event: Event) -> WaitingRow:
    row = signed(event)
    return WaitingRow(1, row.event_id, row.topic, row.partition, row.key, row.value, row.signer, row.signature)


def status(at: datetime) -> CaseStatusChanged:
    return CaseStatusChanged(
        event_id=UUID(int=7), occurred_at=at, status_token=uuid4(), status=SubmissionStatus.ACCEPTED
    )


def test_the_headers_are_these_and_no_others() -> None:
    *others, signature = headers_of(waiting(status(TIMES[0])), "triage")
    assert others == [
        ("ce_specversion", b"1.0"),
        ("ce_source", b"/triage"),
        ("ce_type", b"case.status.v1"),
        ("content-type", b"application/json"),
        ("ce_id", b"00000000-0000-0000-0000-000000000007"),
        ("ce_time", b"2026-05-12T00:00:00Z"),
        ("ce_signer", b"events-triage-1"),
    ]
    assert (signature[0], len(base64.b64decode(signature[1], validate=True))) == ("ce_signature", 64)


@pytest.mark.parametrize("at", TIMES, ids=str)
def test_the_time_is_the_events_own_and_the_headers_are_as_documented(at: datetime) -> None:
    event = SafetyPreviewed(event_id=uuid4(), occurred_at=at, flag_id=uuid4(), preview=SafetyPreview(phrases=("é",)))
    headers = {name: value.decode() for name, value in headers_of(waiting(event), "sanitiser")}
    assert datetime.fromisoformat(headers["ce_time"]) == at
    assert Draft7Validator(headers_schema(TOPIC_OF[SafetyPreviewed])).is_valid(headers)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        None,
        b'{"occurred_at":"2026-05-12T00:00:00Z"}',
        b'{"note":{"event_id":"00000000-0000-0000-0000-000000000007","occurred_at":"2026-05-12T00:00:00Z"}}',
    ],
)
def test_a_row_that_is_no_event_of_ours_has_no_time(value: bytes | None) -> None:
    row = WaitingRow(1, uuid4(), "case.status.v1", 0, uuid4(), value)
    assert "ce_time" not in dict(headers_of(row, "triage"))
