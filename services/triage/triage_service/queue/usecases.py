"""The queue of cases. A shown list is an access: its audit row is committed before the page is sent (D-L1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline_shared.runtime.work import Work
from pipeline_shared.web.paging import PAGE_SIZE, entries_before, last_page, nearest_page
from triage_service.queue import store
from triage_service.queue.store import QueueRow


@dataclass(frozen=True, slots=True)
class CaseList:
    """A page of the queue, with how many cases are in each state."""

    rows: Sequence[QueueRow]
    counts: Mapping[str, int]
    number: int
    last: int


async def list_cases(work: Work, *, person_id: str, waiting: bool, page: int) -> CaseList:
    """Return the requested page of the queue, or the nearest one, and log the access."""
    state = "waiting" if waiting else "decided"
    counts = await store.count_states(work.connection)
    number = nearest_page(page, total=counts[state])
    list_rows = store.list_waiting if waiting else store.list_decided
    rows = await list_rows(work.connection, limit=PAGE_SIZE, offset=entries_before(number))
    refs = " ".join(str(row.case_id) for row in rows)
    work.audit("queue_listed", actor=person_id, subject=f"{state}:page:{number}", reason=refs)
    return CaseList(rows, counts, number, last_page(counts[state]))
