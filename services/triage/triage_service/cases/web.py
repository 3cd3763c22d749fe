"""The page of a case, and its decision form."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from pipeline_shared.language.local_time import day_of
from pipeline_shared.runtime.metrics import Metrics
from pipeline_shared.runtime.work import Database, begin
from pipeline_shared.web.errors import FormError
from pipeline_shared.web.site import Site, Visit, see_other
from triage_service.actors import DECIDERS
from triage_service.cases import decision, pages
from triage_service.cases.decision_form import read_verdict
from triage_service.cases.domain import CaseFile, StaleVersionError
from triage_service.cases.labels import choices
from triage_service.cases.store import CaseNotFoundError
from triage_service.cases.usecases import read_case, record_decision
from triage_service.rules import recommendation


class Cases:
    """The routes of one case. `keep` is the time until the disposal of a case that is not recorded."""

    def __init__(self, site: Site, database: Database, metrics: Metrics, *, keep: timedelta) -> None:
        self._site = site
        self._database = database
        self._metrics = metrics
        self._keep = keep

    def routes(self) -> list[Route]:
        """Return the routes of a case."""
        return [
            Route("/cases/{case_id:uuid}", self._site.page(self._show, DECIDERS)),
            Route("/cases/{case_id:uuid}/decision", self._site.action(self._decide, DECIDERS), methods=["POST"]),
        ]

    async def _show(self, visit: Visit) -> Response:
        """Show one case, with the form while it waits for a decision."""
        return _render(visit, await self._read(visit))

    async def _decide(self, visit: Visit) -> Response:
        """Record a decision and show the case: 422 when the form is incomplete, 409 when another officer was first."""
        verdict = read_verdict(visit.form)
        if not isinstance(verdict, decision.Verdict):
            return _render(visit, await self._read(visit), errors=verdict)
        case_id = _case_id(visit)
        try:
            async with begin(self._database, self._metrics) as work:
                await record_decision(work, case_id, verdict=verdict, person_id=visit.person.id, keep=self._keep)
        except CaseNotFoundError:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None
        except StaleVersionError:
            page = _page_of(visit, await self._read(visit))
            return visit.render("cases/stale.html", status_code=HTTPStatus.CONFLICT, page=page, form=visit.form)
        return see_other(f"/cases/{case_id}")

    async def _read(self, visit: Visit) -> CaseFile:
        try:
            async with begin(self._database) as work:
                return await read_case(work, _case_id(visit), person_id=visit.person.id)
        except CaseNotFoundError:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None


def _render(visit: Visit, file: CaseFile, errors: Sequence[FormError] = ()) -> Response:
    return visit.render(
        "cases/case.html",
        errors=errors,
        page=_page_of(visit, file),
        form=visit.form,
        outcomes=choices(decision.Outcome),
        route_choices=choices(recommendation.Route),
        reason_codes=choices(decision.ReasonCode),
    )


def _page_of(visit: Visit, file: CaseFile) -> pages.CasePage:
    return pages.case_page(file, visit.site.name_of, today=day_of(datetime.now(UTC)))


def _case_id(visit: Visit) -> UUID:
    return visit.request.path_params["case_id"]
