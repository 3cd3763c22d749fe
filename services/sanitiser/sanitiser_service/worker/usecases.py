"""The use cases of the worker: flag urgent submissions, separate sources, publish or hold the sanitised content."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from pipeline_shared.language.events import HighSubmissionReceived, Received, SafetyFlagged, SafetyPreview
from pipeline_shared.language.restricted import SealedContent
from pipeline_shared.language.vocabulary import SafetyLevel, SafetyReason
from pipeline_shared.messaging.lanes import lane_of
from pipeline_shared.runtime.work import DeriveId, Work
from sanitiser_service.open_submission import OpenSubmission, reasons_of
from sanitiser_service.preview.domain import choices_of
from sanitiser_service.preview.usecases import SERVICE, flag_id_of
from sanitiser_service.worker import store
from sanitiser_service.worker.domain import Clear, ClearOrHold, Hold
from sanitiser_service.worker.keys import Keys

UNOPENED = SafetyPreview(withheld=("everything",))

MatchAll = Callable[[Sequence[SealedContent]], Awaitable[list[ClearOrHold]]]


@dataclass(frozen=True, slots=True)
class Flag:
    """The content of a safety flag. `reasons` is empty if the submission could not be opened."""

    event: HighSubmissionReceived
    reasons: tuple[SafetyReason, ...] = ()
    preview: SafetyPreview = UNOPENED


async def read_choices(events: Sequence[HighSubmissionReceived], keys: Keys) -> list[Flag]:
    """Return a flag for each submission, with the choices on its form. There is always a flag (D-T0)."""
    return [
        Flag(event, reasons_of(opened), choices_of(opened)) if opened else Flag(event)
        for event in events
        for opened in (await keys.try_to_open(event),)
    ]


async def flag_high(work: Work, flags: Sequence[Flag]) -> None:
    """Publish safety flags at once, each with its level, also when it could not be opened (D-T0)."""
    for flag in flags:
        ref = flag.event.submission_ref
        flag_id = flag_id_of(ref, work.derive_id)
        work.publish(
            SafetyFlagged(
                event_id=work.derive_id(ref, "safety.flagged"),
                occurred_at=work.now,
                flag_id=flag_id,
                level=flag.event.level,
                reasons=flag.reasons,
                model=flag.event.model,
                preview=flag.preview,
            ),
            lane=lane_of(flag.event.level),
        )
        work.audit("safety_flagged", actor=SERVICE, subject=str(ref), reason=str(flag_id))
        work.count(f"flagged_{flag.event.level}")


@dataclass(frozen=True, slots=True)
class Matched:
    """An opened and matched submission: its source sealed, and if held, the whole submission sealed to the desk."""

    submission_ref: UUID
    submission: OpenSubmission
    source: store.SourceRecord
    became: Clear | store.NewHeld


async def open_and_match(
    events: Sequence[Received], *, keys: Keys, match_all: MatchAll, derive_id: DeriveId
) -> list[Matched]:
    """Open, match and seal, before any transaction, because the matcher takes time. Raise PermanentError."""
    all_opened = [await keys.open_patiently(event) for event in events]
    matched: list[Matched] = []
    for event, opened, outcome in zip(events, all_opened, await match_all(all_opened), strict=True):
        matched.append(_matched(event, _with_references(event, opened, derive_id), outcome, keys))
        await asyncio.sleep(0)  # let an urgent submission in before the batch ends
    return matched


def _with_references(event: Received, opened: SealedContent, derive_id: DeriveId) -> OpenSubmission:
    return OpenSubmission(
        content=opened,
        # The same again when a submission is read again after a restore: the case that was opened finds its source.
        source_ref=derive_id(event.submission_ref, "source"),
        flag_id=flag_id_of(event.submission_ref, derive_id),
        event_id=derive_id(event.submission_ref, "submission.sanitised"),
        level=_level_of(event),
    )


def _level_of(event: Received) -> SafetyLevel:
    return event.level if isinstance(event, HighSubmissionReceived) else SafetyLevel.ORDINARY


def _matched(event: Received, submission: OpenSubmission, outcome: ClearOrHold, keys: Keys) -> Matched:
    ref = event.submission_ref
    source = store.SourceRecord(submission.source_ref, ref, keys.seal_source(submission))
    match outcome:
        case Clear():
            return Matched(ref, submission, source, outcome)
        case Hold(reasons):
            held = store.NewHeld(ref, keys.seal_held(ref, submission), reasons, submission.level)
            return Matched(ref, submission, source, held)


async def separate_sources(work: Work, matched: Sequence[Matched]) -> None:
    """Store each sealed source; publish the sanitised content, or hold the submission."""
    held: list[store.NewHeld] = []
    for one in matched:
        match one.became:
            case Clear(content):
                work.publish(one.submission.onward(content, work.now))
                work.audit("submission_sanitised", actor=SERVICE, subject=str(one.submission_ref))
                work.count("sanitised")
            case store.NewHeld():
                held.append(one.became)
                work.audit("submission_held", actor=SERVICE, subject=str(one.submission_ref))
                work.count("held")
    await store.add_sources(work.connection, [one.source for one in matched], work.now)
    if held:
        await store.add_held(work.connection, held, work.now)
