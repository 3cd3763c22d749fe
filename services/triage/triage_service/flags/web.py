"""The pages of safety flags: lists, single flags, and the form to acknowledge one (D-T0)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from pipeline_shared.access.permissions import Action
from pipeline_shared.runtime.work import Database
from pipeline_shared.web.conditions import Reason
from pipeline_shared.web.errors import FormError
from pipeline_shared.web.site import Site
from pipeline_shared.web.visit import NameOf, Visit, see_other
from triage_service.flags import pages
from triage_service.flags.domain import FlagList, FlagTakenError, SafetyFlag
from triage_service.flags.seen_flags import Shown, sights_of
from triage_service.flags.store import FlagNotFoundError, find_owner
from triage_service.flags.usecases import (
    Reader,
    acknowledge_flag,
    list_flags,
    list_flags_above_queue,
    read_flag,
    take_over_flag,
)

FLAG = "/flags/{flag_id}"


class Flags:
    """The routes of the lists of flags, each flag, and the form that acknowledges it."""

    def __init__(self, site: Site, database: Database) -> None:
        self._site = site
        self._database = database
        self._shown = Shown()

    def routes(self) -> list[Route]:
        """Return the routes of the flags."""
        page, action = self._site.page, self._site.action
        acknowledge = action(self._acknowledge, Action.ACKNOWLEDGE_FLAG, page=FLAG)
        why = Reason("reason", "Enter why you take this over", self._show_again)
        take_over = action(self._take_over, Action.TAKE_OVER_FLAG, page=FLAG, reason=why, person_before=self._owner)
        return [
            Route("/flags", page(self._show_all, Action.LIST_FLAGS)),
            Route("/flags/fresh", page(self._show_fresh, Action.LIST_FLAGS)),
            Route("/flags/{flag_id:uuid}", page(self._show, Action.READ_FLAG)),
            Route("/flags/{flag_id:uuid}/acknowledge", acknowledge, methods=["POST"]),
            Route("/flags/{flag_id:uuid}/takeover", take_over, methods=["POST"]),
        ]

    async def above_queue(self, visit: Visit) -> pages.FlagsPage:
        """Return the list of flags above the queue."""
        reader = _reader(visit)
        async with visit.begin(self._database) as work:
            listed = await list_flags_above_queue(work, reader, self._shown)
        return await self._shown_page(visit, reader, listed)

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
        async with visit.begin(self._database) as work:
            listed = await list_flags(work, reader, self._shown, page=number)
        return await self._shown_page(visit, reader, listed)

    async def _shown_page(self, visit: Visit, reader: Reader, listed: FlagList) -> pages.FlagsPage:
        """Return the page data of a list after its audit row is committed."""
        self._shown.remember(reader.session, sights_of(listed.flags))
        name_of = await self._names(visit, listed.flags)
        return pages.flags_page(listed, now=datetime.now(UTC), name_of=name_of)

    async def _show(self, visit: Visit) -> Response:
        """Show one flag."""
        return await self._render(visit, await self._read(visit))

    async def _acknowledge(self, visit: Visit) -> Response:
        """Make the person the owner of a flag, then show it; if another person was first, show the owner."""
        flag_id = _flag_id(visit)
        try:
            async with visit.begin(self._database) as work:
                await acknowledge_flag(work, flag_id, person_id=visit.person.id)
        except FlagNotFoundError:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None
        except FlagTakenError:
            return await self._render(visit, await self._read(visit), status=HTTPStatus.CONFLICT)
        return see_other(f"/flags/{flag_id}")

    async def _take_over(self, visit: Visit) -> Response:
        """Make the person the owner in the place of another; if the owner has changed, show the new one."""
        flag_id, owner = _flag_id(visit), visit.form.get("owner", "")
        try:
            async with visit.begin(self._database) as work:
                await take_over_flag(work, flag_id, seen_owner=owner, person_id=visit.person.id, reason=visit.reason)
        except FlagNotFoundError:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None
        except FlagTakenError:
            return await self._render(visit, await self._read(visit), status=HTTPStatus.CONFLICT)
        return see_other(f"/flags/{flag_id}")

    async def _owner(self, visit: Visit) -> str | None:
        async with self._database.pool.acquire() as connection:
            return await find_owner(connection, _flag_id(visit))

    async def _show_again(self, visit: Visit) -> Response:
        return await self._render(visit, await self._read(visit), errors=visit.errors)

    async def _read(self, visit: Visit) -> SafetyFlag:
        try:
            async with visit.begin(self._database) as work:
                return await read_flag(work, _flag_id(visit), person_id=visit.person.id)
        except FlagNotFoundError:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None

    async def _render(
        self,
        visit: Visit,
        flag: SafetyFlag,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        errors: Sequence[FormError] = (),
    ) -> Response:
        page = pages.flag_page(flag, now=datetime.now(UTC), name_of=await self._names(visit, [flag]))
        return visit.render("flags/flag.html", status_code=status, errors=errors, page=page, form=visit.form)

    async def _names(self, visit: Visit, flags: Sequence[SafetyFlag]) -> NameOf:
        return await visit.names_of(self._database, (flag.acknowledged_by for flag in flags))


def _flag_id(visit: Visit) -> UUID:
    return visit.request.path_params["flag_id"]


def _reader(visit: Visit) -> Reader:
    return Reader(visit.person.id, visit.session.sign_in, visit.is_background)
