"""What the sanitiser does: split submissions, and let the source desk release or keep what it holds."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey
from pydantic import ValidationError

from pipeline_shared.crypto.sealing import Context, Recipient, SealError, open_sealed, seal
from pipeline_shared.language.events import (
    HighSubmissionReceived,
    Received,
    SafetyFlagged,
    SafetyPreview,
    SubmissionSanitised,
)
from pipeline_shared.language.local_time import day_of
from pipeline_shared.language.restricted import SealedContent
from pipeline_shared.language.sanitised import SanitisedContent
from pipeline_shared.language.vocabulary import SafetyReason
from pipeline_shared.runtime.errors import PermanentError
from pipeline_shared.runtime.work import Work
from sanitiser_service.desk.review.domain import StaleVersionError
from sanitiser_service.preview.domain import choices_of
from sanitiser_service.worker import store
from sanitiser_service.worker.domain import Clear, Hold, Outcome

RECEIVED_PURPOSE = "submission.received"
SOURCE_PURPOSE = "source.record"
SERVICE = "service:sanitiser"
PAGE_SIZE = 25
FLAG = "safety flag"  # its id comes from the submission's reference: known before anything could be opened

UNOPENED = SafetyPreview(withheld=("everything",))

Assess = Callable[[Sequence[SealedContent]], Awaitable[list[Outcome]]]


@dataclass(frozen=True, slots=True)
class Keys:
    """This service's private keys, and the source desk's public keys."""

    own: Mapping[str, MLKEM768X25519PrivateKey]
    source_desk: tuple[Recipient, ...]

    def open(self, submission_ref: UUID, sealed: bytes) -> SealedContent:
        """Return a submission in clear; raise PermanentError when it cannot be opened or read."""
        try:
            content = open_sealed(sealed, Context(RECEIVED_PURPOSE, submission_ref), self.own)
            return SealedContent.model_validate_json(content)
        except SealError:
            raise PermanentError("cannot_be_opened") from None
        except ValidationError:
            raise PermanentError("unreadable_submission") from None

    async def open_patiently(self, event: Received) -> SealedContent:
        """Return a submission in clear, after letting others have their turn; raise PermanentError."""
        await asyncio.sleep(0)
        return self.open(event.submission_ref, event.sealed)

    async def try_to_open(self, event: Received) -> SealedContent | None:
        """Return a submission in clear, after letting others have their turn; None when it cannot be opened."""
        await asyncio.sleep(0)
        try:
            return self.open(event.submission_ref, event.sealed)
        except Exception:  # noqa: BLE001 - a flag goes all the same; splitting parks what cannot be opened
            return None

    def seal_source(self, source_ref: UUID, opened: SealedContent) -> bytes:
        """Return identity and original sealed to the source desk and the escrow key."""
        return seal(opened.model_dump_json().encode(), Context(SOURCE_PURPOSE, source_ref), self.source_desk)


@dataclass(frozen=True, slots=True)
class Flag:
    """What triage is told at once of a HIGH submission; `reasons` are empty when it could not be opened."""

    event: HighSubmissionReceived
    reasons: tuple[SafetyReason, ...] = ()
    preview: SafetyPreview = UNOPENED


async def read_choices(events: Sequence[HighSubmissionReceived], keys: Keys) -> list[Flag]:
    """Return what each submission's flag says: what was chosen on its form; whatever fails, there is a flag (D-T0)."""
    return [
        Flag(event, reasons_of(opened), choices_of(opened)) if opened else Flag(event)
        for event in events
        for opened in (await keys.try_to_open(event),)
    ]


async def flag_high(work: Work, flags: Sequence[Flag]) -> None:
    """Tell triage at once that somebody may be at risk (D-T0)."""
    for flag in flags:
        ref = flag.event.submission_ref
        flag_id = work.derive_id(ref, FLAG)
        work.publish(
            SafetyFlagged(
                event_id=work.derive_id(ref, "safety.flagged"),
                occurred_at=work.now,
                flag_id=flag_id,
                reasons=flag.reasons,
                preview=flag.preview,
            )
        )
        work.audit("safety_flagged", actor=SERVICE, subject=str(ref), reason=str(flag_id))
        work.count("flagged")


def reasons_of(opened: SealedContent) -> tuple[SafetyReason, ...]:
    """Return why the safety screen fired, each reason once."""
    return tuple(dict.fromkeys(hit.reason for hit in opened.safety))


@dataclass(frozen=True, slots=True)
class Assessed:
    """A submission that has been opened and looked at, with its source sealed away."""

    event: Received
    opened: SealedContent
    outcome: Outcome
    source: store.SourceRecord


async def assess_submissions(events: Sequence[Received], keys: Keys, assess: Assess) -> list[Assessed]:
    """Open, assess and seal; this waits for the matcher, so it comes before any transaction. Raise PermanentError."""
    all_opened = [await keys.open_patiently(event) for event in events]
    assessed: list[Assessed] = []
    for event, opened, outcome in zip(events, all_opened, await assess(all_opened), strict=True):
        source_ref = uuid4()
        source = store.SourceRecord(source_ref, event.submission_ref, keys.seal_source(source_ref, opened))
        assessed.append(Assessed(event, opened, outcome, source))
        await asyncio.sleep(0)  # what is HIGH need not wait for the whole batch
    return assessed


async def separate_sources(work: Work, assessed: Sequence[Assessed]) -> None:
    """Keep each sealed source; send the sanitised content onward, or hold it for a person."""
    held: list[store.NewHeld] = []
    for one in assessed:
        ref, source_ref = one.event.submission_ref, one.source.source_ref
        match one.outcome:
            case Clear(content):
                work.publish(_sanitised(work, one.opened, content, cause=ref, source_ref=source_ref))
                work.audit("submission_sanitised", actor=SERVICE, subject=str(ref))
                work.count("sanitised")
            case Hold(reasons):
                is_high = isinstance(one.event, HighSubmissionReceived)
                held.append(store.NewHeld(ref, one.event.sealed, reasons, is_high))
                work.audit("submission_held", actor=SERVICE, subject=str(ref))
                work.count("held")
    await store.add_sources(work.connection, [one.source for one in assessed], work.now)
    if held:
        await store.add_held(work.connection, held, work.now)


def _sanitised(
    work: Work,
    opened: SealedContent,
    content: SanitisedContent,
    *,
    cause: UUID,
    source_ref: UUID,
    by_person: bool = False,
) -> SubmissionSanitised:
    return SubmissionSanitised(
        event_id=work.derive_id(cause, "submission.sanitised"),
        occurred_at=work.now,
        source_ref=source_ref,
        flag_id=work.derive_id(cause, FLAG),
        status_token=opened.status_token,
        agency_category=opened.agency.category,
        received_on=day_of(opened.received_at),
        content=content,
        released_by_person=by_person,
        safety=reasons_of(opened),
    )


@dataclass(frozen=True, slots=True)
class HeldPage:
    """One page of the list, numbered from 1, and how many submissions are held in all."""

    number: int
    total: int
    rows: Sequence[store.HeldSummary]

    @property
    def last(self) -> int:
        """Return the number of the last page; an empty list has one."""
        return max(1, ceil(self.total / PAGE_SIZE))

    @property
    def first_shown(self) -> int:
        """Return the position of the first row, counted from 1."""
        return (self.number - 1) * PAGE_SIZE + 1


async def list_held(work: Work, number: int, person: str) -> HeldPage:
    """Return a page of the held submissions (the last page for too high a number) and log the reading (D-L1)."""
    total = await store.count_held(work.connection)
    page = HeldPage(number, total, ())
    page = replace(page, number=min(max(1, number), page.last))
    rows = await store.list_held(work.connection, limit=PAGE_SIZE, offset=page.first_shown - 1)
    refs = " ".join(str(row.submission_ref) for row in rows)
    work.audit("held_listed", actor=person, subject=f"page:{page.number}", reason=refs)
    return replace(page, rows=rows)


async def open_for_review(work: Work, submission_ref: UUID, person: str) -> store.Held | None:
    """Return a held submission and log that a person opens it; show it only after this has committed (D-S6).

    Raises StaleVersionError when it has been released.
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
    opened: SealedContent,
    *,
    content: SanitisedContent,
    version: int,
    person: str,
    reason: str,
    left: Sequence[str] = (),
) -> None:
    """Send a person's version onward; raise StaleVersionError when another decided first.

    `left` are the codes of what the check on the output found and the person left: each is in the audit.
    """
    await _decide(work, held, version=version, state="released", person=person, reason=reason)
    if content.has_exact_time:
        work.audit("exact_time_released", actor=person, subject=str(held.submission_ref), reason=reason)
    for code in left:
        work.audit("left_over_accepted", actor=person, subject=str(held.submission_ref), reason=code)
    work.publish(
        _sanitised(work, opened, content, cause=held.submission_ref, source_ref=held.source_ref, by_person=True)
    )


async def keep_held(work: Work, held: store.Held, *, version: int, person: str, reason: str) -> None:
    """Keep a submission from going onward; raise StaleVersionError when another decided first."""
    await _decide(work, held, version=version, state="kept", person=person, reason=reason)


async def _decide(work: Work, held: store.Held, *, version: int, state: str, person: str, reason: str) -> None:
    decided = await store.mark_decided(
        work.connection, held.submission_ref, version, state=state, person=person, now=work.now
    )
    if not decided:
        raise StaleVersionError
    work.audit(f"held_submission_{state}", actor=person, subject=str(held.submission_ref), reason=reason)
    work.count(state)
