"""The page of the queue: the safety flags first, then the cases."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline_shared.access.permissions import Action
from pipeline_shared.language.local_time import day_of
from pipeline_shared.runtime.work import Database
from pipeline_shared.web.site import Site
from pipeline_shared.web.visit import Visit, see_other
from triage_service.flags.web import Flags
from triage_service.queue.pages import QueuePage, queue_line
from triage_service.queue.usecases import list_cases


class Queue:
    """The routes of the queue."""

    def __init__(self, site: Site, database: Database, flags: Flags) -> None:
        self._site = site
        self._database = database
        self._flags = flags

    def routes(self) -> list[Route]:
        """Return the routes of the queue, which is also the start page."""
        return [Route("/", _start), Route("/queue", self._site.page(self._show, Action.LIST_CASES))]

    async def _show(self, visit: Visit) -> Response:
        """Show the waiting cases or the decided cases."""
        is_waiting = visit.request.query_params.get("state") != "decided"
        async with visit.begin(self._database) as work:
            cases = await list_cases(work, person_id=visit.person.id, waiting=is_waiting, page=visit.page_number())
        flags = await self._flags.above_queue(visit)
        today = day_of(datetime.now(UTC))
        name_of = await visit.names_of(self._database, (row.decided_by for row in cases.rows))
        lines = [queue_line(row, today=today, name_of=name_of) for row in cases.rows]
        queue = QueuePage(lines, is_waiting, cases.counts, cases.number, cases.last)
        return visit.render("queue/queue.html", queue=queue, flags=flags)


async def _start(_request: Request) -> Response:
    return see_other("/queue")
