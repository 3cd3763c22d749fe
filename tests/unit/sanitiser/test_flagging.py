"""Flagging: whatever fails, a HIGH submission is flagged; how much of it is shown is another thing (D-T0)."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from pipeline_shared.contracts import HighSubmissionReceived, SafetyPreview
from pipeline_shared.keys import generate_pair, load_private, load_public
from pipeline_shared.sealing import Context, Recipient, seal
from pipeline_shared.submission import SafetyHit, SafetyReason, SealedContent
from sanitiser_service.preview import choices_of, preview_of
from sanitiser_service.usecases import RECEIVED_PURPOSE, UNOPENED, Keys, preview_submissions
from tests.support.building import NOW, a_submission, opened

PAIR = generate_pair()
KEYS = Keys({"k": load_private(PAIR.private)}, ())
HIT = SafetyHit(rule="weapon.blade", reason=SafetyReason.WEAPON, path="narrative", start=0, end=5)
SUBMITTED = opened(a_submission(narrative="Knife in a bag.", category="weapons")).model_copy(update={"safety": (HIT,)})


def received(content: SealedContent | None) -> HighSubmissionReceived:
    """Return the event of a submission, or of one that nobody can open."""
    ref = uuid4()
    sealed = b"not sealed by anybody" if content is None else _sealed(ref, content)
    return HighSubmissionReceived(
        event_id=uuid4(), occurred_at=NOW, submission_ref=ref, sealed=sealed, status_ref=uuid4()
    )


def _sealed(ref: UUID, content: SealedContent) -> bytes:
    recipient = Recipient("k", load_public(PAIR.public))
    return seal(content.model_dump_json().encode(), Context(RECEIVED_PURPOSE, ref), [recipient])


async def previewing(batch: Sequence[SealedContent]) -> list[SafetyPreview | None]:
    return [preview_of(one) for one in batch]


async def answering_nothing(batch: Sequence[SealedContent]) -> list[SafetyPreview | None]:
    return [None for _ in batch]


async def having_no_child(_batch: Sequence[SealedContent]) -> list[SafetyPreview | None]:
    raise ChildProcessError


async def test_what_opens_is_flagged_with_its_reasons_and_its_preview() -> None:
    (flag,) = await preview_submissions([received(SUBMITTED)], KEYS, previewing)
    assert (flag.reasons, flag.preview) == ((SafetyReason.WEAPON,), preview_of(SUBMITTED))
    assert flag.preview != choices_of(SUBMITTED)


@pytest.mark.parametrize("preview", [answering_nothing, having_no_child])
async def test_without_a_preview_the_flag_goes_with_the_choices_alone(preview: object) -> None:
    (flag,) = await preview_submissions([received(SUBMITTED)], KEYS, preview)  # pyright: ignore[reportArgumentType]
    assert (flag.reasons, flag.preview) == ((SafetyReason.WEAPON,), choices_of(SUBMITTED))
    assert flag.preview.withheld == ("phrases", "subjects", "district")


async def test_what_cannot_be_opened_is_flagged_in_its_place() -> None:
    events = [received(None), received(SUBMITTED), received(None)]
    flags = await preview_submissions(events, KEYS, previewing)
    assert [flag.event for flag in flags] == events
    assert [flag.preview == UNOPENED for flag in flags] == [True, False, True]
