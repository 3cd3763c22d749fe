"""The source desk's review of held submissions. Each opening is logged before the text leaves (D-S6)."""

from pathlib import Path
from uuid import UUID

import asyncpg
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from pipeline_shared.contracts import SanitisedContent
from pipeline_shared.metrics import Metrics
from pipeline_shared.submission import SealedContent
from pipeline_shared.ui import Role, Site, Visit, see_other
from pipeline_shared.work import begin
from sanitiser_service import pages, store
from sanitiser_service.domain import StaleVersionError
from sanitiser_service.fields import texts_of, with_texts
from sanitiser_service.profile import protected_values
from sanitiser_service.residual import LeftOver, left_over
from sanitiser_service.reviewing import as_decided, propose, rewritten, undecided
from sanitiser_service.usecases import Keys, keep_held, open_for_review, release_held

ROLES = (Role.SOURCE_DESK_OFFICER, Role.SOURCE_DESK_APPROVER)
MOST_LISTED = 200
TEMPLATES = Path(__file__).parent / "templates"


class Review:
    """The pages and forms of the review."""

    def __init__(self, site: Site, pool: asyncpg.Pool, keys: Keys, metrics: Metrics) -> None:
        self._site = site
        self._pool = pool
        self._keys = keys
        self._metrics = metrics

    def routes(self) -> list[BaseRoute]:
        """Return the review's routes."""
        page, action = self._site.page, self._site.action
        return [
            Route("/", lambda _request: RedirectResponse("/held", 303)),
            Route("/held", page(self._list, ROLES)),
            Route("/held/{submission_ref:uuid}", page(self._show, ROLES)),
            Route("/held/{submission_ref:uuid}/preview", action(self._preview, ROLES), methods=["POST"]),
            Route("/held/{submission_ref:uuid}/release", action(self._release, ROLES), methods=["POST"]),
            Route("/held/{submission_ref:uuid}/hold", action(self._keep, ROLES), methods=["POST"]),
        ]

    async def _list(self, visit: Visit) -> Response:
        async with self._pool.acquire() as connection:
            held = await store.list_held(connection, MOST_LISTED)
        return visit.render("held-list.html", rows=[pages.row(item) for item in held])

    async def _show(self, visit: Visit) -> Response:
        held, opened = await self._open(visit)
        return _Reviewing(visit, held, opened).page()

    async def _preview(self, visit: Visit) -> Response:
        held, opened = await self._open(visit)
        return _Reviewing(visit, held, opened).page()

    async def _release(self, visit: Visit) -> Response:
        held, opened = await self._open(visit)
        reviewing, reason = _Reviewing(visit, held, opened), visit.form.get("reason", "")
        errors = reviewing.errors() + ([] if reason else [pages.REASON_MISSING])
        if errors:
            return reviewing.page(errors, status=422)
        version = pages.version_in(visit.form)
        try:
            async with begin(self._pool, self._metrics) as work:
                await release_held(
                    work,
                    held,
                    opened,
                    content=reviewing.content,
                    version=version,
                    person=visit.person.id,
                    reason=reason,
                )
        except StaleVersionError:
            return visit.render("stale.html", status_code=409)
        return see_other("/held")

    async def _keep(self, visit: Visit) -> Response:
        held, opened = await self._open(visit)
        reason = visit.form.get("reason", "")
        if not reason:
            return _Reviewing(visit, held, opened).page([pages.REASON_MISSING], status=422)
        try:
            async with begin(self._pool, self._metrics) as work:
                version = pages.version_in(visit.form)
                await keep_held(work, held, version=version, person=visit.person.id, reason=reason)
        except StaleVersionError:
            return visit.render("stale.html", status_code=409)
        return see_other("/held")

    async def _open(self, visit: Visit) -> tuple[store.Held, SealedContent]:
        """Return a held submission in clear, after the opening has been committed to the audit."""
        submission_ref: UUID = visit.request.path_params["submission_ref"]
        async with begin(self._pool) as work:
            held = await open_for_review(work, submission_ref, visit.person.id)
        if held is None:
            raise HTTPException(404)
        return held, self._keys.open(held.submission_ref, held.sealed)


class _Reviewing:
    """One request's view of a held submission: what was found, what the form decides, what would go onward."""

    def __init__(self, visit: Visit, held: store.Held, opened: SealedContent) -> None:
        self._visit, self._held, self._opened = visit, held, opened
        self._proposal = propose(opened)
        self._decisions = pages.decisions_in(visit.form)
        self._decided = as_decided(opened.submission, self._proposal, self._decisions)
        self._fits = True
        self.content = self._with_rewritten_texts()

    def _with_rewritten_texts(self) -> SanitisedContent:
        changed = rewritten(pages.texts_in(self._visit.form), pages.shown_in(self._visit.form))
        try:
            return with_texts(self._decided, changed)
        except ValidationError:
            self._fits = False
            return self._decided

    def _remaining(self) -> tuple[LeftOver, ...]:
        return left_over(self.content, protected_values(self._opened.submission, self._opened.agency))

    def _fields(self) -> list[pages.ReviewField]:
        texts = texts_of(self.content)
        return pages.review_fields(self._opened.submission, self._proposal, texts, self._decisions)

    def errors(self) -> list[dict[str, str]]:
        """Return what keeps the submission from being released."""
        waiting = {finding.key for finding in undecided(self._proposal, self._decisions)}
        marks = [mark for field in self._fields() for mark in field.marks if mark.key in waiting]
        unfit = [] if self._fits else [pages.UNFIT_TEXT]
        left = [pages.left_over_error(item) for item in self._remaining()]
        return [*(pages.undecided_error(mark) for mark in marks), *unfit, *left]

    def page(self, errors: list[dict[str, str]] | None = None, *, status: int = 200) -> Response:
        """Return the page of the review."""
        return self._visit.render(
            "held.html",
            status_code=status,
            errors=errors or [],
            error_of=pages.error_of(errors or []),
            held=self._held,
            state=pages.STATES[self._held.state],
            reason=self._visit.form.get("reason", ""),
            identity=pages.identity_rows(self._opened),
            fields=self._fields(),
            was_read=self._proposal.was_read,
            remaining=self._remaining(),
            reasons=list(dict.fromkeys(pages.explain(code) for code in self._held.reasons)),
        )
