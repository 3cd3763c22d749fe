"""What is held: sealed by the worker to the desk, bound to its submission and to that purpose."""

from uuid import uuid4

import pytest

from pipeline_shared.crypto.keys import generate_pair, load_private, load_public
from pipeline_shared.crypto.sealing import Context, Recipient, seal
from pipeline_shared.language.restricted import RECEIVED_PURPOSE
from pipeline_shared.runtime.errors import PermanentError
from sanitiser_service.open_submission import HELD_PURPOSE, OpenSubmission, open_held, seal_held
from sanitiser_service.worker.keys import Keys
from tests.support.building import NOW, opened, sanitised_content

PAIR, OTHER = generate_pair(), generate_pair()
DESK, WORKER = Recipient("desk-1", load_public(PAIR.public)), Recipient("sanitiser-1", load_public(OTHER.public))
DESK_KEYS, WORKER_KEYS = {"desk-1": load_private(PAIR.private)}, {"sanitiser-1": load_private(OTHER.private)}
REF = uuid4()


def a_submission_to_hold() -> OpenSubmission:
    return OpenSubmission(content=opened(), source_ref=uuid4(), flag_id=uuid4(), event_id=uuid4())


def test_the_desk_opens_what_the_worker_held_and_the_worker_does_not() -> None:
    submission = a_submission_to_hold()
    sealed = seal_held(REF, submission, [DESK])
    assert open_held(REF, sealed, DESK_KEYS) == submission
    with pytest.raises(PermanentError, match="cannot_be_opened"):
        open_held(REF, sealed, WORKER_KEYS)
    with pytest.raises(PermanentError, match="cannot_be_opened"):
        Keys(WORKER_KEYS).open(REF, sealed)


def test_it_opens_under_its_own_reference_alone() -> None:
    with pytest.raises(PermanentError, match="cannot_be_opened"):
        open_held(uuid4(), seal_held(REF, a_submission_to_hold(), [DESK]), DESK_KEYS)


@pytest.mark.parametrize("at", [0, 1, 40, 1500, -1])
def test_a_byte_changed_anywhere_is_refused(at: int) -> None:
    sealed = bytearray(seal_held(REF, a_submission_to_hold(), [DESK]))
    sealed[at] ^= 1
    with pytest.raises(PermanentError, match="cannot_be_opened"):
        open_held(REF, bytes(sealed), DESK_KEYS)


def test_what_was_sealed_for_another_purpose_is_not_taken_for_held() -> None:
    content = a_submission_to_hold().model_dump_json().encode()
    with pytest.raises(PermanentError, match="cannot_be_opened"):
        open_held(REF, seal(content, Context(RECEIVED_PURPOSE, REF), [DESK]), DESK_KEYS)


def test_a_row_held_by_code_from_before_is_refused_whichever_key_it_is_sealed_to() -> None:
    before = opened().model_dump_json().encode()
    with pytest.raises(PermanentError, match="cannot_be_opened"):
        open_held(REF, seal(before, Context(RECEIVED_PURPOSE, REF), [WORKER]), DESK_KEYS)
    with pytest.raises(PermanentError, match="unreadable_submission"):
        open_held(REF, seal(before, Context(HELD_PURPOSE, REF), [DESK]), DESK_KEYS)


@pytest.mark.parametrize("by_person", [False, True])
def test_it_goes_onward_under_the_references_that_it_was_held_with(*, by_person: bool) -> None:
    submission = a_submission_to_hold()
    content = sanitised_content()
    event = submission.onward(content, NOW, by_person=by_person)
    assert (event.event_id, event.source_ref, event.flag_id) == (
        submission.event_id,
        submission.source_ref,
        submission.flag_id,
    )
    assert (event.status_token, event.released_by_person) == (submission.content.status_token, by_person)
    assert event.content == content
