"""The pages of safety flags: lists, single flags, and the form to acknowledge one (D-T0)."""

from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from pipeline_shared.runtime.work import Database, begin
from pipeline_shared.web.site import Site, Visit, see_other
from triage_service.actors import DECIDERS
from triage_service.flags import pages
from triage_service.flags.domain import FlagList, FlagTakenError, SafetyFlag
from triage_service.flags.seen_flags import Shown, sights_of
from triage_service.flags.store import FlagNotFoundError
from triage_service.flags.usecases import Reader, acknowledge_flag, list_flags, list_flags_above_queue, read_flag


class Flags:
    """The routes of the lists of flags, each flag, and the form that acknowledges it."""

    def __init__(self, site: Site, database: Database) -> None:
        self._site = site
        self._database = database
        self._shown = Shown()

    def routes(self) -> list[Route]:
        """Return the routes of the flags."""
        page, action = self._site.page, self._site.action
        return [
            Route("/flags", page(self._show_all, DECIDERS)),
            Route("/flags/fresh", page(self._show_fresh, DECIDERS)),
            Route("/flags/{flag_id:uuid}", page(self._show, DECIDERS)),
            Route("/flags/{flag_id:uuid}/acknowledge", action(self._acknowledge, DECIDERS), methods=["POST"]),
        ]

    async def above_queue(self, visit: Visit) -> pages.FlagsPage:
        """Return the list of flags above the queue."""
        reader = _reader(visit)
        async with begin(self._database) as work:
            listed = await list_flags_above_queue(work, reader, self._shown)
        return self._shown_page(visit, reader, listed)

    async def _show_all(self, visit: Visit) -> Response:
        """Show a page of all flags of undecided cases."""
        return visit.render("flags/all.html", flags=await self._page(visit, visit.page_number()))

    async def _show_fresh(self, visit: Visit) -> Response:
        """Return a list of flags as a page fragment, for the script that refreshes the list."""
        number = visit.page_number(otherwise=0)
        flags = await (self._page(visit, number) if number else self.above_queue(visit))
        return visit.render("flags/list.html", flags=flags)

    async def _page(self, visit: Visit, number: int) -> pages.FlagsPage:
        reader = _reader(visit)
        async with begin(self._database) as work:
            listed = await list_flags(work, reader, self._shown, page=number)
        return self._shown_page(visit, reader, listed)

    def _shown_page(self, visit: Visit, reader: Reader, listed: FlagList) -> pages.FlagsPage:
        """Return the page data of a list after its audit row is committed."""
        self._shown.remember(reader.session, sights_of(listed.flags))
        return pages.flags_page(listed, now=datetime.now(UTC), name_of=visit.site.name_of)

    async def _show(self, visit: Visit) -> Response:
        """Show one flag."""
        return visit.render("flags/flag.html", page=_page_of(visit, await self._read(visit)))

    async def _acknowledge(self, visit: Visit) -> Response:
        """Make the person the owner of a flag, then show it; if another person was first, show the owner."""
        flag_id = _flag_id(visit)
        try:
            async with begin(self._database) as work:
                await acknowledge_flag(work, flag_id, person_id=visit.person.id)
        except FlagNotFoundError:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None
        except FlagTakenError:
            page = _page_of(visit, await self._read(visit))
            return visit.render("flags/flag.html", status_code=HTTPStatus.CONFLICT, page=page)
        return see_other(f"/flags/{flag_id}")

    async def _read(self, visit: Visit) -> SafetyFlag:
        try:
            async with begin(self._database) as work:
                return await read_flag(work, _flag_id(visit), person_id=visit.person.id)
        except FlagNotFoundError:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None


def _page_of(visit: Visit, flag: SafetyFlag) -> pages.FlagPage:
    return pages.flag_page(flag, now=datetime.now(UTC), name_of=visit.site.name_of)


def _flag_id(visit: Visit) -> UUID:
    return visit.request.path_params["flag_id"]


def _reader(visit: Visit) -> Reader:
    return Reader(visit.person.id, visit.session.csrf, visit.is_background)
