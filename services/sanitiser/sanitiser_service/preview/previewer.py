"""Previews of flagged submissions: each is made after its flag, whatever it takes, and waits for nobody else's (D-T0).

What is to be previewed lies in a table, as it came, until its preview is published. Agencies take turns, and an
agency's small submissions come before its large ones: whoever sends many keeps only their own waiting.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import structlog

from pipeline_shared.language.events import HighSubmissionReceived, SafetyPreview, SafetyPreviewed
from pipeline_shared.language.restricted import SealedContent
from pipeline_shared.runtime.children import Children
from pipeline_shared.runtime.errors import PermanentError
from pipeline_shared.runtime.metrics import Metrics
from pipeline_shared.runtime.retry import pause
from pipeline_shared.runtime.work import Database, Work, begin
from sanitiser_service.preview.domain import choices_of, preview_of
from sanitiser_service.worker import store
from sanitiser_service.worker.usecases import FLAG, SERVICE, Keys

IN_HAND = 5  # looked up at once; whoever comes meanwhile has their turn after these
POLL_SECONDS = 0.05

Preview = Callable[[SealedContent], SafetyPreview]

log = structlog.get_logger()


class Previewer:
    """Makes the previews that are due, one after the other, in a child process."""

    def __init__(
        self, database: Database, metrics: Metrics, keys: Keys, children: Children, preview: Preview = preview_of
    ) -> None:
        self._database = database
        self._metrics = metrics
        self._keys = keys
        self._children = children
        self._preview = preview

    async def run(self, stop: asyncio.Event) -> None:
        """Work off what is due until `stop`."""
        while not stop.is_set():
            async with self._database.pool.acquire() as connection:
                due = await store.list_previews_due(connection, IN_HAND)
            for one in due:
                await self._make(one)
            if not due:
                await pause(stop, POLL_SECONDS)

    async def _make(self, due: store.PreviewDue) -> None:
        preview = await self._preview_of(due)
        async with begin(self._database, self._metrics) as work:
            await publish_preview(work, due, preview)

    async def _preview_of(self, due: store.PreviewDue) -> SafetyPreview | None:
        """Return a preview, the form's choices alone when there is no answer, None when nothing can be opened."""
        try:
            opened = self._keys.open(due.submission_ref, due.sealed)
        except PermanentError as error:  # it could be opened when it came
            log.error("preview_not_opened", id=str(due.submission_ref), error=error.code)
            return None
        return await self._children.do(partial(self._preview, opened)) or choices_of(opened)


def be_ready() -> None:
    """Do nothing: a child that has done this has loaded all that a preview needs."""


async def publish_preview(work: Work, due: store.PreviewDue, preview: SafetyPreview | None) -> None:
    """Tell triage what may be seen of a flagged submission, unless another instance has done so."""
    ref = due.submission_ref
    if await store.remove_preview_due(work.connection, ref) and preview:
        event_id, flag_id = work.derive_id(ref, "safety.previewed"), work.derive_id(ref, FLAG)
        work.publish(SafetyPreviewed(event_id=event_id, occurred_at=work.now, flag_id=flag_id, preview=preview))
        work.audit("safety_previewed", actor=SERVICE, subject=str(ref))
        work.count("previewed")


class Turns:
    """Which submissions share a turn: those of one agency, whose name is kept nowhere."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(16)

    def lane_of(self, opened: SealedContent) -> int:
        """Return a number that one agency's submissions have in common as long as this process runs."""
        name = hashlib.blake2b(opened.agency.name.encode(), digest_size=8, key=self._key)
        return int.from_bytes(name.digest(), signed=True)


Lane = Callable[[SealedContent], int]
Opened = tuple[HighSubmissionReceived, int]


def listing(keys: Keys, lane_of: Lane) -> Callable[[Sequence[HighSubmissionReceived]], Awaitable[list[Opened | None]]]:
    """Return what opens submissions to see whose turn each belongs to; None for one that cannot be opened."""

    async def prepare(events: Sequence[HighSubmissionReceived]) -> list[Opened | None]:
        listed: list[Opened | None] = []
        for event in events:
            opened = await keys.try_to_open(event)
            listed.append((event, lane_of(opened)) if opened else None)
        return listed

    return prepare


async def list_for_preview(work: Work, opened: Sequence[Opened | None]) -> None:
    """Put submissions on the list of those to preview; one that cannot be opened never gets a preview."""
    due = [store.NewPreviewDue(event.submission_ref, event.sealed, lane) for event, lane in filter(None, opened)]
    if due:
        await store.add_previews_due(work.connection, due)
