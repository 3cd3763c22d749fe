"""The use cases of previews: list flagged submissions for a preview, and publish each preview once (D-T0)."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from pipeline_shared.language.events import HighSubmissionReceived, Received, SafetyPreview, SafetyPreviewed
from pipeline_shared.language.restricted import SealedContent
from pipeline_shared.messaging.lanes import lane_of
from pipeline_shared.runtime.work import DeriveId, Work
from sanitiser_service.preview import store

SERVICE = "service:sanitiser"

TryToOpen = Callable[[Received], Awaitable[SealedContent | None]]
Lane = Callable[[SealedContent], int]
Listed = tuple[HighSubmissionReceived, int]


def flag_id_of(submission_ref: UUID, derive_id: DeriveId) -> UUID:
    """Return the id of a submission's safety flag. It does not depend on the content."""
    return derive_id(submission_ref, "safety flag")


class Turns:
    """Gives each agency a lane, without storing the name of the agency."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(16)

    def lane_of(self, opened: SealedContent) -> int:
        """Return the number of an agency's lane. It stays the same while this process runs."""
        name = hashlib.blake2b(opened.agency.name.encode(), digest_size=8, key=self._key)
        return int.from_bytes(name.digest(), signed=True)


async def read_lanes(
    events: Sequence[HighSubmissionReceived], *, try_to_open: TryToOpen, lane_of: Lane
) -> list[Listed | None]:
    """Return each event with the lane of its agency, or None if its submission cannot be opened."""
    listed: list[Listed | None] = []
    for event in events:
        opened = await try_to_open(event)
        listed.append((event, lane_of(opened)) if opened else None)
    return listed


async def list_for_preview(work: Work, listed: Sequence[Listed | None]) -> None:
    """Add submissions to the list of due previews, except those that cannot be opened."""
    due = [
        store.NewPreviewDue(event.submission_ref, event.sealed, lane, event.level)
        for event, lane in filter(None, listed)
    ]
    if due:
        await store.add_previews_due(work.connection, due)


async def publish_preview(work: Work, due: store.PreviewDue, preview: SafetyPreview | None) -> None:
    """Publish the preview of a flagged submission, unless another instance has published it."""
    ref = due.submission_ref
    if await store.remove_preview_due(work.connection, ref) and preview:
        event_id, flag_id = work.derive_id(ref, "safety.previewed"), flag_id_of(ref, work.derive_id)
        event = SafetyPreviewed(event_id=event_id, occurred_at=work.now, flag_id=flag_id, preview=preview)
        work.publish(event, lane=lane_of(due.level))
        work.audit("safety_previewed", actor=SERVICE, subject=str(ref))
        work.count("previewed")
