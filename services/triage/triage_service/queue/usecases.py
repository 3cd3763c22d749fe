"""Lists of cases and flags. Showing a list is a reading: its row is in the audit before the page leaves (D-L1).

A list that refreshes by itself adds a row only when it holds something new to this session.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from pipeline_shared.runtime.work import Work
from triage_service.cases.store import CaseStore, QueueRow
from triage_service.flags.domain import SafetyFlag
from triage_service.flags.store import FlagStore

PAGE_SIZE = 25
MOST_ABOVE_QUEUE = 10  # more would push the cases out of sight
MOST_SESSIONS = 1_000
MOST_SIGHTS = 1_000  # of one session

Sight = tuple[UUID, bool]  # a flag, and whether its preview was there


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks for a list: the person, their session, and whether a page asks by itself."""

    person_id: str
    session: str
    is_background: bool


@dataclass(frozen=True, slots=True)
class FlagList:
    """Some of the flags that are listed: open ones first, and how many of both kinds there are.

    `number` is that of the page; 0 for those above the queue.
    """

    flags: Sequence[SafetyFlag]
    open_count: int
    owned_count: int
    number: int = 0

    @property
    def total(self) -> int:
        """Return how many flags are listed on all pages."""
        return self.open_count + self.owned_count


@dataclass(frozen=True, slots=True)
class CaseList:
    """A page of the queue, with how many cases are in each state."""

    rows: Sequence[QueueRow]
    counts: dict[str, int]
    number: int
    last: int


def sights_of(flags: Iterable[SafetyFlag]) -> list[Sight]:
    """Return what is to be seen of flags: with its preview there is more of one."""
    return [(flag.flag_id, flag.is_previewed) for flag in flags]


class Shown:
    """What each session has been shown of the flags, in bounded memory: what is forgotten is logged once more."""

    def __init__(self) -> None:
        self._sights: OrderedDict[str, set[Sight]] = OrderedDict()

    def is_new(self, session: str, sights: Iterable[Sight]) -> bool:
        """Tell whether a session is about to be shown something for the first time, as far as is remembered."""
        return not self._sights.get(session, set[Sight]()).issuperset(sights)

    def remember(self, session: str, sights: Iterable[Sight]) -> None:
        """Remember what a session is shown, once its row in the audit is committed."""
        known = self._sights.setdefault(session, set[Sight]())
        self._sights.move_to_end(session)
        known.update(sights)
        if len(known) > MOST_SIGHTS:
            known.clear()
        if len(self._sights) > MOST_SESSIONS:
            self._sights.popitem(last=False)


def last_page(total: int) -> int:
    """Return the number of the last page; an empty list has one page."""
    return max(1, -(-total // PAGE_SIZE))


async def list_cases(work: Work, reader: Reader, *, waiting: bool, page: int) -> CaseList:
    """Return a page of the queue, the nearest there is, and log who reads it."""
    store = CaseStore(work.connection)
    state = "waiting" if waiting else "decided"
    counts = await store.count_states()
    last = last_page(counts[state])
    number = min(max(1, page), last)
    rows = await store.list_queue(waiting=waiting, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
    _log(work, "queue_listed", reader, subject=f"{state}:page:{number}", ids=[row.case_id for row in rows])
    return CaseList(rows, counts, number, last)


async def list_flags_above_queue(work: Work, reader: Reader, shown: Shown) -> FlagList:
    """Return the flags that stand above the queue, and log who reads them."""
    open_count, owned_count = await FlagStore(work.connection).count_listed()
    flags = await FlagStore(work.connection).list_listed(limit=MOST_ABOVE_QUEUE, offset=0)
    _log_flags(work, reader, shown, subject="above-queue", flags=flags)
    return FlagList(flags, open_count, owned_count)


async def list_flags(work: Work, reader: Reader, shown: Shown, *, page: int) -> FlagList:
    """Return a page of the flags, the nearest there is, and log who reads it."""
    open_count, owned_count = await FlagStore(work.connection).count_listed()
    number = min(max(1, page), last_page(open_count + owned_count))
    flags = await FlagStore(work.connection).list_listed(limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
    _log_flags(work, reader, shown, subject=f"page:{number}", flags=flags)
    return FlagList(flags, open_count, owned_count, number)


def _log_flags(work: Work, reader: Reader, shown: Shown, *, subject: str, flags: Sequence[SafetyFlag]) -> None:
    ids = [flag.flag_id for flag in flags]
    if not reader.is_background or shown.is_new(reader.session, sights_of(flags)):
        _log(work, "flags_listed", reader, subject=subject, ids=ids)


def _log(work: Work, action: str, reader: Reader, *, subject: str, ids: Sequence[UUID]) -> None:
    work.audit(action, actor=reader.person_id, subject=subject, reason=" ".join(map(str, ids)))
