"""The source desk's review of held submissions. Each opening is logged before the text leaves (D-S6)."""

from pathlib import Path
from uuid import UUID

import structlog
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from pipeline_shared.contracts import SanitisedContent
from pipeline_shared.errors import PermanentError
from pipeline_shared.metrics import Metrics
from pipeline_shared.submission import SealedContent
from pipeline_shared.ui import Role, Site, Visit, see_other
from pipeline_shared.ui.site import View
from pipeline_shared.work import Database, begin
from sanitiser_service import pages, store
from sanitiser_service.assessing import Assessor
from sanitiser_service.domain import StaleVersionError
from sanitiser_service.fields import texts_of, with_texts
from sanitiser_service.profile import protected_values
from sanitiser_service.residual import left_over
from sanitiser_service.reviewing import (
    Proposal,
    as_decided,
    contradicting,
    may_stay,
    rewritten,
    undecided,
    words_left,
)
from sanitiser_service.usecases import Keys, keep_held, open_for_review, release_held

ROLES = (Role.SOURCE_DESK_OFFICER, Role.SOURCE_DESK_APPROVER)
MOST_LISTED = 200
TEMPLATES = Path(__file__).parent / "templates"

log = structlog.get_logger()


class Review:
    """The pages and forms of the review."""

    def __init__(self, site: Site, database: Database, keys: Keys, matcher: Assessor, metrics: Metrics) -> None:
        self._site = site
        self._database = database
        self._keys = keys
        self._matcher = matcher
        self._metrics = metrics

    def routes(self) -> list[BaseRoute]:
        """Return the review's routes."""
        page, action = self._site.page, self._site.action
        return [
            Route("/", lambda _request: RedirectResponse("/held", 303)),
            Route("/held", page(self._list, ROLES)),
            Route("/held/{submission_ref:uuid}", page(_told(self._show), ROLES)),
            Route("/held/{submission_ref:uuid}/preview", action(_told(self._preview), ROLES), methods=["POST"]),
            Route("/held/{submission_ref:uuid}/release", action(_told(self._release), ROLES), methods=["POST"]),
            Route("/held/{submission_ref:uuid}/hold", action(_told(self._keep), ROLES), methods=["POST"]),
        ]

    async def _list(self, visit: Visit) -> Response:
        async with self._database.pool.acquire() as connection:
            held = await store.list_held(connection, MOST_LISTED)
        return visit.render("held-list.html", rows=[pages.row(item) for item in held])

    async def _show(self, visit: Visit) -> Response:
        try:
            return (await self._review(visit)).page()
        except StaleVersionError:  # nothing was decided here: what has been released is no longer on this desk
            raise HTTPException(404) from None

    async def _preview(self, visit: Visit) -> Response:
        return (await self._review(visit)).page()

    async def _release(self, visit: Visit) -> Response:
        reviewing, reason = await self._review(visit), visit.form.get("reason", "")
        held, opened = reviewing.held, reviewing.opened
        errors = [*reviewing.errors(), *await self._errors_in_rewritten(reviewing)]
        errors += [] if reason else [pages.REASON_MISSING]
        if errors:
            return reviewing.page(errors, status=422)
        version, person = pages.version_in(visit.form), visit.person.id
        async with begin(self._database, self._metrics) as work:
            await release_held(
                work,
                held,
                opened,
                content=reviewing.content,
                version=version,
                person=person,
                reason=reason,
                left=reviewing.left,
            )
        return see_other("/held")

    async def _keep(self, visit: Visit) -> Response:
        reviewing, reason = await self._review(visit), visit.form.get("reason", "")
        held = reviewing.held
        if not reason:
            return reviewing.page([pages.REASON_MISSING], status=422)
        async with begin(self._database, self._metrics) as work:
            version = pages.version_in(visit.form)
            await keep_held(work, held, version=version, person=visit.person.id, reason=reason)
        return see_other("/held")

    async def _review(self, visit: Visit) -> "_Reviewing":
        held, opened = await self._open(visit)
        return _Reviewing(visit, held, opened, await self._matcher.propose(opened))

    async def _errors_in_rewritten(self, reviewing: "_Reviewing") -> list[dict[str, str]]:
        """Return what the matcher finds in texts written anew: a person may know a nickname that they type, too."""
        if not reviewing.changed:
            return []
        found = await self._matcher.check_again(reviewing.opened, reviewing.changed, reviewing.words_left)
        return [pages.UNCHECKED_TEXT] if found is None else [pages.found_again_error(said) for said in found]

    async def _open(self, visit: Visit) -> tuple[store.Held, SealedContent]:
        """Return a held submission in clear, after the opening has been committed to the audit.

        Raises StaleVersionError when it has been released, and PermanentError when no key here opens it.
        """
        submission_ref: UUID = visit.request.path_params["submission_ref"]
        async with begin(self._database) as work:
            held = await open_for_review(work, submission_ref, visit.person.id)
        if held is None:
            raise HTTPException(404)
        return held, self._keys.open(held.submission_ref, held.sealed)


def _told(view: View) -> View:
    """Return a view that says why there is nothing to review or decide, and keeps what was typed."""

    async def told(visit: Visit) -> Response:
        try:
            return await view(visit)
        except StaleVersionError:
            return visit.render("stale.html", status_code=409, typed=pages.typed_in(visit.form))
        except PermanentError as error:  # its key has gone or its form is not known: nobody can decide on it now
            log.error("held_not_opened", id=str(visit.request.path_params["submission_ref"]), error=error.code)
            return visit.render("unopened.html", status_code=409, typed=pages.typed_in(visit.form))

    return told


class _Reviewing:
    """One request's view of a held submission: what was found, what the form decides, what would go onward."""

    def __init__(self, visit: Visit, held: store.Held, opened: SealedContent, proposal: Proposal) -> None:
        self.held, self.opened = held, opened
        self._visit, self._proposal = visit, proposal
        self._decisions = pages.decisions_in(visit.form)
        self._decided = as_decided(opened.submission, proposal, self._decisions)
        self.changed = rewritten(pages.texts_in(visit.form), pages.shown_in(visit.form))
        self._fits = True
        self.content = self._with_rewritten_texts()

    def _with_rewritten_texts(self) -> SanitisedContent:
        try:
            return with_texts(self._decided, self.changed)
        except ValidationError:
            self._fits = False
            return self._decided

    @property
    def words_left(self) -> frozenset[str]:
        """Return the words that the form decides to leave."""
        return words_left(self.opened.submission, self._proposal, self._decisions)

    def _remaining(self) -> list[pages.Remaining]:
        submission, stays = self.opened.submission, pages.staying_in(self._visit.form)
        return [
            pages.Remaining(item, pages.remaining_label(item), may, may and item.code in stays)
            for item in left_over(self.content, protected_values(submission, self.opened.agency))
            for may in (may_stay(item, submission, self._proposal, self._decisions),)
        ]

    @property
    def left(self) -> list[str]:
        """Return the codes of what the form leaves although the check on the output found it."""
        return [one.item.code for one in self._remaining() if one.stays]

    def _fields(self) -> list[pages.ReviewField]:
        decided, texts = texts_of(self._decided), texts_of(self.content)
        submission, decisions = self.opened.submission, self._decisions
        return pages.review_fields(submission, self._proposal, decisions, decided=decided, texts=texts)

    def errors(self) -> list[dict[str, str]]:
        """Return what keeps the submission from being released."""
        waiting = {finding.key for finding in undecided(self._proposal, self._decisions)}
        marks = [mark for field in self._fields() for mark in field.marks if mark.key in waiting]
        unfit = [] if self._fits else [pages.UNFIT_TEXT]
        said = contradicting(self.opened.submission, self._proposal, self._decisions, self.changed)
        return [
            *map(pages.undecided_error, marks),
            *unfit,
            *(pages.left_over_error(one.item) for one in self._remaining() if not one.stays),
            *map(pages.contradiction_error, said),
        ]

    def page(self, errors: list[dict[str, str]] | None = None, *, status: int = 200) -> Response:
        """Return the page of the review."""
        return self._visit.render(
            "held.html",
            status_code=status,
            errors=errors or [],
            error_of=pages.error_of(errors or []),
            held=self.held,
            version=self._visit.form.get("version", self.held.version),  # what was decided since stays seen as since
            state=pages.STATES[self.held.state],
            reason=self._visit.form.get("reason", ""),
            identity=pages.identity_rows(self.opened),
            onward=pages.onward_rows(self.opened.submission),
            fields=self._fields(),
            was_read=self._proposal.was_read,
            remaining=self._remaining(),
            reasons=list(dict.fromkeys(pages.explain(code) for code in self.held.reasons)),
        )
