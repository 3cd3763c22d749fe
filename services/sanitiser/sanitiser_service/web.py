"""The source desk's review of held submissions. Each opening is logged before the text leaves (D-S6)."""

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import asyncpg
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from pipeline_shared.contracts import SanitisedContent
from pipeline_shared.submission import SealedContent
from pipeline_shared.ui import Role, Site, Visit, see_other
from pipeline_shared.work import begin
from sanitiser_service import pages, store
from sanitiser_service.domain import StaleVersionError
from sanitiser_service.fields import texts_of, with_texts
from sanitiser_service.profile import protected_values
from sanitiser_service.residual import left_over
from sanitiser_service.sanitising import sanitise
from sanitiser_service.usecases import Keys, keep_held, open_for_review, release_held

ROLES = (Role.SOURCE_DESK_OFFICER, Role.SOURCE_DESK_APPROVER)
MOST_LISTED = 200
TEMPLATES = Path(__file__).parent / "templates"


class Review:
    """The pages and forms of the review."""

    def __init__(self, site: Site, pool: asyncpg.Pool, keys: Keys) -> None:
        self._site = site
        self._pool = pool
        self._keys = keys

    def routes(self) -> list[BaseRoute]:
        """Return the review's routes."""
        page, action = self._site.page, self._site.action
        return [
            Route("/", lambda _request: RedirectResponse("/held", 303)),
            Route("/held", page(self._list, ROLES)),
            Route("/held/{submission_ref:uuid}", page(self._show, ROLES)),
            Route("/held/{submission_ref:uuid}/release", action(self._release, ROLES), methods=["POST"]),
            Route("/held/{submission_ref:uuid}/hold", action(self._keep, ROLES), methods=["POST"]),
        ]

    async def _list(self, visit: Visit) -> Response:
        async with self._pool.acquire() as connection:
            held = await store.list_held(connection, MOST_LISTED)
        return visit.render("held-list.html", rows=[pages.row(item) for item in held])

    async def _show(self, visit: Visit) -> Response:
        held, opened = await self._open(visit)
        return _review_page(visit, held, opened, proposal=_propose(opened))

    async def _release(self, visit: Visit) -> Response:
        held, opened = await self._open(visit)
        reason, edits = visit.form.get("reason", ""), _edits(visit.form)
        try:
            content = with_texts(_propose(opened), edits)
        except ValidationError:
            return _review_page(visit, held, opened, proposal=_propose(opened), errors=[pages.UNFIT_TEXT], status=422)
        remaining = left_over(content, protected_values(opened.submission, opened.agency))
        errors = [pages.left_over_error(item) for item in remaining] + ([] if reason else [pages.REASON_MISSING])
        if errors:
            return _review_page(visit, held, opened, proposal=content, errors=errors, status=422)
        version = pages.version_in(visit.form)
        try:
            async with begin(self._pool) as work:
                await release_held(
                    work, held, opened, content=content, version=version, person=visit.person.id, reason=reason
                )
        except StaleVersionError:
            return visit.render("stale.html", status_code=409)
        return see_other("/held")

    async def _keep(self, visit: Visit) -> Response:
        held, opened = await self._open(visit)
        reason = visit.form.get("reason", "")
        if not reason:
            errors = [pages.REASON_MISSING]
            return _review_page(visit, held, opened, proposal=_propose(opened), errors=errors, status=422)
        try:
            async with begin(self._pool) as work:
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


def _propose(opened: SealedContent) -> SanitisedContent:
    """Return what the software proposes; when it fails, the texts are left for the person to write."""
    try:
        return sanitise(opened.submission, opened.agency).content
    except Exception:  # noqa: BLE001 - the reason for the hold; a person goes on from empty texts
        return pages.emptied(opened.submission)


def _edits(form: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in form.items() if name not in pages.FORM_FIELDS}


def _review_page(
    visit: Visit,
    held: store.Held,
    opened: SealedContent,
    *,
    proposal: SanitisedContent,
    errors: list[dict[str, str]] | None = None,
    status: int = 200,
) -> Response:
    remaining = left_over(proposal, protected_values(opened.submission, opened.agency))
    return visit.render(
        "held.html",
        status_code=status,
        errors=errors or [],
        error_of=pages.error_of(errors or []),
        held=held,
        state=pages.STATES[held.state],
        reason=visit.form.get("reason", ""),
        identity=pages.identity_rows(opened),
        fields=pages.review_fields(opened.submission, texts_of(proposal)),
        remaining=remaining,
        reasons=[pages.explain(code) for code in held.reasons],
    )
