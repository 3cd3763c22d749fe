"""The page of a case, its decision form, and the form that takes a decision back."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from pipeline_shared.access.permissions import Action
from pipeline_shared.language.local_time import day_of
from pipeline_shared.runtime.metrics import Metrics
from pipeline_shared.runtime.work import Database
from pipeline_shared.web.conditions import Reason
from pipeline_shared.web.errors import FormError
from pipeline_shared.web.forms import whole_number
from pipeline_shared.web.site import Site
from pipeline_shared.web.visit import Visit, see_other
from triage_service.cases import decision, pages
from triage_service.cases.decision_form import read_verdict
from triage_service.cases.decision_store import find_decider
from triage_service.cases.domain import CaseFile, StaleVersionError
from triage_service.cases.labels import choices
from triage_service.cases.store import CaseNotFoundError
from triage_service.cases.usecases import read_case, record_decision, reopen_case
from triage_service.rules import recommendation

CASE = "/cases/{case_id}"


class Cases:
    """The routes of one case. `keep` is the time until the disposal of a case that is not recorded."""

    def __init__(self, site: Site, database: Database, metrics: Metrics, *, keep: timedelta) -> None:
        self._site = site
        self._database = database
        self._metrics = metrics
        self._keep = keep

    def routes(self) -> list[Route]:
        """Return the routes of a case."""
        why, why_reopened = (
            Reason("reason", "Enter the reason for your decision", self._show_undecided),
            Reason("reopen-reason", "Enter why the case is reopened", self._show_again),
        )
        decide = self._site.action(self._decide, Action.DECIDE_CASE, page=CASE, reason=why)
        reopen = self._site.action(
            self._reopen, Action.REOPEN_CASE, page=CASE, reason=why_reopened, person_before=self._decider
        )
        return [
            Route("/cases/{case_id:uuid}", self._site.page(self._show, Action.READ_CASE)),
            Route("/cases/{case_id:uuid}/decision", decide, methods=["POST"]),
            Route("/cases/{case_id:uuid}/reopening", reopen, methods=["POST"]),
        ]

    async def _show(self, visit: Visit) -> Response:
        """Show one case, with the form while it waits for a decision."""
        return await self._render(visit, await self._read(visit))

    async def _decide(self, visit: Visit) -> Response:
        """Record a decision and show the case: 422 when the form is incomplete, 409 when another officer was first."""
        verdict = read_verdict(visit.form, visit.reason)
        if not isinstance(verdict, decision.Verdict):
            return await self._render(visit, await self._read(visit), errors=verdict)
        case_id = _case_id(visit)
        try:
            async with visit.begin(self._database, self._metrics) as work:
                await record_decision(work, case_id, verdict=verdict, person_id=visit.person.id, keep=self._keep)
        except CaseNotFoundError:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None
        except StaleVersionError:
            return await self._stale(visit)
        return see_other(f"/cases/{case_id}")

    async def _reopen(self, visit: Visit) -> Response:
        """Take a decision back and show the case: 409 when it has changed. Raises SamePersonError."""
        case_id, version = _case_id(visit), whole_number(visit.form.get("version", ""), otherwise=0)
        try:
            async with visit.begin(self._database) as work:
                await reopen_case(work, case_id, version=version, person_id=visit.person.id, reason=visit.reason)
        except CaseNotFoundError:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None
        except StaleVersionError:
            return await self._stale(visit)
        return see_other(f"/cases/{case_id}")

    async def _decider(self, visit: Visit) -> str | None:
        async with self._database.pool.acquire() as connection:
            return await find_decider(connection, _case_id(visit))

    async def _show_undecided(self, visit: Visit) -> Response:
        """Show the decision form again, with everything that is missing in it."""
        verdict = read_verdict(visit.form, visit.reason)
        errors = [] if isinstance(verdict, decision.Verdict) else verdict
        return await self._render(visit, await self._read(visit), errors=[*errors, *visit.errors])

    async def _show_again(self, visit: Visit) -> Response:
        return await self._render(visit, await self._read(visit), errors=visit.errors)

    async def _read(self, visit: Visit) -> CaseFile:
        try:
            async with visit.begin(self._database) as work:
                return await read_case(work, _case_id(visit), person_id=visit.person.id)
        except CaseNotFoundError:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None

    async def _render(self, visit: Visit, file: CaseFile, errors: Sequence[FormError] = ()) -> Response:
        return visit.render(
            "cases/case.html",
            errors=errors,
            page=await self._page_of(visit, file),
            form=visit.form,
            outcomes=choices(decision.Outcome),
            route_choices=choices(recommendation.Route),
            reason_codes=choices(decision.ReasonCode),
        )

    async def _stale(self, visit: Visit) -> Response:
        page = await self._page_of(visit, await self._read(visit))
        return visit.render("cases/stale.html", status_code=HTTPStatus.CONFLICT, page=page, form=visit.form)

    async def _page_of(self, visit: Visit, file: CaseFile) -> pages.CasePage:
        name_of = await visit.names_of(self._database, pages.people_in(file))
        return pages.case_page(file, name_of, today=day_of(datetime.now(UTC)))


def _case_id(visit: Visit) -> UUID:
    return visit.request.path_params["case_id"]
