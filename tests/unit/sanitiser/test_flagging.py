"""An urgent submission is always flagged, whatever fails; a failure only limits the content of the flag (D-T0)."""

from uuid import UUID, uuid4

from pipeline_shared.crypto.keys import generate_pair, load_private, load_public
from pipeline_shared.crypto.sealing import Context, Recipient, seal
from pipeline_shared.language.events import FlagLevel, HighSubmissionReceived
from pipeline_shared.language.restricted import RECEIVED_PURPOSE, SafetyHit, SealedContent
from pipeline_shared.language.vocabulary import Category, SafetyLevel, SafetyReason
from sanitiser_service.preview.domain import choices_of
from sanitiser_service.preview.usecases import Turns, read_lanes
from sanitiser_service.worker.keys import Keys
from sanitiser_service.worker.usecases import UNOPENED, read_choices
from tests.support.building import NOW, a_submission, an_agency, opened

PAIR = generate_pair()
KEYS = Keys({"k": load_private(PAIR.private)})
HIT = SafetyHit(rule="weapon.blade", reason=SafetyReason.WEAPON, path="narrative", start=0, end=5)
SUBMITTED = opened(a_submission(narrative="Knife in a bag.", category="weapons")).model_copy(update={"safety": (HIT,)})


def received(content: SealedContent | None, level: FlagLevel = SafetyLevel.NOW) -> HighSubmissionReceived:
    """Return the event of a submission, or of one that cannot be opened."""
    ref = uuid4()
    sealed = b"not sealed by anybody" if content is None else _sealed(ref, content)
    return HighSubmissionReceived(event_id=uuid4(), occurred_at=NOW, submission_ref=ref, sealed=sealed, level=level)


def _sealed(ref: UUID, content: SealedContent) -> bytes:
    recipient = Recipient("k", load_public(PAIR.public))
    return seal(content.model_dump_json().encode(), Context(RECEIVED_PURPOSE, ref), [recipient])


async def test_a_flag_has_its_reasons_and_what_was_chosen_and_nothing_that_somebody_wrote() -> None:
    (flag,) = await read_choices([received(SUBMITTED)], KEYS)
    assert (flag.reasons, flag.preview) == ((SafetyReason.WEAPON,), choices_of(SUBMITTED))
    assert flag.preview.category is Category.WEAPONS
    assert flag.preview.withheld == ("phrases", "subjects", "district")


async def test_what_cannot_be_opened_is_flagged_in_its_place() -> None:
    events = [received(None), received(SUBMITTED), received(None)]
    flags = await read_choices(events, KEYS)
    assert [flag.event for flag in flags] == events
    assert [flag.preview == UNOPENED for flag in flags] == [True, False, True]


async def test_what_cannot_be_opened_keeps_its_level() -> None:
    events = [received(None, SafetyLevel.SOON), received(None, SafetyLevel.NOW)]
    assert [flag.event.level for flag in await read_choices(events, KEYS)] == [SafetyLevel.SOON, SafetyLevel.NOW]


async def test_what_cannot_be_opened_is_listed_for_no_preview_and_agencies_have_lanes_of_their_own() -> None:
    other = SUBMITTED.model_copy(update={"agency": an_agency("Tarnbeck School")})
    events = [received(SUBMITTED), received(None), received(other), received(SUBMITTED)]
    listed = await read_lanes(events, try_to_open=KEYS.try_to_open, lane_of=Turns().lane_of)
    assert [one and one[0] for one in listed] == [events[0], None, events[2], events[3]]
    lanes = [one[1] for one in listed if one]
    assert lanes[0] == lanes[2] != lanes[1]
