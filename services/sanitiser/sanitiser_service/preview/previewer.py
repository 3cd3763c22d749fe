"""Makes the previews of flagged submissions: each after its flag was sent, without delaying any flag (D-T0).

A submission waits in a table, still sealed, until its preview is published. Agencies take turns, and small submissions
of an agency come before its large ones. Therefore an agency with many submissions delays only its own.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from uuid import UUID

import structlog

from pipeline_shared.language.events import SafetyPreview
from pipeline_shared.language.restricted import SealedContent
from pipeline_shared.runtime.children import Children
from pipeline_shared.runtime.errors import PermanentError
from pipeline_shared.runtime.metrics import Metrics
from pipeline_shared.runtime.retry import pause
from pipeline_shared.runtime.work import Database, begin
from sanitiser_service.matcher.disclosure.telling import encoder
from sanitiser_service.preview import store
from sanitiser_service.preview.domain import choices_of, preview_of
from sanitiser_service.preview.usecases import publish_preview

IN_HAND = 5  # read at once; submissions that arrive meanwhile come after these
POLL_SECONDS = 0.05

Open = Callable[[UUID, bytes], SealedContent]
Preview = Callable[[SealedContent], SafetyPreview]

log = structlog.get_logger()


class Previewer:
    """Makes the due previews one by one, in a child process."""

    def __init__(
        self,
        database: Database,
        metrics: Metrics,
        *,
        open_received: Open,
        children: Children,
        preview: Preview = preview_of,
    ) -> None:
        self._database = database
        self._metrics = metrics
        self._open = open_received
        self._children = children
        self._preview = preview

    async def run(self, stop: asyncio.Event) -> None:
        """Make due previews until `stop` is set."""
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
        """Return a preview; only the choices if the child gives no answer; None if the submission cannot be opened."""
        try:
            opened = self._open(due.submission_ref, due.sealed)
        except PermanentError as error:  # unexpected: it could be opened when it arrived
            log.error("preview_not_opened", id=str(due.submission_ref), error=error.code)
            return None
        return await self._children.do(partial(self._preview, opened)) or choices_of(opened)


def be_ready() -> None:
    """Load the encoder; a child that can run this has loaded the rest of a preview."""
    encoder()
