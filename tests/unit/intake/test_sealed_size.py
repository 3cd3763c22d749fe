"""Every accepted body becomes a record that its topic takes: the largest one passes, a larger one is refused."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake_service.agencies.domain import KnownAgency
from intake_service.agencies.limits import Limit
from intake_service.main import LARGEST_BODY
from intake_service.screening.hit_limit import MOST_HITS
from intake_service.screening.screen import Screening
from intake_service.submissions.domain import TooLargeError
from intake_service.submissions.reading import read_submission
from intake_service.submissions.usecases import LARGEST_SEALED, Sealing, seal_submission
from pipeline_shared.crypto.keys import generate_pair, load_public
from pipeline_shared.crypto.sealing import Recipient
from pipeline_shared.language.events import HighSubmissionReceived
from pipeline_shared.language.restricted import Agency, SafetyHit, Submission
from pipeline_shared.language.vocabulary import AgencyCategory, SafetyReason
from pipeline_shared.messaging.outbox import to_row
from pipeline_shared.messaging.topics import TOPIC_OF
from tests.support.building import a_form

LIMIT = Limit(per_minute=1, burst=1)
AGENCY = KnownAgency(uuid4(), Agency(name="é" * 200, category=AgencyCategory.HEALTH), "a", b"", LIMIT, LIMIT)
RECIPIENTS = tuple(Recipient(f"sanitiser-{n}", load_public(generate_pair().public)) for n in range(4))
HIT = SafetyHit(
    rule="r" * 100, reason=SafetyReason.CHILD_AT_RISK, path="subjects.people.49.also_known_as", start=20_000, end=20_000
)
ALL_HITS = Screening((HIT,) * MOST_HITS)
# A character takes up to four bytes, a quotation mark or line end two, an escape chosen by the sender six.
CHARACTERS = st.sampled_from(["\U00020000", "x", '"', "\\", "\n", "é", "王"])


def record_of(submission: Submission) -> int:
    """Return the bytes of a submission's record, with the most hits that a screen may find."""
    sealed = seal_submission(
        submission,
        AGENCY,
        screening=ALL_HITS,
        idempotency_key="k" * 128,
        sealing=Sealing(RECIPIENTS, b"k" * 32),
        now=datetime.now(UTC),
    )
    event = HighSubmissionReceived(
        event_id=uuid4(), occurred_at=datetime.now(UTC), submission_ref=uuid4(), sealed=sealed.sealed
    )
    return len(to_row(event).value)


def most_of_a_topic() -> int:
    return int(TOPIC_OF[HighSubmissionReceived].config()["max.message.bytes"])


def form_of(character: str, rows: int, length: int) -> dict[str, Any]:
    line = character * length
    people = [{"name": f"A{line}", "also_known_as": line, "address": line, "description": line}] * rows
    return a_form(
        narrative=f"A{character * (length * 100)}",
        known_how_note=character * (length * 10),
        subjects={
            "people": people,
            "places": [{"description": f"A{line}"}] * rows,
            "vehicles": [{"description": line}] * rows,
            "phones": [{"number": "1", "note": line}] * rows,
        },
    )


@settings(max_examples=40, deadline=None)
@given(character=CHARACTERS, rows=st.integers(0, 50), length=st.integers(0, 199), ascii_only=st.booleans())
def test_every_body_that_is_accepted_becomes_a_record_that_its_topic_takes(
    character: str, rows: int, length: int, *, ascii_only: bool
) -> None:
    body = json.dumps(form_of(character, rows, length), ensure_ascii=ascii_only, separators=(",", ":")).encode()
    if len(body) <= LARGEST_BODY:
        assert record_of(read_submission(body)) < most_of_a_topic() / 2


def test_the_most_that_can_be_sealed_fits_its_topic_with_room_for_kafkas_own() -> None:
    assert most_of_a_topic() > LARGEST_SEALED * 4 / 3 + 10_000


def test_rows_that_say_nothing_grow_when_they_are_read_and_fit_all_the_same() -> None:
    rows = {"people": [{"name": "A"}] * 50, "places": [{"description": "A"}] * 50, "vehicles": [{}] * 50}
    assert record_of(read_submission(json.dumps(a_form(subjects=rows)).encode())) < most_of_a_topic() / 2


def test_what_would_be_too_large_is_refused_before_it_is_stored() -> None:
    submission = read_submission(json.dumps(a_form()).encode())
    with pytest.raises(TooLargeError):
        record_of(submission.model_copy(update={"narrative": "x" * LARGEST_SEALED}))
