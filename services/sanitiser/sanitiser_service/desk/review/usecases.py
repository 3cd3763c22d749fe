"""The use cases of the review: list held submissions, open one, release it or keep it held."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from pipeline_shared.language.sanitised import SanitisedContent
from pipeline_shared.runtime.work import Work
from pipeline_shared.web.paging import PAGE_SIZE, entries_before, last_page, nearest_page
from sanitiser_service.desk.review import store
from sanitiser_service.desk.review.domain import StaleVersionError
from sanitiser_service.open_submission import OpenSubmission


@dataclass(frozen=True, slots=True)
class HeldPage:
    """One page of the list, numbered from 1, and the total of held submissions."""

    number: int
    total: int
    rows: Sequence[store.HeldSummary]

    @property
    def last(self) -> int:
        """Return the number of the last page, 1 for an empty list."""
        return last_page(self.total)

    @property
    def first_shown(self) -> int:
        """Return the position of the first row, counted from 1."""
        return entries_before(self.number) + 1


async def list_held(work: Work, number: int, person: str) -> HeldPage:
    """Return a page of the held submissions (the last page for too high a number) and log the reading (D-L1)."""
    total = await store.count_held(work.connection)
    number = nearest_page(number, total=total)
    rows = await store.list_held(work.connection, limit=PAGE_SIZE, offset=entries_before(number))
    refs = " ".join(str(row.submission_ref) for row in rows)
    work.audit("held_listed", actor=person, subject=f"page:{number}", reason=refs)
    return HeldPage(number, total, rows)


async def open_for_review(work: Work, submission_ref: UUID, person: str) -> store.Held | None:
    """Return a held submission and log the opening; show it only after the commit (D-S6).

    Raises StaleVersionError if it has been released.
    """
    held = await store.find_held(work.connection, submission_ref)
    if held is None and await store.was_released(work.connection, submission_ref):
        raise StaleVersionError
    if held:
        work.audit("held_submission_opened", actor=person, subject=str(submission_ref), reason="review")
    return held


async def release_held(
    work: Work,
    held: store.Held,
    submission: OpenSubmission,
    *,
    content: SanitisedContent,
    version: int,
    person: str,
    reason: str,
    left: Sequence[str] = (),
) -> None:
    """Release a person's version; raise StaleVersionError if another person decided first.

    `left`: codes of leaks the reviewer kept. Each is audited.
    """
    await _decide(work, held, version=version, state="released", person=person, reason=reason)
    if content.has_exact_time:
        work.audit("exact_time_released", actor=person, subject=str(held.submission_ref), reason=reason)
    for code in left:
        work.audit("left_over_accepted", actor=person, subject=str(held.submission_ref), reason=code)
    work.publish(submission.onward(content, work.now, by_person=True))


async def keep_held(work: Work, held: store.Held, *, version: int, person: str, reason: str) -> None:
    """Keep a submission held; raise StaleVersionError if another person decided first."""
    await _decide(work, held, version=version, state="kept", person=person, reason=reason)


async def _decide(work: Work, held: store.Held, *, version: int, state: str, person: str, reason: str) -> None:
    decided = await store.mark_decided(
        work.connection, held.submission_ref, version, state=state, person=person, now=work.now
    )
    if not decided:
        raise StaleVersionError
    work.audit(f"held_submission_{state}", actor=person, subject=str(held.submission_ref), reason=reason)
    work.count(state)
