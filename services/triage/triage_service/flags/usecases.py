"""The use cases of safety flags: open, list, read, acknowledge, take over, and settle when the case is decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from pipeline_shared.language.events import FlagLevel, SafetyFlagged, SafetyPreviewed
from pipeline_shared.language.vocabulary import SafetyLevel
from pipeline_shared.runtime.work import Work
from pipeline_shared.web.paging import PAGE_SIZE, entries_before, nearest_page
from triage_service.actors import SERVICE
from triage_service.flags import store
from triage_service.flags.domain import FlagList, FlagTakenError, SafetyFlag, Takeover, open_flag
from triage_service.flags.seen_flags import Shown, sights_of

# More flags would push the cases out of sight. Each level has a share of its own, so that no number of NOW hides SOON.
MOST_ABOVE_QUEUE: Mapping[FlagLevel, int] = {SafetyLevel.NOW: 10, SafetyLevel.SOON: 5}


@dataclass(frozen=True, slots=True)
class Reader:
    """The reader of a list: the person, the session, and whether the page refreshes by itself."""

    person_id: str
    session: str
    is_background: bool


async def open_flags(work: Work, events: Sequence[SafetyFlagged]) -> None:
    """Store new safety flags (D-T0)."""
    flags = [open_flag(event) for event in events]
    await store.add_flags(work.connection, flags)
    for flag in flags:
        why = " ".join((flag.level, *flag.reasons))
        work.audit("safety_flag_opened", actor=SERVICE, subject=str(flag.flag_id), reason=why, day_only=True)


async def add_previews(work: Work, events: Sequence[SafetyPreviewed]) -> None:
    """Store previews of flagged submissions. A preview may arrive before or after its flag."""
    await store.add_previews(work.connection, {event.flag_id: event.preview for event in events})


async def list_flags_above_queue(work: Work, reader: Reader, shown: Shown) -> FlagList:
    """Return the flags above the queue, and log the access."""
    counts = await store.count_flags(work.connection)
    flags = [
        flag
        for level, most in MOST_ABOVE_QUEUE.items()
        for flag in await store.list_first(work.connection, level, limit=most)
    ]
    _log_list(work, reader, shown, subject="above-queue", flags=flags)
    return FlagList(flags, counts)


async def list_flags(work: Work, reader: Reader, shown: Shown, *, page: int) -> FlagList:
    """Return the requested page of flags, or the nearest one, and log the access."""
    counts = await store.count_flags(work.connection)
    number = nearest_page(page, total=sum(count.total for count in counts.values()))
    flags = await store.list_flags(work.connection, limit=PAGE_SIZE, offset=entries_before(number))
    _log_list(work, reader, shown, subject=f"page:{number}", flags=flags)
    return FlagList(flags, counts, number)


def _log_list(work: Work, reader: Reader, shown: Shown, *, subject: str, flags: Sequence[SafetyFlag]) -> None:
    """Log an access (D-L1). A list that refreshes by itself is logged only when it shows this session something new."""
    if not reader.is_background or shown.is_new(reader.session, sights_of(flags)):
        refs = " ".join(str(flag.flag_id) for flag in flags)
        work.audit("flags_listed", actor=reader.person_id, subject=subject, reason=refs)


async def read_flag(work: Work, flag_id: UUID, *, person_id: str) -> SafetyFlag:
    """Return a flag to a person, and log the access (D-L1); raise FlagNotFoundError."""
    flag = await store.get_flag(work.connection, flag_id)
    work.audit("safety_flag_read", actor=person_id, subject=str(flag_id))
    return flag


async def acknowledge_flag(work: Work, flag_id: UUID, *, person_id: str) -> None:
    """Make a person the owner of a flag; raise FlagNotFoundError, or FlagTakenError when another person owns it."""
    if not await store.mark_acknowledged(work.connection, flag_id, person_id=person_id, now=work.now):
        await store.get_flag(work.connection, flag_id)
        raise FlagTakenError
    _log_owner(work, flag_id, person_id)


async def settle_flag(work: Work, flag_id: UUID | None, *, person_id: str) -> None:
    """Close the flag of a case that a person decides.

    The officer has seen more than the flag shows, and so becomes the owner of a flag without one.
    """
    if await store.mark_settled(work.connection, flag_id, person_id=person_id, now=work.now):
        _log_owner(work, flag_id, person_id)


async def take_over_flag(work: Work, flag_id: UUID, *, seen_owner: str, person_id: str, reason: str) -> None:
    """Make a person the owner of a flag in the place of its owner.

    Raises FlagNotFoundError, and FlagTakenError when the owner is another than the person saw, or is this person.
    """
    taken = await store.mark_taken_over(
        work.connection, flag_id, seen_owner=seen_owner, person_id=person_id, now=work.now
    )
    if not taken:
        await store.get_flag(work.connection, flag_id)
        raise FlagTakenError
    await store.add_takeover(
        work.connection, flag_id, taken_from=seen_owner, taken_by=person_id, reason=reason, now=work.now
    )
    work.audit("safety_flag_taken_over", actor=person_id, subject=str(flag_id), reason=seen_owner)


async def takeovers_of(work: Work, flag_id: UUID | None) -> tuple[Takeover, ...]:
    """Return the changes of the owner of a case's flag; a case without a flag has none."""
    return await store.list_takeovers(work.connection, flag_id) if flag_id else ()


async def unsettle_flag(work: Work, flag_id: UUID | None) -> None:
    """List the flag of a case again that waits for a new decision."""
    await store.mark_unsettled(work.connection, flag_id)


def _log_owner(work: Work, flag_id: UUID | None, person_id: str) -> None:
    work.audit("safety_flag_acknowledged", actor=person_id, subject=str(flag_id))
