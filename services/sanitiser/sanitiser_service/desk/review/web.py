"""The HTTP requests of the review. Each opening is logged before the text is sent (D-S6)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import structlog
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from pipeline_shared.access.permissions import Action
from pipeline_shared.language.restricted import SealedContent
from pipeline_shared.runtime.children import Children
from pipeline_shared.runtime.errors import PermanentError
from pipeline_shared.runtime.metrics import Metrics
from pipeline_shared.runtime.work import Database
from pipeline_shared.web.conditions import Reason, View
from pipeline_shared.web.errors import FormError
from pipeline_shared.web.site import Site
from pipeline_shared.web.visit import Visit, see_other
from sanitiser_service.desk.review import pages, store
from sanitiser_service.desk.review.domain import StaleVersionError
from sanitiser_service.desk.review.labels import explain_all
from sanitiser_service.desk.review.occurrence import precision_in, time_choice
from sanitiser_service.desk.review.review_form import ReviewForm, typed_in, version_in
from sanitiser_service.desk.review.review_job import Examined, examine, unexamined
from sanitiser_service.desk.review.usecases import keep_held, list_held, open_for_review, release_held
from sanitiser_service.open_submission import OpenSubmission, PrivateKeys, open_held

HELD = "/held/{submission_ref}"

log = structlog.get_logger()


class Review:
    """The pages and forms of the review."""

    def __init__(self, site: Site, database: Database, keys: PrivateKeys, children: Children, metrics: Metrics) -> None:
        self._site = site
        self._database = database
        self._keys = keys
        self._children = children
        self._metrics = metrics

    def routes(self) -> list[BaseRoute]:
        """Return the review's routes."""
        return [
            Route("/", lambda _request: RedirectResponse("/held", 303)),
            Route("/held", self._site.page(self._list, Action.LIST_HELD)),
            Route("/held/{submission_ref:uuid}", self._site.page(explain_conflict(self._show), Action.OPEN_HELD)),
            self._step("preview", self._preview, Action.OPEN_HELD),
            self._step("release", self._release, Action.RELEASE_HELD, again=self._show_unreleased),
            self._step("hold", self._keep, Action.KEEP_HELD, again=self._show_again),
        ]

    def _step(self, step: str, view: View, action: Action, *, again: View | None = None) -> Route:
        reason = Reason("reason", pages.REASON_MISSING, explain_conflict(again)) if again else None
        endpoint = self._site.action(explain_conflict(view), action, page=HELD, reason=reason)
        return Route(f"/held/{{submission_ref:uuid}}/{step}", endpoint, methods=["POST"])

    async def _list(self, visit: Visit) -> Response:
        async with visit.begin(self._database) as work:
            held = await list_held(work, visit.page_number(), visit.person.id)
        return visit.render("review/held-list.html", held=held, rows=[pages.row(item) for item in held.rows])

    async def _show(self, visit: Visit) -> Response:
        try:
            return await (await self._review(visit)).page()
        except StaleVersionError:  # this request decides nothing; a released submission has no page
            raise HTTPException(404) from None

    async def _preview(self, visit: Visit) -> Response:
        return await (await self._review(visit)).page()

    async def _release(self, visit: Visit) -> Response:
        reviewing = await self._review(visit)
        examined = reviewing.examined
        if examined.errors:
            return await reviewing.page(examined.errors)
        version, person = version_in(visit.form), visit.person.id
        async with visit.begin(self._database, self._metrics) as work:
            await release_held(
                work,
                reviewing.held,
                reviewing.submission,
                content=examined.content,
                version=version,
                person=person,
                reason=visit.reason,
                left=examined.left,
            )
        return see_other("/held")

    async def _keep(self, visit: Visit) -> Response:
        held, _ = await self._open(visit)
        async with visit.begin(self._database, self._metrics) as work:
            version, person = version_in(visit.form), visit.person.id
            await keep_held(work, held, version=version, person=person, reason=visit.reason)
        return see_other("/held")

    async def _show_unreleased(self, visit: Visit) -> Response:
        """Show the form again, with everything that keeps the submission from being released."""
        reviewing = await self._review(visit)
        return await reviewing.page([*reviewing.examined.errors, *visit.errors])

    async def _show_again(self, visit: Visit) -> Response:
        return await (await self._review(visit)).page(visit.errors)

    async def _review(self, visit: Visit) -> "_Reviewing":
        held, submission = await self._open(visit)
        form = ReviewForm.read(visit.form)
        return _Reviewing(visit, held, submission, await self._examine(submission.content, form))

    async def _examine(self, opened: SealedContent, form: ReviewForm) -> Examined:
        """Run the review in a child process. If that times out, run it again without reading the original."""
        try:
            for read in (True, False):
                examined = await self._children.do(partial(examine, opened, form, read=read))
                if examined:
                    return examined
        except TimeoutError:
            log.error("no_child_for_review")
        return unexamined(opened, form)

    async def _open(self, visit: Visit) -> tuple[store.Held, OpenSubmission]:
        """Open a held submission, after the audit of the opening has been committed.

        Raises StaleVersionError if it has been released, and PermanentError if it cannot be opened.
        """
        submission_ref: UUID = visit.request.path_params["submission_ref"]
        async with visit.begin(self._database) as work:
            held = await open_for_review(work, submission_ref, visit.person.id)
        if held is None:
            raise HTTPException(404)
        return held, open_held(held.submission_ref, held.sealed, self._keys)


def explain_conflict(view: View) -> View:
    """Return a view that explains a conflict or an unreadable submission, and keeps the typed text."""

    async def explained(visit: Visit) -> Response:
        try:
            return await view(visit)
        except StaleVersionError:
            return visit.render("review/stale.html", status_code=409, typed=typed_in(visit.form))
        except PermanentError as error:  # the key is missing or the format is unknown, so no decision is possible now
            log.error("held_not_opened", id=str(visit.request.path_params["submission_ref"]), error=error.code)
            return visit.render("review/unopened.html", status_code=409, typed=typed_in(visit.form))

    return explained


@dataclass(frozen=True, slots=True)
class _Reviewing:
    """A held submission in one request."""

    visit: Visit
    held: store.Held
    submission: OpenSubmission
    examined: Examined

    @property
    def opened(self) -> SealedContent:
        """Return the opened submission."""
        return self.submission.content

    async def page(self, errors: Sequence[FormError] = ()) -> Response:
        """Return the page of the review. It is rendered in a thread, because a long page takes time."""
        return await asyncio.to_thread(
            self.visit.render,
            "review/held.html",
            errors=errors,
            held=self.held,
            # keep the form's version, so that a later decision still makes the form stale
            version=self.visit.form.get("version", self.held.version),
            state=pages.STATES[self.held.state],
            reason=self.visit.form.get("reason", ""),
            identity=pages.identity_rows(self.opened),
            onward=pages.onward_rows(self.opened.submission),
            examined=self.examined,
            reasons=explain_all(self.held.reasons),
            time=time_choice(self.opened.submission.occurrence, precision_in(self.visit.form)),
        )
