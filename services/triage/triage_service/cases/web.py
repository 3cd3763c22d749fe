"""The pages of triage: parse, use case, render or redirect."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline_shared.language.local_time import day_of
from pipeline_shared.runtime.metrics import Metrics
from pipeline_shared.runtime.work import Database, begin
from pipeline_shared.web.forms import whole_number
from pipeline_shared.web.identity.people import Role
from pipeline_shared.web.identity.sessions import BACKGROUND_HEADER
from pipeline_shared.web.site import Site, Visit, see_other
from triage_service.cases import domain, pages
from triage_service.cases.decision_form import FormError, read_verdict
from triage_service.cases.domain import StaleVersionError, Verdict
from triage_service.cases.store import CaseNotFoundError
from triage_service.cases.usecases import CaseFile, acknowledge_flag, read_case, read_flag, record_decision
from triage_service.flags import pages as flag_pages
from triage_service.flags.domain import FlagTakenError, SafetyFlag
from triage_service.flags.store import FlagNotFoundError
from triage_service.queue.usecases import (
    FlagList,
    Reader,
    Shown,
    list_cases,
    list_flags,
    list_flags_above_queue,
    sights_of,
)

DECIDERS = (Role.TRIAGE_OFFICER, Role.TRIAGE_SUPERVISOR)


def routes(site: Site, database: Database, *, metrics: Metrics, keep: timedelta) -> list[Route]:
    """Return the pages of triage; only those who may decide see any of them."""
    flags = Flags(database)
    desk = Desk(database, metrics, keep=keep, flags=flags)
    return [
        Route("/", _start),
        Route("/queue", site.page(desk.show_queue, DECIDERS)),
        Route("/flags", site.page(flags.show_all, DECIDERS)),
        Route("/flags/fresh", site.page(flags.show_fresh, DECIDERS)),
        Route("/flags/{flag_id:uuid}", site.page(flags.show, DECIDERS)),
        Route("/flags/{flag_id:uuid}/acknowledge", site.action(flags.acknowledge, DECIDERS), methods=["POST"]),
        Route("/cases/{case_id:uuid}", site.page(desk.show_case, DECIDERS)),
        Route("/cases/{case_id:uuid}/decision", site.action(desk.decide, DECIDERS), methods=["POST"]),
    ]


async def _start(_request: Request) -> Response:
    return see_other("/queue")


class Desk:
    """What officers see and do."""

    def __init__(self, database: Database, metrics: Metrics, *, keep: timedelta, flags: "Flags") -> None:
        self._database = database
        self._metrics = metrics
        self._keep = keep
        self._flags = flags

    async def show_queue(self, visit: Visit) -> Response:
        """Show the cases that wait, or those that are decided."""
        is_waiting = visit.request.query_params.get("state") != "decided"
        async with begin(self._database) as work:
            cases = await list_cases(work, _reader(visit), waiting=is_waiting, page=_page_number(visit.request))
        flags = await self._flags.above_queue(visit)
        today = day_of(datetime.now(UTC))
        lines = [pages.queue_line(row, today=today, name_of=visit.site.name_of) for row in cases.rows]
        queue = pages.QueuePage(lines, is_waiting, cases.counts, cases.number, cases.last)
        return visit.render("queue.html", queue=queue, flags=flags)

    async def show_case(self, visit: Visit) -> Response:
        """Show one case, with its form while it waits."""
        return self._render_case(visit, await self._read(visit))

    async def decide(self, visit: Visit) -> Response:
        """Take a decision and show the case: 422 when the form is incomplete, 409 when another officer was first."""
        verdict = read_verdict(visit.form)
        if not isinstance(verdict, Verdict):
            return self._render_case(visit, await self._read(visit), errors=verdict)
        case_id = _case_id(visit)
        try:
            async with begin(self._database, self._metrics) as work:
                await record_decision(work, case_id, verdict=verdict, person_id=visit.person.id, keep=self._keep)
        except CaseNotFoundError:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None
        except StaleVersionError:
            page = _page_of(visit, await self._read(visit))
            return visit.render("stale.html", status_code=HTTPStatus.CONFLICT, page=page, form=visit.form)
        return see_other(f"/cases/{case_id}")

    async def _read(self, visit: Visit) -> CaseFile:
        try:
            async with begin(self._database) as work:
                return await read_case(work, _case_id(visit), person_id=visit.person.id)
        except CaseNotFoundError:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None

    def _render_case(self, visit: Visit, file: CaseFile, errors: list[FormError] | None = None) -> Response:
        return visit.render(
            "case.html",
            status_code=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
            page=_page_of(visit, file),
            form=visit.form,
            errors=pages.error_summary(errors or []),
            error_of={error.field: error.text for error in errors or []},
            outcomes=pages.choices(domain.Outcome),
            route_choices=pages.choices(domain.Route),
            reason_codes=pages.choices(domain.ReasonCode),
        )


def _page_of(visit: Visit, file: CaseFile) -> pages.CasePage:
    return pages.case_page(file, visit.site.name_of, today=day_of(datetime.now(UTC)))


class Flags:
    """Safety flags: what officers see before anything else, and take on (D-T0)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._shown = Shown()

    async def show_all(self, visit: Visit) -> Response:
        """Show a page of all flags whose cases are not decided."""
        return visit.render("all-flags.html", flags=await self._page(visit, _page_number(visit.request)))

    async def show_fresh(self, visit: Visit) -> Response:
        """Show a page of flags, or those above the queue, as the part of a page that a script puts in place anew."""
        number = _page_number(visit.request, otherwise=0)
        flags = await (self._page(visit, number) if number else self.above_queue(visit))
        return visit.render("flags.html", flags=flags)

    async def above_queue(self, visit: Visit) -> flag_pages.FlagsPage:
        """Return the flags that stand above the queue."""
        reader = _reader(visit)
        async with begin(self._database) as work:
            listed = await list_flags_above_queue(work, reader, self._shown)
        return self._shown_page(visit, reader, listed)

    async def _page(self, visit: Visit, number: int) -> flag_pages.FlagsPage:
        reader = _reader(visit)
        async with begin(self._database) as work:
            listed = await list_flags(work, reader, self._shown, page=number)
        return self._shown_page(visit, reader, listed)

    def _shown_page(self, visit: Visit, reader: Reader, listed: FlagList) -> flag_pages.FlagsPage:
        """Return a list whose row in the audit is committed."""
        self._shown.remember(reader.session, sights_of(listed.flags))
        return flag_pages.flags_page(listed, now=datetime.now(UTC), name_of=visit.site.name_of)

    async def show(self, visit: Visit) -> Response:
        """Show one flag."""
        return visit.render("flag.html", page=_flag_page(visit, await self._read(visit)))

    async def acknowledge(self, visit: Visit) -> Response:
        """Make the person the owner of a flag: see it again, or who was first."""
        flag_id = _flag_id(visit)
        try:
            async with begin(self._database) as work:
                await acknowledge_flag(work, flag_id, person_id=visit.person.id)
        except FlagNotFoundError:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None
        except FlagTakenError:
            page = _flag_page(visit, await self._read(visit))
            return visit.render("flag.html", status_code=HTTPStatus.CONFLICT, page=page)
        return see_other(f"/flags/{flag_id}")

    async def _read(self, visit: Visit) -> SafetyFlag:
        try:
            async with begin(self._database) as work:
                return await read_flag(work, _flag_id(visit), person_id=visit.person.id)
        except FlagNotFoundError:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None


def _flag_page(visit: Visit, flag: SafetyFlag) -> flag_pages.FlagPage:
    return flag_pages.flag_page(flag, now=datetime.now(UTC), name_of=visit.site.name_of)


def _flag_id(visit: Visit) -> UUID:
    return visit.request.path_params["flag_id"]


def _case_id(visit: Visit) -> UUID:
    return visit.request.path_params["case_id"]


def _page_number(request: Request, otherwise: int = 1) -> int:
    return whole_number(request.query_params.get("page", ""), otherwise=otherwise)


def _reader(visit: Visit) -> Reader:
    return Reader(visit.person.id, visit.session.csrf, is_background=BACKGROUND_HEADER in visit.request.headers)
